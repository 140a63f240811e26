-- Recording, taking back and looking up events.

-- name: read_missing_accounts
-- What belongs to no account would never become due.
SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = value) LIMIT 5;

-- name: read_last_event_id
SELECT coalesce(max(id), 0) FROM events;

-- name: read_known_keys
SELECT key FROM events WHERE key IN (SELECT value FROM json_each(?));

-- name: insert_events
INSERT INTO events (
    id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, key, fields,
    pending, handled_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: withdraw_event
-- A person may say the same again, so that key is given up; an import that brings it again must not.
UPDATE events SET pending = 2, note = ?, key = CASE WHEN by_whom = '' THEN key END WHERE id = ? AND pending = 1;

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
