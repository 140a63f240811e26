-- What a person's command has to look up, and the excuse, which is no event.

-- name: excuse_deal
UPDATE deals SET excused = :because, examine_at = :examine_at WHERE id = :deal;

-- name: read_contacts_by_prefix
SELECT account_id, id, fields, consent FROM contacts
WHERE id >= :first AND id < :beyond ORDER BY id LIMIT 5;

-- name: read_accounts_by_prefix
SELECT id, name FROM accounts WHERE id >= :first AND id < :beyond ORDER BY id LIMIT 5;

-- name: read_accounts_by_name
-- LIKE ignores the case of ASCII letters alone: `école` does not find `École`.
SELECT id, coalesce(name, '') FROM accounts
WHERE name LIKE :pattern ESCAPE '!' ORDER BY length(name), name, id LIMIT 6;

-- name: read_last_recorded
-- What no playbook hears of (a link to a lost deal) moves no sandbox's time.
SELECT max(recorded_at) FROM events WHERE name <> 'linked';

-- name: read_events_of_deal
-- Also those of its contacts and its account, whatever deal they came with: they may have moved it.
SELECT id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, fields,
       pending, note
FROM events
WHERE account_id = :account AND (deal_id = :deal OR deal_id = '' OR contact_id <> '') AND name <> 'imported'
ORDER BY recorded_at, id;

-- name: count_not_followed
-- A loss counts as followed when an enrolment, open or ended, began for it; not if that ended because the CRM said that
-- the deal was not lost, and now says that it is.
SELECT count(*), count(d.examine_at)
FROM deals AS d
WHERE d.status = 'lost' AND d.excused = ''
  AND NOT EXISTS (
      SELECT 1 FROM enrolments AS e
      WHERE e.account_id = d.account_id AND e.deal_id = d.id AND e.loss = d.lost_at
        AND e.end_name NOT IN ('won', 'reopened', 'deleted')
  );

-- name: count_overdue_actions
SELECT assignee, count(*), sum(deadline < :now) FROM actions WHERE status = 'due' GROUP BY assignee ORDER BY assignee;

-- name: read_next_due
-- The partial index of timers; what an account that is set aside waits for does not count.
SELECT e.next_at FROM enrolments AS e JOIN accounts AS a ON a.id = e.account_id
WHERE e.next_at IS NOT NULL AND a.set_aside = '' ORDER BY e.next_at LIMIT 1;
