#!/usr/bin/env python3
"""Throughput of `shrike replay`: both packs, median of several runs, as a Markdown table.

Usage: bench/replay.py [--shrike BINARY] [--data FOLDER] [--events N] [--runs N]

(a) card-transactions over the files FOLDER/card-transactions-*.jsonl.zst; skipped with a line when there are none.
(b) card-fraud over N events of `shrike demo --generate-only`, seed 1; they are written to a temporary folder first.

Alerts go to /dev/null. `events/s` is by the clock, as replay's own summary says it: reading, decompressing,
decoding, matching and encoding alerts, without the start of the process. `CPU us/event` is the processor time of the
whole process: other load on the machine disturbs it less.
Run it on a quiet machine; results are kept in bench/README.md.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from replay_run import measure

ROOT = pathlib.Path(__file__).resolve().parent.parent


def row(name, command, runs):
    """A line of the table, from the medians of the runs."""
    results = [measure(command) for _ in range(runs)]
    for key in ("events", "alerts", "late", "dead_letter"):
        if len({result[key] for result in results}) != 1:
            sys.exit(f"bench/replay.py: {name}: `{key}` differs between runs")
    speeds = [result["events_per_second"] for result in results]
    memory = statistics.median(result["peak_rss_bytes"] for result in results) / 1e6
    cpu = statistics.median(result["cpu"] for result in results) / results[0]["events"] * 1e6
    return (f"| {name} | {results[0]['events']:,} | {statistics.median(speeds):,.0f} | {min(speeds):,.0f} - "
            f"{max(speeds):,.0f} | {cpu:.2f} | {memory:,.0f} | {results[0]['alerts']:,} |")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--shrike", default=str(ROOT / "build/release/shrike"), help="the release binary")
    options.add_argument("--data", default="", help="folder with card-transactions-*.jsonl.zst")
    options.add_argument("--events", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=5)
    chosen = options.parse_args()
    if not os.access(chosen.shrike, os.X_OK):
        sys.exit(f"bench/replay.py: no binary at {chosen.shrike}: run tools/build first")

    print("| input | events | events/s, median | min - max | CPU us/event | peak memory MB | alerts |")
    print("|---|---|---|---|---|---|---|")

    def replay(pack, stream, files):
        return [chosen.shrike, "replay", "--format", "json", "--config", str(ROOT / "rules/packs" / pack / "shrike.yaml"),
                "--out", os.devnull, "--stream", stream, *(word for file in files for word in ("--file", str(file)))]

    data = sorted(pathlib.Path(chosen.data).glob("card-transactions-*.jsonl.zst")) if chosen.data else []
    if data:
        print(row(f"card-transactions, {len(data)} files", replay("card-transactions", "transactions", data),
                  chosen.runs), flush=True)
    else:
        print("skipped: card-transactions: no card-transactions-*.jsonl.zst (--data FOLDER)", file=sys.stderr)

    with tempfile.TemporaryDirectory() as folder:
        events = pathlib.Path(folder, "events.jsonl")
        with events.open("wb") as out:
            subprocess.run([chosen.shrike, "demo", "--generate-only", "--events", str(chosen.events)], stdout=out,
                           check=True)
        print(row("card-fraud, generated", replay("card-fraud", "payments", [events]), chosen.runs), flush=True)


if __name__ == "__main__":
    main()
