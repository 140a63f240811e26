-- Lists for people. The columns of listed_actions are the fields of ActionRow, in its order.

-- name: read_open_actions
-- Reads the partial index of what is due, so it costs what is open and not what ever was.
SELECT * FROM listed_actions
WHERE status = 'due'
  AND (:assignee IS NULL OR assignee = :assignee)
  AND (:team IS NULL OR team = :team)
  AND (:deal IS NULL OR deal_id = :deal)
ORDER BY priority DESC, due_at, account_id, id;

-- name: read_open_actions_by_prefix
SELECT * FROM listed_actions
WHERE status = 'due' AND id >= :first AND id < :beyond
ORDER BY id
LIMIT 5;

-- name: read_actions_by_prefix
-- Reads all actions: only asked when no open one fits.
SELECT * FROM listed_actions
WHERE id >= :first AND id < :beyond
ORDER BY id
LIMIT 5;

-- name: read_actions_due_between
SELECT * FROM listed_actions
WHERE status IN ('planned', 'due') AND due_at >= :start AND due_at < :end
  AND (:assignee IS NULL OR assignee = :assignee)
ORDER BY due_at, account_id, id;

-- name: read_actions_of_enrolment
SELECT * FROM listed_actions
WHERE account_id = :account AND enrolment_id = :enrolment
ORDER BY entry, name, id;

-- name: read_enrolments_by_prefix
SELECT account_id, id, deal_id, playbook, revision, number, enrolled_at, steps, body, end_name, ended_at
FROM enrolments WHERE id >= :first AND id < :beyond ORDER BY id LIMIT 5;

-- name: read_enrolments_of_deal
SELECT account_id, id, deal_id, playbook, revision, number, enrolled_at, steps, body, end_name, ended_at
FROM enrolments
WHERE account_id = (SELECT account_id FROM deals WHERE id = :deal) AND deal_id = :deal
ORDER BY enrolled_at, number, id;

-- name: read_history
SELECT account_id, enrolment_id, number, at, "trigger", reads, did
FROM history WHERE account_id = ? AND enrolment_id = ? ORDER BY number;

-- name: read_deals_by_prefix
SELECT d.account_id, d.id, d.fields, d.contacts, d.excused, coalesce(c.name, ''), d.modified_at, d.examine_at,
       d.import_id
FROM deals AS d LEFT JOIN accounts AS c ON c.id = d.account_id
WHERE d.id >= :first AND d.id < :beyond ORDER BY d.id LIMIT 5;

-- name: read_deals
SELECT d.account_id, d.id, d.fields, d.contacts, d.excused, coalesce(c.name, ''), d.modified_at, d.examine_at,
       d.import_id
FROM deals AS d LEFT JOIN accounts AS c ON c.id = d.account_id
WHERE d.id > :after
  AND (:status IS NULL OR d.status = :status)
  AND (:owner IS NULL OR d.owner = :owner)
  AND (:team IS NULL OR d.team = :team OR (d.team = '' AND d.owner IN (SELECT value FROM json_each(:members))))
  AND (:account IS NULL OR d.account_id = :account)
ORDER BY d.id
LIMIT :limit;

-- name: count_deals
SELECT status, count(*) FROM deals GROUP BY status ORDER BY status;

-- name: count_open_enrolments
SELECT playbook, count(*) FROM enrolments WHERE end_name = '' GROUP BY playbook ORDER BY playbook;

-- name: count_states
-- A position is [track, state, …] in the body.
SELECT e.playbook, json_extract(p.value, '$[0]'), json_extract(p.value, '$[1]'), count(*)
FROM enrolments AS e, json_each(e.body, '$.positions') AS p
WHERE e.end_name = ''
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;

-- name: count_ends
SELECT playbook, end_name, count(*) FROM enrolments WHERE end_name <> '' GROUP BY 1, 2 ORDER BY 1, 2;

-- name: count_due_actions
SELECT assignee, count(*) FROM actions WHERE status = 'due' GROUP BY assignee ORDER BY assignee;

-- name: count_waiting
SELECT
    (SELECT count(*) FROM events WHERE pending = 1),
    (SELECT count(*) FROM deals WHERE examine_at IS NOT NULL),
    (SELECT count(*) FROM events WHERE pending = 3);
