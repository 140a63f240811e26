-- Keys begin with the account, the unit of claim: what one account needs lies together, and the tables can be
-- distributed by it. Instants are whole seconds since 1970, UTC. Columns called fields, body and so on hold JSON.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Files of the workspace: the hash last seen, the content last good (good = 1: they belong together).
CREATE TABLE sources (
    path TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    content TEXT NOT NULL,
    good INTEGER NOT NULL
) STRICT;

CREATE TABLE revisions (
    hash TEXT NOT NULL PRIMARY KEY,
    playbook TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    facing INTEGER NOT NULL
) STRICT;

-- fence: counts the claims, for stores where a worker can sleep through its claim (SQLite has one writer).
CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    fields TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    set_aside TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    fence INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX accounts_failed ON accounts (failures) WHERE failures > 0;

CREATE TABLE deals (
    account_id TEXT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    owner TEXT NOT NULL,
    team TEXT NOT NULL,
    lost_at TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    fields TEXT NOT NULL,
    contacts TEXT NOT NULL,
    excused TEXT NOT NULL DEFAULT '',
    asked TEXT NOT NULL DEFAULT '[]', -- JSON: events and orders that may enrol the deal, until it is examined
    answers TEXT NOT NULL DEFAULT '{}', -- JSON: questionnaire -> question -> the latest answer
    fingerprint TEXT NOT NULL,
    import_id INTEGER NOT NULL,
    examine_at INTEGER,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX deals_by_id ON deals (id);
CREATE INDEX deals_to_examine ON deals (examine_at) WHERE examine_at IS NOT NULL;

CREATE TABLE contacts (
    account_id TEXT NOT NULL,
    id TEXT NOT NULL,
    fields TEXT NOT NULL,
    consent TEXT NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX contacts_by_id ON contacts (id);

CREATE TABLE enrolments (
    account_id TEXT NOT NULL,
    id TEXT NOT NULL,
    deal_id TEXT NOT NULL,
    playbook TEXT NOT NULL,
    revision TEXT NOT NULL,
    number INTEGER NOT NULL,
    enrolled_at INTEGER NOT NULL,
    loss TEXT NOT NULL,
    next_at INTEGER,
    steps INTEGER NOT NULL,
    body TEXT NOT NULL,
    end_name TEXT NOT NULL DEFAULT '',
    ended_at INTEGER,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX enrolments_due ON enrolments (next_at, account_id) WHERE next_at IS NOT NULL;
-- For rolling batches; written once in the life of an enrolment.
CREATE INDEX enrolments_begun ON enrolments (playbook, enrolled_at);

CREATE TABLE actions (
    account_id TEXT NOT NULL,
    id TEXT NOT NULL,
    enrolment_id TEXT NOT NULL,
    deal_id TEXT NOT NULL,
    playbook TEXT NOT NULL,
    name TEXT NOT NULL,
    track TEXT NOT NULL,
    entry INTEGER NOT NULL,
    kind TEXT NOT NULL,
    facing INTEGER NOT NULL,
    status TEXT NOT NULL,
    due_at INTEGER,
    handed_at INTEGER,
    deadline INTEGER,
    priority REAL NOT NULL DEFAULT 0,
    assignee TEXT NOT NULL DEFAULT '',
    contact_id TEXT NOT NULL DEFAULT '',
    touch_key TEXT NOT NULL DEFAULT '',
    touch_at INTEGER,
    title TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    remarks TEXT NOT NULL DEFAULT '[]',
    closed_at INTEGER,
    outcome TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    held TEXT NOT NULL DEFAULT '', -- why its text does not leave by itself: the content rules that it breaks
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX actions_open ON actions (assignee, due_at) WHERE status = 'due';

-- An action with what a call sheet shows beside it.
CREATE VIEW listed_actions AS
SELECT a.account_id, a.id, a.enrolment_id, a.deal_id, a.playbook, a.name, a.track, a.entry, a.kind, a.facing, a.status,
       a.due_at, a.handed_at, a.deadline, a.priority, a.assignee, a.contact_id, a.touch_key, a.touch_at, a.title,
       a.text, a.remarks, a.closed_at, a.outcome, a.reason, a.held,
       coalesce(json_extract(d.fields, '$.name'), '') AS deal_name, coalesce(c.name, '') AS account_name,
       coalesce(d.owner, '') AS owner, coalesce(d.team, '') AS team
FROM actions AS a
LEFT JOIN deals AS d ON d.account_id = a.account_id AND d.id = a.deal_id
LEFT JOIN accounts AS c ON c.id = a.account_id;

-- pending: 1 pending, 0 handled, 2 undone, 3 late (nothing took it).
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    deal_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    enrolment_id TEXT NOT NULL,
    action_id TEXT NOT NULL,
    name TEXT NOT NULL,
    occurred_at INTEGER,
    recorded_at INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    key TEXT,
    fields TEXT NOT NULL,
    pending INTEGER NOT NULL DEFAULT 1,
    note TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX events_by_key ON events (key) WHERE key IS NOT NULL;
CREATE INDEX events_pending ON events (account_id, recorded_at, id) WHERE pending = 1;
CREATE INDEX events_by_name ON events (account_id, name);

CREATE TABLE history (
    account_id TEXT NOT NULL,
    enrolment_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    "trigger" TEXT NOT NULL,
    reads TEXT NOT NULL,
    did TEXT NOT NULL,
    PRIMARY KEY (account_id, enrolment_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE suppressions (
    account_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    because TEXT NOT NULL
) STRICT;

CREATE INDEX suppressions_by_account ON suppressions (account_id);

-- Outbound activity that happened elsewhere and counts as a touch.
CREATE TABLE touches_recorded (
    account_id TEXT NOT NULL,
    touch_key TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (account_id, touch_key, at, kind)
) STRICT, WITHOUT ROWID;

-- What passed between us and a customer, for reports. What one means for a playbook stands in events and touches_recorded.
CREATE TABLE activities (
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    deal_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    direction TEXT NOT NULL,
    channel TEXT NOT NULL,
    who TEXT NOT NULL,
    minutes INTEGER,
    subject TEXT NOT NULL,
    PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX activities_by_key ON activities (key);

CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    hash TEXT NOT NULL,
    newest_modified TEXT NOT NULL,
    rows INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    findings TEXT NOT NULL,
    whole INTEGER NOT NULL -- 1: the CRM's present state of all its deals
) STRICT;

-- What people ordered for an experiment, never changed. content: the experiment's file as it is in force from then on.
CREATE TABLE experiment_orders (
    id INTEGER PRIMARY KEY,
    experiment TEXT NOT NULL,
    at INTEGER NOT NULL,
    what TEXT NOT NULL, -- start, change, stop
    phase INTEGER NOT NULL,
    content TEXT NOT NULL,
    arm TEXT NOT NULL, -- stop: what new deals get since then, '' for nothing
    by_whom TEXT NOT NULL
) STRICT;

-- Who was drawn into which arm, as it was then. first = 1: the deal that is counted for its unit.
CREATE TABLE draws (
    account_id TEXT NOT NULL,
    deal_id TEXT NOT NULL,
    experiment TEXT NOT NULL,
    phase INTEGER NOT NULL,
    unit TEXT NOT NULL,
    first INTEGER NOT NULL,
    team TEXT NOT NULL,
    arm TEXT NOT NULL,
    holdout INTEGER NOT NULL,
    playbook TEXT NOT NULL,
    revision TEXT NOT NULL,
    probability REAL NOT NULL,
    weights TEXT NOT NULL,
    position INTEGER, -- among the units of the team in this phase, from 0; NULL: none was taken
    block INTEGER,
    place INTEGER,
    drawn_at INTEGER NOT NULL,
    locked_until INTEGER NOT NULL,
    snapshot TEXT NOT NULL,
    rivals TEXT NOT NULL, -- JSON: the playbooks of all arms
    PRIMARY KEY (account_id, deal_id, experiment)
) STRICT, WITHOUT ROWID;

CREATE INDEX draws_by_experiment ON draws (experiment, account_id, deal_id);
-- A unit is drawn once, and a position is taken once, whatever processes and machines do.
CREATE UNIQUE INDEX draws_by_unit ON draws (experiment, unit) WHERE first = 1;
CREATE UNIQUE INDEX draws_by_position ON draws (experiment, phase, team, position) WHERE position IS NOT NULL;

-- The next position of each team in each phase, counted up in the transaction of the draw.
CREATE TABLE draw_positions (
    experiment TEXT NOT NULL,
    phase INTEGER NOT NULL,
    team TEXT NOT NULL,
    next INTEGER NOT NULL,
    PRIMARY KEY (experiment, phase, team)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticks (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    now INTEGER NOT NULL,
    finished_at INTEGER,
    counts TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE INDEX ticks_by_now ON ticks (now);
