-- Times are microseconds since 1970 UTC. Texts that come from logs are data, never SQL.
-- An applied file is never edited: its checksum is kept. Changes go to the next number.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per object that was read to its end, and whose events are in the lake.
CREATE TABLE ledger (
    source_uri  TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    run_id      INTEGER,
    events      INTEGER NOT NULL,
    duplicates  INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    PRIMARY KEY (source_uri, fingerprint)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_by_finish ON ledger (finished_at);

CREATE TABLE runs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    finished_at INTEGER,
    files       INTEGER NOT NULL DEFAULT 0,
    skipped     INTEGER NOT NULL DEFAULT 0,
    events      INTEGER NOT NULL DEFAULT 0,
    duplicates  INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0,
    bytes       INTEGER NOT NULL DEFAULT 0,
    tables      TEXT    NOT NULL DEFAULT '{}',
    error       TEXT
) STRICT;
CREATE INDEX runs_by_start ON runs (started_at);
CREATE INDEX runs_by_state ON runs (state, seen_at);

-- One row per group and hour. `body` is the finding shown for the row; body_level, body_time and
-- body_id say which of the folded findings that is, so that the order of arrival does not show.
CREATE TABLE findings (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    hour       INTEGER NOT NULL,
    rule_id    TEXT    NOT NULL,
    rule_title TEXT    NOT NULL,
    level      INTEGER NOT NULL,
    status     TEXT    NOT NULL DEFAULT 'new',
    assignee   TEXT,
    account_id TEXT,
    count      INTEGER NOT NULL,
    first_time INTEGER NOT NULL,
    last_time  INTEGER NOT NULL,
    body_level INTEGER NOT NULL,
    body_time  INTEGER NOT NULL,
    body_id    TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    haystack   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX findings_by_time ON findings (last_time DESC, seq DESC);
CREATE INDEX findings_by_level ON findings (level, last_time);
CREATE INDEX findings_by_rule ON findings (rule_id, last_time);
CREATE INDEX findings_by_status ON findings (status, last_time);
CREATE INDEX findings_by_account ON findings (account_id, last_time);

CREATE TABLE evidence (
    finding    INTEGER NOT NULL REFERENCES findings (seq) ON DELETE CASCADE,
    event_uid  TEXT    NOT NULL,
    time       INTEGER NOT NULL,
    table_name TEXT    NOT NULL,
    PRIMARY KEY (finding, event_uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_by_event ON evidence (event_uid);

CREATE TABLE notes (
    id      INTEGER PRIMARY KEY,
    finding INTEGER NOT NULL REFERENCES findings (seq) ON DELETE CASCADE,
    author  TEXT    NOT NULL,
    time    INTEGER NOT NULL,
    text    TEXT    NOT NULL
) STRICT;
CREATE INDEX notes_by_finding ON notes (finding, id);

-- `series` is a hash of the correlation rule and the group; the readable forms are in `body`.
-- `stored_at` is by SQLite's clock: it only says how long a signal has been of use here.
CREATE TABLE signals (
    seq          INTEGER PRIMARY KEY,
    series       TEXT    NOT NULL,
    time         INTEGER NOT NULL,
    event_uid    TEXT    NOT NULL,
    base_rule_id TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    stored_at    INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    UNIQUE (series, event_uid, base_rule_id)
) STRICT;
CREATE INDEX signals_by_time ON signals (series, time, event_uid, base_rule_id);
CREATE INDEX signals_by_age ON signals (stored_at, time);

CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT    NOT NULL UNIQUE,
    channel     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    payload     TEXT    NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'pending',
    attempts    INTEGER NOT NULL DEFAULT 0,
    due_at      INTEGER NOT NULL,
    lease       TEXT,
    last_error  TEXT,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX outbox_by_due ON outbox (state, due_at);
CREATE INDEX outbox_by_age ON outbox (state, finished_at);

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    password_hash TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    last_login_at INTEGER
) STRICT;

-- The cookie's value is not here, only its SHA-256.
CREATE TABLE sessions (
    hash       BLOB    PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf       TEXT    NOT NULL,
    address    TEXT,
    user_agent TEXT,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL,
    hint         TEXT    NOT NULL,
    hash         BLOB    NOT NULL UNIQUE,
    scope        TEXT    NOT NULL,
    created_by   TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    last_used_at INTEGER
) STRICT;

CREATE TABLE throttle (
    subject       TEXT PRIMARY KEY,
    failures      INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttle_by_age ON throttle (last_at);

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY,
    time    INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    object  TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    address TEXT,
    prev    BLOB    NOT NULL,
    hash    BLOB    NOT NULL
) STRICT;
CREATE INDEX audit_by_object ON audit (object, seq);
CREATE INDEX audit_by_actor ON audit (actor, seq);

-- The chain's end, apart from the chain, so that cutting off the newest entries shows too.
CREATE TABLE audit_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash BLOB    NOT NULL
) STRICT;

CREATE TRIGGER audit_is_never_edited BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TABLE saved_queries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    owner      TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner, name)
) STRICT;
