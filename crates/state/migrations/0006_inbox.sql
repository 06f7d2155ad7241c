-- What the events brought that somebody still has to act on. Times are microseconds since 1970 UTC.
-- A row stays for a while after it was dealt with, so that the same events, read again after a crash,
-- do not bring it again.
CREATE TABLE inbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    payload    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    done_at    INTEGER,
    UNIQUE (kind, key)
) STRICT;
CREATE INDEX inbox_open ON inbox (kind, id) WHERE done_at IS NULL;
CREATE INDEX inbox_done ON inbox (done_at) WHERE done_at IS NOT NULL;
