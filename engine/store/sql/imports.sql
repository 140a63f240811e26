-- What an import looks up and writes.

-- name: read_known_deals
SELECT id, account_id, fingerprint, modified_at, status, owner FROM deals WHERE id IN (SELECT value FROM json_each(?));

-- name: read_enrolled_deals
SELECT DISTINCT deal_id FROM enrolments WHERE account_id IN (SELECT value FROM json_each(?)) AND end_name = '';

-- name: read_deal_accounts
SELECT id, account_id FROM deals WHERE id IN (SELECT value FROM json_each(?));

-- name: read_contact_accounts
SELECT id, account_id FROM contacts WHERE id IN (SELECT value FROM json_each(?));

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

-- name: put_fingerprints
UPDATE deals SET fingerprint = ?, modified_at = ?, import_id = ? WHERE id = ?;

-- name: mark_seen
UPDATE deals SET import_id = ? WHERE id IN (SELECT value FROM json_each(?));

-- name: read_not_seen
SELECT id FROM deals
WHERE import_id <> :import AND import_id IN (SELECT id FROM imports WHERE source = :source)
ORDER BY id;

-- name: insert_import
INSERT INTO imports (at, source, file, hash, newest_modified, rows, accepted, unchanged, rejected, findings, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: read_next_import_id
SELECT coalesce(max(id), 0) + 1 FROM imports;

-- name: complete_import
UPDATE imports
SET at = ?, source = ?, file = ?, hash = ?, newest_modified = ?, rows = ?, accepted = ?, unchanged = ?, rejected = ?,
    findings = ?
WHERE id = ?;

-- name: read_last_import
SELECT at, source, file, hash, newest_modified, rows, accepted, unchanged, rejected, findings, id
FROM imports
WHERE :source IS NULL OR source = :source
ORDER BY id DESC
LIMIT 1;

-- name: record_touches
INSERT INTO touches_recorded (account_id, touch_key, at, kind) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING;
