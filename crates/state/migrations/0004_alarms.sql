-- Alarms: what is watched, the state it is in, and what happened. Times are microseconds since 1970 UTC.

-- `id` is the alarm's ARN, or its name where it has none. `definition` is JSON in the shape of PutMetricAlarm
-- or PutCompositeAlarm. `origin` is toml, import or api: each keeps its own, and leaves the others' alone.
CREATE TABLE alarms (
    id              TEXT    PRIMARY KEY,
    name            TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    origin          TEXT    NOT NULL,
    account_id      TEXT,
    region          TEXT,
    definition      TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    reason_data     TEXT    NOT NULL,
    updated_at      INTEGER NOT NULL,
    transitioned_at INTEGER NOT NULL,
    stored_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alarms_by_state ON alarms (state, transitioned_at);
CREATE INDEX alarms_by_name ON alarms (name);

-- `definition` is JSON in the shape of PutMetricFilter, with the table whose events it reads.
CREATE TABLE metric_filters (
    id         TEXT    PRIMARY KEY,
    name       TEXT    NOT NULL,
    table_name TEXT    NOT NULL,
    origin     TEXT    NOT NULL,
    account_id TEXT,
    region     TEXT,
    definition TEXT    NOT NULL,
    stored_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the engine and the watcher of CloudWatch's own alarms go on from after a restart, as JSON.
CREATE TABLE alarm_snapshots (
    name     TEXT    PRIMARY KEY,
    body     TEXT    NOT NULL,
    saved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per item, in the shape of DescribeAlarmHistory. `key` tells a repetition.
CREATE TABLE alarm_history (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT    NOT NULL UNIQUE,
    alarm_id   TEXT    NOT NULL,
    alarm_name TEXT    NOT NULL,
    alarm_kind TEXT    NOT NULL,
    time       INTEGER NOT NULL,
    item_type  TEXT    NOT NULL,
    summary    TEXT    NOT NULL,
    data       TEXT    NOT NULL,
    from_state TEXT,
    to_state   TEXT,
    reason     TEXT,
    account_id TEXT,
    region     TEXT
) STRICT;
CREATE INDEX alarm_history_by_time ON alarm_history (time DESC, seq DESC);
CREATE INDEX alarm_history_by_alarm ON alarm_history (alarm_id, time DESC, seq DESC);

CREATE TRIGGER alarm_history_is_never_edited BEFORE UPDATE ON alarm_history
BEGIN SELECT RAISE(ABORT, 'the history of alarms is append-only'); END;
