#!/usr/bin/env python3
"""Precision and recall of a rule pack over labelled card transactions, per rule and fraud scenario.

Usage: bench/detection_quality.py --data FOLDER [--shrike PATH] [--pack FOLDER]

FOLDER has card-transactions-*.jsonl.zst: JSON lines with label_fraud (0 or 1) and label_scenario (0: no fraud). The
pack's rules do not see the labels. A rule flags a payment by an alert whose last bound event it is; several alerts on
one payment count once. Summaries flag nothing: their payments are counted, not named. Precision is the share of
flagged payments that are fraud; recall of a scenario is the share of its payments that are flagged.

Tested by: tests/packs/packs_test.cc.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def read_lines(path):
    if path.suffix == ".zst":
        process = subprocess.Popen(["zstd", "-dcq", str(path)], stdout=subprocess.PIPE)
        yield from process.stdout
        if process.wait() != 0:
            sys.exit(f"cannot decompress {path}")
    else:
        with path.open("rb") as file:
            yield from file


def read_labels(files):
    """(file name, line from 0) -> scenario, of the fraudulent payments; and how many payments there are."""
    labels = {}
    payments = 0
    for path in files:
        for line, text in enumerate(read_lines(path)):
            payments += 1
            record = json.loads(text)
            if record["label_fraud"]:
                labels[path.name, line] = record["label_scenario"]
    return labels, payments


def flagged_payment(alert):
    """The last bound event of an alert, or None of a summary."""
    data = alert["data"]
    if data["kind"] == "summary":
        return None
    events = [event for step in data["steps"] for event in step["events"]]
    last = max(events, key=lambda event: (event["ts"], event["topic"], event["offset"]))
    return last["topic"], last["offset"]


def read_alerts(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def replay(arguments, files):
    """rule -> the payments it flags; rules in mode shadow too."""
    pack = pathlib.Path(arguments.pack)
    flagged = collections.defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        outputs = [f"{folder}/alerts.jsonl", f"{folder}/shadow.jsonl"]
        command = [arguments.shrike, "replay", "-c", str(pack / "shrike.yaml"), "--rules", str(pack),
                   "--out", outputs[0], "--shadow", outputs[1]]
        for path in files:
            command += ["--file", str(path)]
        if subprocess.run(command, check=False).returncode != 0:
            sys.exit(f"{' '.join(command)} failed")
        for path in outputs:
            for alert in read_alerts(path):
                payment = flagged_payment(alert)
                if payment is not None:
                    flagged[alert["data"]["rule"]["id"]].add(payment)
    return flagged


def share(part, whole):
    return f"{100 * part / whole:7.1f} %" if whole else "        -"


def print_table(flagged, labels, payments):
    totals = collections.Counter(labels.values())
    scenarios = sorted(totals)
    counts = ", ".join(f"{totals[scenario]} of scenario {scenario}" for scenario in scenarios)
    print(f"{payments} payments, {len(labels)} of them fraud: {counts}\n")
    print(f"{'rule':<24} {'flagged':>8} {'precision':>9}" +
          "".join(f"  {f'prec. {scenario}':>9} {f'recall {scenario}':>9}" for scenario in scenarios))
    rows = sorted(flagged.items())
    rows.append(("all rules together", set().union(*flagged.values())))
    for rule, found in rows:
        hits = collections.Counter(labels[payment] for payment in found if payment in labels)
        line = f"{rule:<24} {len(found):>8} {share(sum(hits.values()), len(found))}"
        for scenario in scenarios:
            line += f"  {share(hits[scenario], len(found))} {share(hits[scenario], totals[scenario])}"
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder with card-transactions-*.jsonl[.zst]")
    parser.add_argument("--shrike", default=str(ROOT / "build/release/shrike"))
    parser.add_argument("--pack", default=str(ROOT / "rules/packs/card-spending"))
    arguments = parser.parse_args()
    files = sorted(pathlib.Path(arguments.data).glob("card-transactions-*.jsonl*"))
    if not files:
        sys.exit(f"no card-transactions-*.jsonl.zst in {arguments.data}")
    labels, payments = read_labels(files)
    print_table(replay(arguments, files), labels, payments)


if __name__ == "__main__":
    main()
