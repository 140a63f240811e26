-- What an import looks up and writes.

-- name: read_known_deals
SELECT id, account_id, fingerprint, modified_at, status, owner, lost_at, contacts FROM deals
WHERE id IN (SELECT value FROM json_each(?));

-- name: read_fingerprints
SELECT id, fingerprint FROM deals WHERE id IN (SELECT value FROM json_each(?));

-- name: read_enrolled_deals
SELECT DISTINCT deal_id FROM enrolments WHERE account_id IN (SELECT value FROM json_each(?)) AND end_name = '';

-- name: read_deal_accounts
SELECT id, account_id FROM deals WHERE id IN (SELECT value FROM json_each(?));

-- name: read_contact_accounts
SELECT id, account_id FROM contacts WHERE id IN (SELECT value FROM json_each(?));

-- name: read_contacts_of_accounts
SELECT account_id, id, fields, consent FROM contacts WHERE account_id IN (SELECT value FROM json_each(?))
ORDER BY account_id, id;

-- name: read_readdressed_contacts
-- Reads all contacts: asked once per import, if it has a contact without an id that is not here yet.
SELECT account_id, id, fields FROM contacts
WHERE json_extract(fields, '$.email') IS NOT NULL AND lower(json_extract(fields, '$.email')) <> lower(id);

-- name: upsert_accounts
-- Laid over what is here: what playbooks wrote stays, unless the export has a column of that name.
INSERT INTO accounts (id, name, fields) VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    name = CASE WHEN excluded.name <> '' THEN excluded.name ELSE name END,
    fields = json_patch(fields, excluded.fields);

-- name: upsert_contacts
INSERT INTO contacts (account_id, id, fields, consent) VALUES (?, ?, ?, ?)
ON CONFLICT (account_id, id) DO UPDATE SET
    fields = json_patch(fields, excluded.fields),
    consent = json_patch(consent, excluded.consent);

-- name: upsert_deals
INSERT INTO deals (
    account_id, id, status, owner, team, lost_at, modified_at, fields, contacts, fingerprint, import_id, examine_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, '[]'), ?, ?, ?)
ON CONFLICT (account_id, id) DO UPDATE SET
    status = coalesce(json_extract(json_patch(fields, excluded.fields), '$.status'), 'open'),
    owner = coalesce(json_extract(json_patch(fields, excluded.fields), '$.owner'), ''),
    team = coalesce(json_extract(json_patch(fields, excluded.fields), '$.team'), ''),
    lost_at = coalesce(json_extract(json_patch(fields, excluded.fields), '$.lost_at'), ''),
    modified_at = excluded.modified_at,
    fields = json_patch(fields, excluded.fields),
    contacts = coalesce(?9, contacts),
    fingerprint = excluded.fingerprint,
    import_id = excluded.import_id,
    examine_at = coalesce(excluded.examine_at, examine_at);

-- name: read_movable_deals
-- What a playbook followed has its history in its account, and what was drawn its draw.
SELECT id, account_id FROM deals
WHERE id IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (
    SELECT 1 FROM enrolments WHERE enrolments.account_id = deals.account_id AND enrolments.deal_id = deals.id
  )
  AND NOT EXISTS (SELECT 1 FROM draws WHERE draws.account_id = deals.account_id AND draws.deal_id = deals.id);

-- name: move_deals
UPDATE deals SET account_id = ? WHERE account_id = ? AND id = ?;

-- name: move_events_of_deals
UPDATE events SET account_id = ? WHERE account_id = ? AND deal_id = ?;

-- name: read_emptied_accounts
-- Those of which nothing is known but the deals that they had.
SELECT id FROM accounts
WHERE id IN (SELECT value FROM json_each(?)) AND name = '' AND fields = '{}'
  AND NOT EXISTS (SELECT 1 FROM deals WHERE deals.account_id = accounts.id);

-- name: unlink_contacts
UPDATE deals SET contacts = '[]' WHERE account_id = ? AND id = ?;

-- name: move_contacts
UPDATE contacts SET account_id = ? WHERE account_id = ?;

-- name: move_events
UPDATE events SET account_id = ? WHERE account_id = ?;

-- name: move_suppressions
UPDATE suppressions SET account_id = ? WHERE account_id = ?;

-- name: move_touches
UPDATE OR REPLACE touches_recorded SET account_id = ? WHERE account_id = ?;

-- name: remove_accounts
DELETE FROM accounts WHERE id = ?;

-- name: put_fingerprints
UPDATE deals SET fingerprint = ?, modified_at = ?, import_id = ? WHERE id = ?;

-- name: mark_seen
UPDATE deals SET import_id = ? WHERE id IN (SELECT value FROM json_each(?));

-- name: read_not_seen
SELECT id FROM deals
WHERE import_id <> :import AND import_id IN (SELECT id FROM imports WHERE source = :source)
ORDER BY id;

-- name: insert_import
INSERT INTO imports (at, source, file, hash, newest_modified, rows, accepted, unchanged, rejected, findings, whole, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: read_next_import_id
SELECT coalesce(max(id), 0) + 1 FROM imports;

-- name: complete_import
UPDATE imports
SET at = ?, source = ?, file = ?, hash = ?, newest_modified = ?, rows = ?, accepted = ?, unchanged = ?, rejected = ?,
    findings = ?, whole = ?
WHERE id = ?;

-- name: read_last_import
SELECT at, source, file, hash, newest_modified, rows, accepted, unchanged, rejected, findings, whole, id
FROM imports
WHERE :source IS NULL OR source = :source
ORDER BY id DESC
LIMIT 1;

-- name: record_touches
INSERT INTO touches_recorded (account_id, touch_key, at, kind) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING;
