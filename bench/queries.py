#!/usr/bin/env python3
"""Investigation queries on the lake, beside DuckDB on its own Parquet of the same events.

    bench/queries.py [EVENTS]

Both answer through one process per query, best of five, start-up included for both. Run
bench/ingest.py with the same number first: it leaves the lake and DuckDB's Parquet behind.
"""

import json
import sys

from common import WORK, binary, duckdb_python, report, timed

# name, Trailkeep's SQL (Athena's), DuckDB's SQL over `t` (its own Parquet)
QUERIES = [
    ("top calls", "SELECT eventname, count(*) n FROM cloudtrail_logs GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
     "SELECT r.eventName, count(*) n FROM t GROUP BY 1 ORDER BY 2 DESC LIMIT 20"),
    ("errors by caller", "SELECT useridentity.arn, errorcode, count(*) n FROM cloudtrail_logs WHERE errorcode IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
     "SELECT r.userIdentity->>'arn', r.errorCode, count(*) n FROM t WHERE r.errorCode IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20"),
    ("console sign-ins", "SELECT eventtime, useridentity.arn, json_extract_scalar(additionaleventdata, '$.MFAUsed') mfa FROM cloudtrail_logs WHERE eventname = 'ConsoleLogin' ORDER BY eventtime",
     "SELECT r.eventTime, r.userIdentity->>'arn', r.additionalEventData->>'MFAUsed' mfa FROM t WHERE r.eventName = 'ConsoleLogin' ORDER BY r.eventTime"),
    ("one address", "SELECT eventtime, eventname FROM cloudtrail_logs WHERE sourceipaddress = '{address}' ORDER BY eventtime",
     "SELECT r.eventTime, r.eventName FROM t WHERE r.sourceIPAddress = '{address}' ORDER BY r.eventTime"),
    ("one event id", "SELECT eventname, raw FROM cloudtrail_logs WHERE eventid = '{event}'",
     "SELECT r.eventName, r FROM t WHERE r.eventID = '{event}'"),
    ("one hour", "SELECT count(*) FROM cloudtrail_logs WHERE eventtime BETWEEN '{day}T10:00:00Z' AND '{day}T10:59:59Z'",
     "SELECT count(*) FROM t WHERE r.eventTime BETWEEN '{day}T10:00:00Z' AND '{day}T10:59:59Z'"),
]


def main() -> None:
    trailkeep, python = binary(), duckdb_python()
    lake, parquet = str(WORK / "ingest-lake"), str(WORK / "duckdb.parquet")
    ask = [trailkeep, "query", "-q", "-o", "ndjson", "--data-dir", lake]
    pick = "SELECT eventid, sourceipaddress, substr(eventtime, 1, 10) d FROM cloudtrail_logs WHERE eventname = 'StopLogging' LIMIT 1"
    needle = json.loads(timed([*ask, pick])[1].splitlines()[0])
    values = {"event": needle["eventid"], "address": needle["sourceipaddress"], "day": needle["d"]}
    results = []
    for name, ours, theirs in QUERIES:
        ours, theirs = ours.format(**values), theirs.format(**values)
        code = f"import duckdb; db = duckdb.connect(); db.execute('SET threads = 2'); db.execute(\"CREATE VIEW t AS FROM '{parquet}'\"); print(len(db.execute({theirs!r}).fetchall()))"
        mine, other = [], []
        for _ in range(5):
            seconds, out, _ = timed([*ask, ours])
            mine.append((seconds, len(out.splitlines())))
            seconds, out, _ = timed([python, "-c", code])
            other.append((seconds, int(out)))
        a, b = min(mine), min(other)
        results.append({"query": name, "trailkeep_seconds": round(a[0], 3), "duckdb_seconds": round(b[0], 3),
                        "ratio": round(b[0] / a[0], 2), "rows": a[1], "rows_agree": a[1] == b[1]})
    report("queries", {"command": "bench/queries.py", "queries": results})


if __name__ == "__main__":
    sys.exit(main())
