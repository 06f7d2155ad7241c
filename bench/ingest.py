#!/usr/bin/env python3
"""gzipped CloudTrail → lake with all built-in rules running, beside DuckDB's read_json → Parquet.

    bench/ingest.py [EVENTS]

DuckDB reads the records' members and writes them as zstd Parquet; it runs no rules, removes no
duplicates and keeps no raw record. Runs alternate, and the best of three counts for each.
"""

import json
import pathlib
import shutil
import sys

from common import WORK, binary, duckdb_python, logs, report, timed

DUCKDB_INGEST = """
import duckdb, sys
db = duckdb.connect()
db.execute("SET threads = 2; SET enable_progress_bar = false")
db.execute(f\"\"\"COPY (
    SELECT unnest(Records, recursive := false) AS r
    FROM read_json('{sys.argv[1]}/**/*_CloudTrail_*.json.gz', maximum_object_size = 268435456,
                   columns = {{Records: 'STRUCT(eventVersion VARCHAR, userIdentity JSON, eventTime VARCHAR,
                   eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR, sourceIPAddress VARCHAR,
                   userAgent VARCHAR, errorCode VARCHAR, errorMessage VARCHAR, requestParameters JSON,
                   responseElements JSON, additionalEventData JSON, requestID VARCHAR, eventID VARCHAR,
                   readOnly VARCHAR, resources JSON, eventType VARCHAR, apiVersion VARCHAR,
                   recipientAccountId VARCHAR, sharedEventID VARCHAR, vpcEndpointId VARCHAR,
                   eventCategory VARCHAR, tlsDetails JSON)[]'}})
) TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)\"\"\")
print(db.execute(f"SELECT count(*) FROM '{sys.argv[2]}'").fetchone()[0])
"""


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    trailkeep, python = binary(), duckdb_python()
    source = logs(trailkeep, events)
    cloudtrail = WORK / f"cloudtrail-{events}"
    if not cloudtrail.exists():
        shutil.copytree(source / "AWSLogs", cloudtrail / "AWSLogs", ignore=not_cloudtrail)
    source_bytes = sum(f.stat().st_size for f in cloudtrail.rglob("*.gz"))
    best: dict[str, tuple[float, int, int]] = {}
    peak = 0
    for _ in range(3):
        lake = WORK / "ingest-lake"
        shutil.rmtree(lake, ignore_errors=True)
        seconds, out, memory = timed([trailkeep, "ingest", str(cloudtrail), "-q", "-o", "json", "--data-dir", str(lake)])
        count = json.loads(out)["events"]
        size = sum(f.stat().st_size for f in (lake / "lake").rglob("*.parquet"))
        best["trailkeep"] = min(best.get("trailkeep", (9e9, 0, 0)), (seconds, count, size))
        peak = max(peak, memory)
        target = WORK / "duckdb.parquet"
        target.unlink(missing_ok=True)
        seconds, out, _ = timed([python, "-c", DUCKDB_INGEST, str(cloudtrail), str(target)])
        best["duckdb"] = min(best.get("duckdb", (9e9, 0, 0)), (seconds, int(out), target.stat().st_size))
    rate = {name: count / seconds for name, (seconds, count, _) in best.items()}
    report("ingest", {
        "command": f"bench/ingest.py {events}",
        "events": {name: count for name, (_, count, _) in best.items()},
        "events_per_second": {name: round(r) for name, r in rate.items()},
        "ratio": round(rate["trailkeep"] / rate["duckdb"], 2),
        "peak_memory_mib": round(peak / 1024),
        "lake_bytes_per_source_byte": round(best["trailkeep"][2] / source_bytes, 3),
        "duckdb_bytes_per_source_byte": round(best["duckdb"][2] / source_bytes, 3),
    })


def not_cloudtrail(folder: str, names: list[str]) -> set[str]:
    services = {"vpcflowlogs", "WAFLogs", "CloudFront", "apigateway", "CloudTrail-Insight"}
    return {n for n in names if n in services}


if __name__ == "__main__":
    main()
