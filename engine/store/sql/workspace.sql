-- Settings, ticks, workspace files and revisions.

-- name: read_meta
SELECT value FROM meta WHERE key = ?;

-- name: put_meta
INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: read_last_tick
SELECT id, started_at, now, finished_at, counts FROM ticks ORDER BY id DESC LIMIT 1;

-- name: read_ticks_since
SELECT id, started_at, now, finished_at, counts FROM ticks WHERE now >= ? ORDER BY id;

-- name: begin_tick
INSERT INTO ticks (id, started_at, now)
VALUES ((SELECT coalesce(max(id), 0) + 1 FROM ticks), :started_at, :now);

-- name: finish_tick
UPDATE ticks SET finished_at = ?, counts = ? WHERE id = ? AND finished_at IS NULL;

-- name: read_sources
SELECT path, hash, content, good FROM sources ORDER BY path;

-- name: put_good_sources
INSERT INTO sources (path, hash, content, good) VALUES (?, ?, ?, 1)
ON CONFLICT (path) DO UPDATE SET hash = excluded.hash, content = excluded.content, good = 1;

-- name: put_broken_sources
-- The last good content stays; a file that never was good has none.
INSERT INTO sources (path, hash, content, good) VALUES (?, ?, 'null', 0)
ON CONFLICT (path) DO UPDATE SET hash = excluded.hash, good = 0;

-- name: forget_sources
DELETE FROM sources WHERE path = ?;

-- name: read_revision
SELECT hash, playbook, content, created_at, facing FROM revisions WHERE hash = ?;

-- name: put_revision
-- The hash is of the content: what is known cannot differ.
INSERT INTO revisions (hash, playbook, content, created_at, facing) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (hash) DO NOTHING;

-- name: count_revisions_in_use
SELECT revision, count(*) FROM enrolments WHERE end_name = '' GROUP BY revision ORDER BY revision;
