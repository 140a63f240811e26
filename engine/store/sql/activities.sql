-- What passed between us and customers, and whom we may contact.

-- name: read_known_activities
SELECT key FROM activities WHERE key IN (SELECT value FROM json_each(?));

-- name: insert_activities
INSERT INTO activities (account_id, key, deal_id, contact_id, at, direction, channel, who, minutes, subject)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- name: move_activities_of_deals
UPDATE activities SET account_id = ? WHERE account_id = ? AND deal_id = ?;

-- name: move_activities
UPDATE activities SET account_id = ? WHERE account_id = ?;

-- name: read_activities
-- What people recorded by hand has a row as an event only, so that it can be taken back.
SELECT account_id, key, deal_id, contact_id, at, direction, channel, who, minutes, subject
FROM activities
WHERE at >= :start AND at < :end
UNION ALL
SELECT account_id, 'event ' || id, deal_id, contact_id, coalesce(occurred_at, recorded_at),
       CASE name WHEN 'command.touch' THEN 'outbound' ELSE 'inbound' END,
       coalesce(json_extract(fields, '$.channel'), ''), by_whom, json_extract(fields, '$.minutes'),
       coalesce(json_extract(fields, '$.note'), '')
FROM events
WHERE by_whom <> '' AND pending <> 2 AND name IN (SELECT value FROM json_each(:names))
  AND coalesce(occurred_at, recorded_at) >= :start AND coalesce(occurred_at, recorded_at) < :end
ORDER BY 1, 5, 2;

-- name: find_contacts_by_id
SELECT id, account_id FROM contacts WHERE id IN (SELECT value FROM json_each(?));

-- name: find_contacts_by_email
-- Reads all contacts: asked once per batch of an import, for what is no id.
SELECT lower(coalesce(json_extract(fields, '$.email'), id)) AS email, account_id, id
FROM contacts
WHERE lower(coalesce(json_extract(fields, '$.email'), id)) IN (SELECT lower(value) FROM json_each(?))
ORDER BY account_id, id;

-- name: read_contact_names
SELECT id, json_extract(fields, '$.email') FROM contacts ORDER BY id LIMIT ?;

-- name: read_deals_of_account
SELECT id FROM deals WHERE account_id = ? ORDER BY id;

-- name: read_deals_of_contact
SELECT id FROM deals
WHERE account_id = ? AND EXISTS (SELECT 1 FROM json_each(contacts) WHERE json_extract(value, '$[0]') = ?)
ORDER BY id;

-- name: read_suppressions
SELECT s.account_id, coalesce(a.name, ''), s.scope, s.contact_id, s.channel, s.since, s.until, s.because
FROM suppressions AS s
LEFT JOIN accounts AS a ON a.id = s.account_id
WHERE s.since <= :at AND (s.until IS NULL OR s.until > :at)
ORDER BY s.since DESC, s.account_id, s.contact_id, s.channel;

-- name: lift_suppressions
UPDATE suppressions SET until = ?
WHERE account_id = ? AND scope = ? AND contact_id = ? AND channel = ? AND since = ? AND (until IS NULL OR until > ?);

-- name: read_pending_orders
SELECT id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, fields,
       pending, note
FROM events
WHERE pending = 1 AND name IN (SELECT value FROM json_each(?))
ORDER BY recorded_at, id;
