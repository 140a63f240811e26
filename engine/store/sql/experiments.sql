-- Experiments: what people ordered, who was drawn, and what a comparison reads.

-- name: read_experiment_orders
SELECT experiment, at, what, phase, content, arm, by_whom FROM experiment_orders ORDER BY id;

-- name: insert_experiment_order
INSERT INTO experiment_orders (experiment, at, what, phase, content, arm, by_whom) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: take_position
-- One statement: it locks its row until the transaction of the draw ends, so that no other process gets the same.
INSERT INTO draw_positions (experiment, phase, team, next) VALUES (?, ?, ?, 1)
ON CONFLICT (experiment, phase, team) DO UPDATE SET next = next + 1;

-- name: read_position
SELECT next - 1 FROM draw_positions WHERE experiment = ? AND phase = ? AND team = ?;

-- name: insert_draws
INSERT INTO draws (
    experiment, phase, unit, account_id, deal_id, team, arm, probability, weights, drawn_at, locked_until, revision,
    playbook, holdout, first, position, block, place, snapshot, contacts, rivals
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: read_draws
SELECT experiment, phase, unit, account_id, deal_id, team, arm, probability, weights, drawn_at, locked_until, revision,
       playbook, holdout, first, position, block, place, snapshot, contacts, rivals
FROM draws WHERE account_id IN (SELECT value FROM json_each(?))
ORDER BY drawn_at, experiment, account_id, deal_id;

-- name: drawn_accounts
SELECT DISTINCT account_id FROM draws
WHERE experiment = :experiment AND account_id > :after ORDER BY account_id LIMIT :limit;

-- name: draws_of_experiment
SELECT experiment, phase, unit, account_id, deal_id, team, arm, probability, weights, drawn_at, locked_until, revision,
       playbook, holdout, first, position, block, place, snapshot, contacts, rivals
FROM draws
WHERE experiment = :experiment AND account_id >= :first AND account_id <= :last
ORDER BY account_id, drawn_at, deal_id;

-- name: events_of_drawn
-- What no tick has handled can still be taken back, and what was taken back never happened.
SELECT id, account_id, deal_id, contact_id, enrolment_id, action_id, name, occurred_at, recorded_at, by_whom, fields,
       handled_at
FROM events
WHERE account_id IN (SELECT value FROM json_each(?)) AND pending IN (0, 3)
ORDER BY recorded_at, id;

-- name: handed_out_of_drawn
-- From the history, which never changes: the row of an action forgets when it was deferred.
SELECT e.account_id, e.deal_id, min(h.at), json_extract(line.value, '$[2]'), json_extract(line.value, '$[3]'),
       json_extract(line.value, '$[5]')
FROM draws AS d
JOIN enrolments AS e ON e.account_id = d.account_id AND e.deal_id = d.deal_id
JOIN history AS h ON h.account_id = e.account_id AND h.enrolment_id = e.id AND h.at >= d.drawn_at
JOIN json_each(h.did) AS line
WHERE d.experiment = :experiment AND d.account_id >= :first AND d.account_id <= :last
  AND json_extract(line.value, '$[0]') = 'due'
GROUP BY e.account_id, e.deal_id, json_extract(line.value, '$[2]')
ORDER BY e.account_id, min(h.at), json_extract(line.value, '$[2]');

-- name: enrolments_of_drawn
SELECT e.account_id, e.deal_id, e.playbook, e.enrolled_at, coalesce(r.facing, 1), e.end_name, e.ended_at
FROM enrolments AS e LEFT JOIN revisions AS r ON r.hash = e.revision
WHERE e.account_id IN (SELECT value FROM json_each(?))
ORDER BY e.account_id, e.enrolled_at, e.number, e.id;

-- name: count_draws
SELECT experiment, phase, team, arm, count(*) FROM draws WHERE first = 1
GROUP BY experiment, phase, team, arm ORDER BY experiment, phase, team, arm;

-- name: settled_imports
-- By the first tick since that came to its end. Of deals, and of all of them: a part of the CRM, an older export or a
-- list of activities says nothing of the others.
SELECT at, ticked, source
FROM (
    SELECT DISTINCT i.at, i.source, (
        SELECT min(t.now) FROM ticks AS t
        WHERE t.now >= i.at AND t.finished_at IS NOT NULL AND json_extract(t.counts, '$.unfinished') IS NULL
    ) AS ticked
    FROM imports AS i WHERE i.source NOT GLOB 'activities *' AND i.whole = 1
)
WHERE ticked IS NOT NULL ORDER BY at, source;
