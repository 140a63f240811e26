-- What advancing came to. Every statement guards what it expects; the caller compares the number of rows.

-- name: insert_enrolments
INSERT INTO enrolments (
    account_id, id, deal_id, playbook, revision, number, enrolled_at, loss, next_at, steps, body, end_name, ended_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: update_enrolments
UPDATE enrolments
SET revision = ?, next_at = ?, steps = ?, body = ?, end_name = ?, ended_at = ?
WHERE account_id = ? AND id = ? AND steps = ?;

-- name: insert_history
INSERT INTO history (account_id, enrolment_id, number, at, "trigger", reads, did) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: insert_actions
INSERT INTO actions (
    account_id, id, enrolment_id, deal_id, playbook, name, track, entry, kind, facing, status, due_at, handed_at,
    deadline, priority, assignee, contact_id, touch_key, touch_at, title, text, remarks, closed_at, outcome, reason, held
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: mark_events_handled
UPDATE events SET pending = 0, handled_at = ? WHERE id = ? AND pending = 1;

-- name: mark_events_late
UPDATE events SET pending = 3, handled_at = ?, note = ? WHERE id = ? AND pending = 1;

-- name: update_deals
UPDATE deals
SET status = ?, owner = ?, team = ?, lost_at = ?, fields = ?, contacts = ?, excused = ?, asked = ?, answers = ?
WHERE account_id = ? AND id = ?;

-- name: update_contacts
UPDATE contacts SET fields = ?, consent = ? WHERE account_id = ? AND id = ?;

-- name: update_accounts
UPDATE accounts SET fields = ? WHERE id = ?;

-- name: insert_suppressions
INSERT INTO suppressions (account_id, scope, contact_id, channel, since, until, because) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: examine_deals
-- 0 is always due.
UPDATE deals SET examine_at = 0 WHERE account_id = ? AND id = ?;

-- name: forget_failures
UPDATE accounts SET failures = 0, set_aside = '', error = '' WHERE id = ?;
