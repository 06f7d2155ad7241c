-- Assessments of the six controls. Times are microseconds since 1970 UTC.

-- One row per assessment, kept for the trend. `scope` is the accounts that were looked at: what is
-- compared has to be of the same accounts. `board` and `about` are JSON.
CREATE TABLE assessments (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    assessed_at INTEGER NOT NULL,
    stored_at   INTEGER NOT NULL,
    origin      TEXT    NOT NULL,
    scope       TEXT    NOT NULL,
    board       TEXT    NOT NULL,
    about       TEXT    NOT NULL,
    UNIQUE (scope, assessed_at)
) STRICT;
CREATE INDEX assessments_by_time ON assessments (assessed_at);

-- One row per result of the latest assessments; those of older ones are let go. `body` is the
-- result as JSON, with its evidence; the columns are what is searched by.
CREATE TABLE posture (
    assessment   INTEGER NOT NULL REFERENCES assessments (id) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    id           TEXT    NOT NULL,
    control      INTEGER NOT NULL,
    check_id     TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    severity     TEXT    NOT NULL,
    account_id   TEXT    NOT NULL,
    region       TEXT    NOT NULL,
    resource_arn TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    PRIMARY KEY (assessment, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX posture_by_id ON posture (id, assessment);
CREATE INDEX posture_by_check ON posture (assessment, check_id, status);
