#!/usr/bin/env python3
"""Rules over events: `trailkeep detect` beside the rsigma command line, the same rules and events.

    bench/rules.py [EVENTS]

Both read one file of a record a line and print findings as JSON lines; start-up and the reading
of rules are counted for both. The rules are the built-in pack's that rsigma can run: those that
speak of no derived fact, and no correlations. Best of three, alternating.
"""

import collections
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys

from common import ROOT, WORK, binary, logs, report, timed

RSIGMA = "0.23.0"


def rsigma() -> str:
    """The peer's release binary, installed from its registry."""
    root = WORK / f"rsigma-{RSIGMA}"
    program = root / "bin" / "rsigma"
    if not program.exists():
        environment = {k: v for k, v in os.environ.items() if k != "CARGO_TARGET_DIR"}
        subprocess.run(
            ["cargo", "install", "-q", "rsigma", "--version", RSIGMA, "--no-default-features",
             # Without it, this version does not compile.
             "--features", "daemon", "--locked", "--root", str(root)],
            check=True, env=environment,
        )
    return str(program)


def plain_rules() -> pathlib.Path:
    """The rules that need nothing but Sigma."""
    folder = WORK / "plain-rules"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for rule in sorted((ROOT / "crates" / "detect" / "rules").rglob("*.yml")):
        text = rule.read_text()
        if "trailkeep." not in text and "correlation:" not in text and "service: cloudtrail" in text:
            shutil.copy(rule, folder / f"{rule.parent.name}-{rule.name}")
    return folder


def lines(source: pathlib.Path, target: pathlib.Path) -> int:
    """Every CloudTrail record on a line of its own."""
    count = 0
    with target.open("w") as out:
        for path in sorted((source / "AWSLogs").rglob("*_CloudTrail_*.json.gz")):
            with gzip.open(path) as file:
                for record in json.load(file)["Records"]:
                    out.write(json.dumps(record, separators=(",", ":")) + "\n")
                    count += 1
    return count


def titles(found: list[str]) -> collections.Counter:
    return collections.Counter(json.loads(line).get("rule_title") for line in found)


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    trailkeep, peer, rules = binary(), rsigma(), plain_rules()
    file = WORK / f"events-{events}.ndjson"
    count = lines(logs(trailkeep, events), file)
    ours = [trailkeep, "detect", "-q", "-o", "ndjson", "--no-builtin", "--rules", str(rules), str(file)]
    theirs = [peer, "engine", "eval", "-r", str(rules), "-e", f"@{file}", "--output-format", "ndjson"]
    best: dict[str, tuple[float, list[str]]] = {}
    for _ in range(3):
        for name, command in (("trailkeep", ours), ("rsigma", theirs)):
            seconds, out, _ = timed(command)
            if name not in best or seconds < best[name][0]:
                best[name] = (seconds, out.splitlines())
    mine, other = titles(best["trailkeep"][1]), titles(best["rsigma"][1])
    report("rules", {
        "command": f"bench/rules.py {events}",
        "events": count,
        "rules": len(list(rules.iterdir())),
        "events_per_second": {name: round(count / seconds) for name, (seconds, _) in best.items()},
        "ratio": round(best["rsigma"][0] / best["trailkeep"][0], 2),
        "findings": {"trailkeep": sum(mine.values()), "rsigma": sum(other.values())},
        "differ": {title: [mine[title], other[title]] for title in mine | other if mine[title] != other[title]},
    })


if __name__ == "__main__":
    main()
