#!/usr/bin/env python3
"""The fraud benchmark: `shrike replay` over generated events with 10 to 10,000 rules, as a Markdown table.

Usage: bench/fraud.py [--build FOLDER] [--events N] [--runs N] [--rules N,N,..] [--selective N,N,..] [--work FOLDER]

Events and rules come from bench/fraud_workload (its comment says what they are); one thread, alerts to /dev/null. Each
line is the median of the runs. `events/s` is by the clock, as replay's summary says it: reading, decoding, ordering,
matching and encoding alerts, without the start of the process; `CPU us/event` is the processor time of the whole
process without that of the same rules over no events, which is `load ms`. `matches` are alerts of kind match, told
apart in a run of its own; `alerts` has those of limits too. `memory MB` is the peak of the process.
--work: where events and rules are kept; else in a temporary folder. Run it on a quiet machine; results are kept in
bench/README.md.
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


class Bench:
    """The binaries, and a folder with what they read."""

    def __init__(self, chosen, work):
        self.build = pathlib.Path(chosen.build)
        self.runs = chosen.runs
        self.work = pathlib.Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.events = self.work / f"events-{chosen.events}.jsonl"
        if not self.events.exists():
            with self.events.open("wb") as out:
                subprocess.run([self.build / "bench/fraud_workload", "events", "--count", str(chosen.events)],
                               stdout=out, check=True)
        self.nothing = self.work / "nothing.jsonl"
        self.nothing.write_bytes(b"")

    def rules(self, count, selective):
        """The folder with so many rules."""
        folder = self.work / f"rules-{count}{'-selective' if selective else ''}"
        if not folder.exists():
            subprocess.run([self.build / "bench/fraud_workload", "rules", "--count", str(count), "--out", folder,
                            *(["--selective"] if selective else [])], check=True)
        return folder

    def replay(self, rules, events, out):
        """The command."""
        return [str(self.build / "shrike"), "replay", "--format", "json", "--config",
                str(ROOT / "bench/fraud/shrike.yaml"), "--rules", str(rules), "--out", str(out), "--stream", "events",
                "--file", str(events)]

    def matches(self, rules):
        """Alerts of kind match among all."""
        out = self.work / "alerts.jsonl"
        measure(self.replay(rules, self.events, out))
        with out.open("rb") as lines:
            count = sum(b'"kind":"match"' in line for line in lines)
        out.unlink()
        return count

    def row(self, count, selective):
        """A line of the table."""
        rules = self.rules(count, selective)
        load = statistics.median(measure(self.replay(rules, self.nothing, os.devnull))["cpu"]
                                 for _ in range(self.runs))
        results = [measure(self.replay(rules, self.events, os.devnull)) for _ in range(self.runs)]
        if len({result["alerts"] for result in results}) != 1:
            sys.exit(f"bench/fraud.py: {count} rules: the number of alerts differs between runs")
        speeds = [result["events_per_second"] for result in results]
        cpu = (statistics.median(result["cpu"] for result in results) - load) / results[0]["events"] * 1e6
        memory = statistics.median(result["peak_rss_bytes"] for result in results) / 1e6
        return (f"| {count:,}{', selective' if selective else ''} | {statistics.median(speeds):,.0f} | "
                f"{min(speeds):,.0f} - {max(speeds):,.0f} | {cpu:.3f} | {self.matches(rules):,} | "
                f"{results[0]['alerts']:,} | {memory:,.0f} | {load * 1e3:,.0f} |")


def numbers(text):
    """"10,100" as a list."""
    return [int(word) for word in text.split(",") if word]


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--build", default=str(ROOT / "build/release"), help="folder of the release build")
    options.add_argument("--events", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--rules", default="10,100,1000,10000")
    options.add_argument("--selective", default="100,10000")
    options.add_argument("--work", default="")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(chosen, chosen.work or folder)
        print("| rules | events/s, median | min - max | CPU us/event | matches | alerts | memory MB | load ms |")
        print("|---|---|---|---|---|---|---|---|")
        for selective, counts in ((False, chosen.rules), (True, chosen.selective)):
            for count in numbers(counts):
                print(bench.row(count, selective), flush=True)


if __name__ == "__main__":
    main()
