-- Responses to changes: what playbooks found, did and took back. Times are microseconds since 1970 UTC.

-- One row per repair of an event. `plan` is the repair as JSON; `before` and `after` are the parts of the
-- resource as they were found and as they are to be, JSON. A row that somebody works on has a lease: when
-- it ends without the work being done, its worker is dead and another goes on.
CREATE TABLE responses (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT    NOT NULL UNIQUE,
    playbook    TEXT    NOT NULL,
    mode        TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    reason      TEXT,
    fingerprint TEXT    NOT NULL,
    event_uid   TEXT    NOT NULL,
    event_time  INTEGER NOT NULL,
    incident_id TEXT,
    account_id  TEXT    NOT NULL,
    region      TEXT    NOT NULL,
    resource    TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    changed     TEXT    NOT NULL,
    plan        TEXT    NOT NULL,
    before      TEXT,
    after       TEXT,
    decided_by  TEXT,
    decided_at  INTEGER,
    expires_at  INTEGER,
    created_at  INTEGER NOT NULL,
    started_at  INTEGER,
    finished_at INTEGER,
    updated_at  INTEGER NOT NULL,
    lease_until INTEGER
) STRICT;
CREATE INDEX responses_by_status ON responses (status, id);
CREATE INDEX responses_by_fingerprint ON responses (fingerprint, finished_at);
CREATE INDEX responses_by_account ON responses (account_id, started_at);
CREATE INDEX responses_by_event ON responses (event_uid);
CREATE INDEX responses_by_incident ON responses (incident_id, id);

-- What was done for a response, in order; each row is durable before the next step is made.
CREATE TABLE response_journal (
    response   INTEGER NOT NULL REFERENCES responses (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    time       INTEGER NOT NULL,
    step       TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    request_id TEXT,
    PRIMARY KEY (response, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX response_journal_by_request ON response_journal (request_id);

-- States of resources as they were last seen, a few versions each. `facet` says of what kind a state is.
CREATE TABLE prior_states (
    account_id TEXT    NOT NULL,
    region     TEXT    NOT NULL,
    facet      TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    seen_at    INTEGER NOT NULL,
    source     TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    PRIMARY KEY (account_id, region, facet, subject, seen_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX prior_states_by_age ON prior_states (seen_at);
