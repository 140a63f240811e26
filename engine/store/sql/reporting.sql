-- For reports: everything of a page of accounts, given as its first and last id. Each reads a range of the primary key
-- (events: of their index), so a report costs one pass over the tables and the memory of one page.

-- name: report_page
SELECT id, name, fields FROM accounts WHERE id > :after ORDER BY id LIMIT :limit;

-- name: report_deals
SELECT account_id, id, fields, contacts, excused, answers
FROM deals
WHERE account_id >= :first AND account_id <= :last
  AND (:statuses = '' OR instr(:statuses, ' ' || status || ' ') > 0)
ORDER BY account_id, id;

-- name: report_contacts
SELECT account_id, id, fields, consent
FROM contacts WHERE account_id >= :first AND account_id <= :last
ORDER BY account_id, id;

-- name: report_actions
SELECT account_id, id, deal_id, enrolment_id, playbook, name, kind, facing, status, due_at, closed_at, contact_id,
       outcome
FROM actions WHERE account_id >= :first AND account_id <= :last
ORDER BY account_id, id;

-- name: report_enrolments
SELECT e.account_id, e.deal_id, e.playbook, coalesce(r.facing, 0), e.enrolled_at, e.loss, e.end_name, e.ended_at
FROM enrolments AS e LEFT JOIN revisions AS r ON r.hash = e.revision
WHERE e.account_id >= :first AND e.account_id <= :last
ORDER BY e.account_id, e.enrolled_at, e.number, e.id;

-- name: report_events
-- What was taken back never happened; what a tick has not handled yet has.
SELECT id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, fields
FROM events
WHERE account_id >= :first AND account_id <= :last AND pending <> 2
ORDER BY recorded_at, id;

-- name: report_touches
SELECT account_id, touch_key, at, kind
FROM touches_recorded WHERE account_id >= :first AND account_id <= :last
ORDER BY account_id, at;

-- name: report_activities
SELECT account_id, deal_id, contact_id, at, direction, channel, who, minutes
FROM activities WHERE account_id >= :first AND account_id <= :last
ORDER BY account_id, at, key;
