-- Which deals to look at for enrolment, and what they have behind them.

-- name: deals_to_examine
SELECT deals.account_id, deals.id
FROM deals
CROSS JOIN accounts ON accounts.id = deals.account_id
WHERE deals.examine_at <= :now AND accounts.set_aside = ''
ORDER BY deals.examine_at
LIMIT :limit;

-- name: set_examined
UPDATE deals SET examine_at = ? WHERE account_id = ? AND id = ?;

-- name: forget_asked
UPDATE deals SET asked = '[]' WHERE account_id = ? AND id = ?;

-- name: examine_all
UPDATE deals SET examine_at = 0
WHERE (:status IS NULL OR status = :status) AND (examine_at IS NULL OR examine_at > 0);

-- name: past_enrolments
-- Whether customers were faced is a property of the revision, so it is kept there, once.
SELECT e.id, e.account_id, e.deal_id, e.playbook, e.number, e.enrolled_at, e.end_name, e.ended_at, e.loss,
       coalesce(r.facing, 1)
FROM enrolments AS e
LEFT JOIN revisions AS r ON r.hash = e.revision
WHERE e.account_id IN (SELECT value FROM json_each(?))
ORDER BY e.account_id, e.deal_id, e.playbook, e.number;

-- name: enrolments_since
SELECT enrolled_at FROM enrolments WHERE playbook = ? AND enrolled_at > ? ORDER BY enrolled_at;
