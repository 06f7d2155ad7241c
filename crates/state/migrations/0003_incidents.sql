-- Incidents, and what people were told of them. Times are microseconds since 1970 UTC.

CREATE TABLE incidents (
    seq         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    key         TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    level       INTEGER NOT NULL,
    account_id  TEXT,
    region      TEXT,
    rule_id     TEXT    NOT NULL,
    owner       TEXT,
    assignee    TEXT,
    opened_at   INTEGER NOT NULL,
    last_time   INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    resolved_at INTEGER,
    body        TEXT    NOT NULL,
    haystack    TEXT    NOT NULL
) STRICT;
CREATE INDEX incidents_by_time ON incidents (last_time DESC, seq DESC);
CREATE INDEX incidents_by_status ON incidents (status, last_time);
CREATE INDEX incidents_by_change ON incidents (changed_at);
CREATE INDEX incidents_by_key ON incidents (key, seq);

-- A signal belongs to one incident, once.
CREATE TABLE incident_signals (
    signal   TEXT    PRIMARY KEY,
    incident INTEGER NOT NULL REFERENCES incidents (seq) ON DELETE CASCADE,
    time     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_signals_by_incident ON incident_signals (incident, time);

CREATE TABLE incident_timeline (
    id       INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL REFERENCES incidents (seq) ON DELETE CASCADE,
    time     INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    text     TEXT    NOT NULL
) STRICT;
CREATE INDEX incident_timeline_by_incident ON incident_timeline (incident, id);

-- What each channel knows of each incident.
CREATE TABLE incident_told (
    incident INTEGER NOT NULL REFERENCES incidents (seq) ON DELETE CASCADE,
    channel  TEXT    NOT NULL,
    thread   TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (incident, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_told_by_thread ON incident_told (thread);

CREATE TABLE notification_threads (
    channel TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    last_at INTEGER NOT NULL,
    closed  INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (channel, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_threads_by_age ON notification_threads (last_at);

CREATE TABLE notifications (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    key       TEXT    NOT NULL UNIQUE,
    channel   TEXT    NOT NULL,
    thread    TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    urgent    INTEGER NOT NULL,
    incidents INTEGER NOT NULL,
    at        INTEGER NOT NULL
) STRICT;
CREATE INDEX notifications_by_time ON notifications (at);

-- Where a thread, or an incident that a person linked, is kept elsewhere.
CREATE TABLE tickets (
    thread    TEXT    NOT NULL,
    channel   TEXT    NOT NULL,
    reference TEXT    NOT NULL,
    url       TEXT,
    at        INTEGER NOT NULL,
    PRIMARY KEY (thread, channel, reference)
) STRICT, WITHOUT ROWID;

CREATE TABLE silences (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    matcher    TEXT    NOT NULL,
    comment    TEXT    NOT NULL,
    created_by TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    starts_at  INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX silences_by_end ON silences (ends_at);

-- Raised by everything that planning looks at, so that a plan made from an older look is not kept.
CREATE TABLE incident_board (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO incident_board (one, generation) VALUES (1, 0);
