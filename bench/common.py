"""What the benches share: the release binary, simulated logs, DuckDB in an environment of its own."""

import json
import os
import pathlib
import platform
import subprocess
import sys
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = pathlib.Path(os.environ.get("TRAILKEEP_BENCH_DIR", ROOT / "target" / "bench"))
DUCKDB = "1.4.1"


def binary() -> str:
    """The release binary: the one that TRAILKEEP_BIN names, or this repository's, built if it is not up to date."""
    if named := os.environ.get("TRAILKEEP_BIN"):
        return named
    subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "release" / "trailkeep")


def duckdb_python() -> str:
    """A Python that has DuckDB."""
    folder = WORK / f"duckdb-{DUCKDB}"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", f"duckdb=={DUCKDB}"], check=True)
        (folder / "ready").touch()
    return str(python)


def logs(trailkeep: str, events: int) -> pathlib.Path:
    """Simulated logs of a day, made once."""
    folder = WORK / f"logs-{events}"
    made = folder / "demo" / "logs"
    if not (folder / "ready").exists():
        subprocess.run(
            [trailkeep, "demo", "--no-serve", "-q", "--events", str(events), "--data-dir", str(folder)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (folder / "ready").touch()
    return made


def timed(command: list[str], **options) -> tuple[float, str, int]:
    """Seconds, standard output and peak resident KiB of a command."""
    report = WORK / "time.txt"
    began = time.monotonic()
    done = subprocess.run(
        ["/usr/bin/time", "-f", "%M", "-o", str(report), *command], capture_output=True, text=True, **options
    )
    seconds = time.monotonic() - began
    if done.returncode not in (0, 3):
        sys.exit(f"{command} failed: {done.stderr}")
    return seconds, done.stdout, int(report.read_text().split()[-1])


def machine() -> dict:
    """Where and when this ran."""
    return {"date": time.strftime("%Y-%m-%d"), "cores": os.cpu_count(), "machine": platform.machine()}


def report(name: str, result: dict) -> None:
    """Prints a result, and keeps it under bench/runs."""
    result = {"bench": name, **machine(), **result}
    runs = ROOT / "bench" / "runs"
    runs.mkdir(exist_ok=True)
    (runs / f"{result['date']}-{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
