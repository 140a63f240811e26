-- Recording, taking back and looking up events.

-- name: read_last_event_id
SELECT coalesce(max(id), 0) FROM events;

-- name: read_known_keys
SELECT key FROM events WHERE key IN (SELECT value FROM json_each(?));

-- name: insert_events
INSERT INTO events (
    id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, key, fields
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: withdraw_event
-- The key is given up, so that the same thing can be recorded again.
UPDATE events SET pending = 2, note = ?, key = NULL WHERE id = ? AND pending = 1;

-- name: read_last_command
SELECT id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, fields,
       pending, note
FROM events
WHERE account_id = (SELECT account_id FROM deals WHERE id = :deal)
  AND deal_id = :deal AND by_whom <> '' AND pending <> 2
ORDER BY id DESC
LIMIT 1;

-- name: read_pending_events
SELECT id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, fields,
       pending, note
FROM events
WHERE account_id = (SELECT account_id FROM deals WHERE id = :deal) AND deal_id = :deal AND pending = 1
ORDER BY recorded_at, id;
