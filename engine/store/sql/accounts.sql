-- What a tick claims and loads. Lists of ids come as one JSON array.

-- name: due_accounts
-- The first page. Both halves read a partial index only, so that the cost is that of what is due.
SELECT due.account_id
FROM (
    SELECT account_id FROM enrolments WHERE next_at <= :now
    UNION
    SELECT account_id FROM events WHERE pending = 1 AND recorded_at <= :now
) AS due
JOIN accounts ON accounts.id = due.account_id
WHERE accounts.set_aside = ''
ORDER BY due.account_id
LIMIT :limit;

-- name: prepare_due_pages
CREATE TEMP TABLE IF NOT EXISTS due_page (account_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;

-- name: prepare_due_pass
CREATE TEMP TABLE IF NOT EXISTS due_pass (mark INTEGER NOT NULL);

-- name: clear_due_pages
DELETE FROM temp.due_page;

-- name: clear_due_pass
DELETE FROM temp.due_pass;

-- name: mark_due_pass
INSERT INTO temp.due_pass (mark) VALUES (?);

-- name: read_due_pass
-- A rollback takes the pages back, and the mark with them.
SELECT mark FROM temp.due_pass;

-- name: fill_due_by_timer
-- Many pages: the set is taken once, not once per page. One UNION would read all enrolments in the order of accounts.
INSERT INTO temp.due_page (account_id)
SELECT account_id FROM enrolments WHERE next_at <= :now
ON CONFLICT DO NOTHING;

-- name: fill_due_by_event
INSERT INTO temp.due_page (account_id)
SELECT account_id FROM events WHERE pending = 1 AND recorded_at <= :now
ON CONFLICT DO NOTHING;

-- name: next_due_page
SELECT page.account_id
FROM temp.due_page AS page
CROSS JOIN accounts ON accounts.id = page.account_id
WHERE page.account_id > :after AND accounts.set_aside = ''
ORDER BY page.account_id
LIMIT :limit;

-- name: enrolled_accounts
SELECT DISTINCT e.account_id
FROM enrolments AS e
JOIN accounts ON accounts.id = e.account_id
WHERE e.end_name = '' AND e.account_id > :after AND accounts.set_aside = ''
ORDER BY e.account_id
LIMIT :limit;

-- name: load_accounts
SELECT id, name, fields, failures FROM accounts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id;

-- name: load_enrolments
SELECT account_id, id, deal_id, playbook, revision, number, enrolled_at, steps, body
FROM enrolments
WHERE account_id IN (SELECT value FROM json_each(?)) AND end_name = ''
ORDER BY account_id, id;

-- name: load_pending_events
SELECT id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, fields
FROM events
WHERE account_id IN (SELECT value FROM json_each(:accounts)) AND pending = 1 AND recorded_at <= :now
ORDER BY recorded_at, id;

-- name: load_handled_events
-- One that nothing took has happened all the same and counts; one that was taken back does not.
SELECT id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, fields
FROM events
WHERE account_id IN (SELECT value FROM json_each(:accounts)) AND pending IN (0, 3)
ORDER BY recorded_at, id;

-- name: load_closings
-- What the engine itself closed is an event too, but has no row of its own. What a person skipped has one.
SELECT a.account_id, a.name || '.' || a.status, a.closed_at, a.deal_id, a.enrolment_id
FROM actions AS a
WHERE a.account_id IN (SELECT value FROM json_each(:accounts))
  AND a.status IN ('expired', 'suppressed', 'missed', 'skipped')
  AND NOT EXISTS (
      SELECT 1 FROM events AS e
      WHERE e.account_id = a.account_id AND e.name = a.name || '.' || a.status AND e.action_id = a.id
  );

-- name: load_deals
SELECT account_id, id, fields, contacts, excused, asked, answers
FROM deals
WHERE id IN (SELECT value FROM json_each(?))
ORDER BY id;

-- name: load_contacts
SELECT account_id, id, fields, consent
FROM contacts
WHERE id IN (SELECT value FROM json_each(?))
ORDER BY id;

-- name: load_suppressions
SELECT account_id, scope, contact_id, channel, since, until, because
FROM suppressions
WHERE account_id IN (SELECT value FROM json_each(?))
ORDER BY account_id, since;

-- name: load_touches
SELECT account_id, touch_key, touch_at, kind, id
FROM actions
WHERE account_id IN (SELECT value FROM json_each(:accounts))
  AND facing = 1 AND status IN ('due', 'done') AND touch_at >= :since
UNION ALL
SELECT account_id, touch_key, at, kind, ''
FROM touches_recorded
WHERE account_id IN (SELECT value FROM json_each(:accounts)) AND at >= :since
ORDER BY 1, 3, 5;

-- name: fail_account
UPDATE accounts
SET failures = CASE WHEN :final THEN max(failures + 1, 3) ELSE failures + 1 END,
    error = :error,
    set_aside = CASE WHEN :final OR failures + 1 >= 3 THEN :error ELSE '' END
WHERE id = :account;

-- name: read_failures
SELECT failures FROM accounts WHERE id = ?;

-- name: retry_account
UPDATE accounts SET failures = 0, set_aside = '', error = '' WHERE id = ? AND failures > 0;

-- name: read_failed_accounts
-- Without an order, so that SQLite takes the small index: each tick asks.
SELECT id, name, failures, error, set_aside <> '' FROM accounts WHERE failures > 0;
