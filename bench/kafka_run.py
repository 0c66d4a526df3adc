#!/usr/bin/env python3
"""`shrike run` on a broker, against the bare client library: speed, latency, commits, recovery, as Markdown tables.

Usage: bench/kafka_run.py [--build DIR] [--records N] [--runs N] [--rate R] [--seconds S] [--sizes N,N,..]

Starts one broker (tools/kafka) in a temporary folder; every table is of pack card-fraud over generated events in a
topic of one partition.

Speed: `run` reads N records that are there already, then kafka_loop does, and so on in turn. The bare loop writes as
many records of the same size (from the first of the runs) and commits as often. events/s is from the first record to
the last commit. CPU: processor time of the whole process, the client library's threads too (of `run` with its start
and end): other load on the machine disturbs it less.
Latency: R records a second for S seconds, whose `ts` is the time of writing; out_of_order 0ms, commit_interval 100ms.
A reader of committed records looks at each alert that an event completed: its time of arrival less the time of the
last bound event. So the producer's, the broker's and the reader's delays are in it. For the bare loop: from the
record's timestamp to the end of the commit.
Recovery: `run` reads so many records, and is killed, once before its first checkpoint and once after one; then the time
from the start of the next process until it says that it is ready. It reads its state, and what was read since the last
checkpoint again.
Run it on a quiet machine; results are kept in bench/README.md.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WAIT_SECONDS = 300


class Bench:
    """The broker, the binaries, and a folder for everything."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.bootstrap = (folder / "kafka/bootstrap").read_text().strip()
        self.count = 0  # of applications so far

    def call(self, program, *words):
        done = subprocess.run([self.options.build / program, *map(str, words)], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            sys.exit(f"bench/kafka_run.py: {program} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def generate(self, count):
        events = self.folder / f"events-{count}.jsonl"
        if not events.exists():
            with open(events, "wb") as out:
                subprocess.run([self.options.build / "shrike", "demo", "--generate-only", "--events", str(count)],
                               stdout=out, check=True)
        return events

    def fill(self, topic, events, *more):
        return self.call("bench/kafka_fill", "--bootstrap", self.bootstrap, "--topic", topic, "--file", events,
                         "--partitions", 1, *more)

    def kcat(self, *words):
        return subprocess.run(["kcat", "-b", self.bootstrap, *words], check=True, capture_output=True).stdout

    def application(self, topic, out_of_order="5s"):
        """The configuration of a new application over the topic."""
        self.count += 1
        name = f"app-{self.count}"
        pack = ROOT / "rules/packs/card-fraud"
        text = (pack / "shrike.yaml").read_text()
        text = text.replace("application: card-fraud", f"application: {name}")
        text = text.replace("topic: payments", f"topic: {topic}")
        text = text.replace("out_of_order: 5s", f"out_of_order: {out_of_order}")
        text = text.replace("paths: [.]", f"paths: [{pack}]")
        text += f"""
kafka: {{ bootstrap.servers: "{self.bootstrap}" }}
alerts: {{ topic: {name}-alerts, shadow: {name}-shadow, late: {name}-late, dead_letter: {name}-dead }}
state: {{ path: {name}, commit_interval: 100ms, checkpoint_interval: 10s }}
threads: 1
"""
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        return name, path


class Run:
    """A process of `shrike run`."""

    def __init__(self, bench, path):
        self.log = path.with_suffix(".log")
        self.begin = self.log.stat().st_size if self.log.exists() else 0
        self.started = time.monotonic()
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen([bench.options.build / "shrike", "run", "-c", path], stderr=out)

    def said(self):
        return self.log.read_text()[self.begin:]

    def wait_for(self, pattern, pause=0.2):
        while not re.search(pattern, self.said()):
            if self.process.poll() is not None or time.monotonic() - self.started > WAIT_SECONDS:
                sys.exit(f"bench/kafka_run.py: `{pattern}` did not come: {self.said()[-2000:]}")
            time.sleep(pause)
        return time.monotonic() - self.started

    def wait_records(self, count):
        self.wait_for(rf": {count:,} records in ")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """What the last line says: seconds, and the times of commits and checkpoints in ms."""
        self.process.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != 0:
            sys.exit(f"bench/kafka_run.py: run ended badly: {self.said()[-2000:]}")
        line = re.findall(r".*records in.*", self.said())[-1]
        times = r"([\d,]+) {} \(p50 ([\d.e+]+) ms, p99 ([\d.e+]+) ms\)"
        return {
            "records": int(re.search(r"([\d,]+) records", line)[1].replace(",", "")),
            "cpu": usage.ru_utime + usage.ru_stime,
            "seconds": float(re.search(r"records in ([\d.]+) s", line)[1]),
            **{what: re.search(times.format(what), line).groups() for what in ("commits", "checkpoints")}}


def speed(bench):
    count = bench.options.records
    bench.fill("speed", bench.generate(count))
    ours, bare = [], []
    for number in range(bench.options.runs):
        name, path = bench.application("speed")
        run = Run(bench, path)
        run.wait_records(count)
        ours.append(run.stop())
        if number == 0:
            sizes = [int(n) for n in bench.kcat("-C", "-e", "-q", "-X", "isolation.level=read_committed", "-t",
                                                f"{name}-alerts", "-f", "%S\n").split()]
        bare.append(bench.call(
            "bench/kafka_loop", "--bootstrap", bench.bootstrap, "--input", "speed", "--output", "bare", "--group",
            f"bare-{number}", "--records", count, "--every", max(1, count // len(sizes)), "--output-bytes",
            round(statistics.mean(sizes)), "--commit-ms", 100))
    rates = ([run["records"] / run["seconds"] for run in ours], [run["records_per_second"] for run in bare])
    print(f"\n| {count:,} records, {len(sizes):,} alerts of {statistics.mean(sizes):.0f} B | events/s, median | min - max | "
          "CPU us/record | commit ms p50 | p99 | checkpoint ms p50 | p99 |\n|---|---|---|---|---|---|---|---|")
    median = statistics.median
    print(f"| shrike run | {median(rates[0]):,.0f} | {min(rates[0]):,.0f} - {max(rates[0]):,.0f} | "
          f"{median(run['cpu'] for run in ours) / count * 1e6:.2f} | "
          + " | ".join(f"{median(float(run[what][at]) for run in ours):.3g}"
                       for what in ("commits", "checkpoints") for at in (1, 2)) + " |")
    print(f"| kafka_loop | {median(rates[1]):,.0f} | {min(rates[1]):,.0f} - {max(rates[1]):,.0f} | "
          f"{median(run['cpu_seconds'] for run in bare) / count * 1e6:.2f} | "
          f"{median(run['commit_ms_p50'] for run in bare):.3g} | {median(run['commit_ms_p99'] for run in bare):.3g} | - | - |")
    print(f"\nRatio of the medians: {median(rates[0]) / median(rates[1]):.2f}", flush=True)


def latency(bench):
    rate, seconds = bench.options.rate, bench.options.seconds
    events = bench.generate(rate * seconds)
    first = bench.folder / "first.jsonl"
    first.write_text(events.open().readline())
    bench.fill("latency", first, "--now", "ts")
    name, path = bench.application("latency", "0ms")
    run = Run(bench, path)
    run.wait_for("ready, 1 tasks")
    run.wait_for("first commit")
    reader = subprocess.Popen(
        ["kcat", "-b", bench.bootstrap, "-t", f"{name}-alerts", "-C", "-u", "-q", "-X", "isolation.level=read_committed",
         "-X", "fetch.wait.max.ms=5"], stdout=subprocess.PIPE)
    late = []

    def read():
        for line in reader.stdout:
            now, alert = time.time() * 1000, json.loads(line)
            if "offset" in alert["data"]["completed_by"]:
                late.append(now - alert["data"]["window"]["last"])

    thread = threading.Thread(target=read)
    thread.start()
    bench.fill("latency", events, "--now", "ts", "--rate", rate, "-X", "linger.ms=1")
    run.wait_records(rate * seconds + 1)
    said = run.stop()
    reader.kill()
    thread.join()
    late.sort()
    print(f"\n| {rate:,} records/s for {seconds} s, {len(late):,} alerts | latency ms p50 | p99 | commit ms p50 | p99 |\n"
          "|---|---|---|---|---|")
    print(f"| shrike run | {late[len(late) // 2]:.0f} | {late[len(late) * 99 // 100]:.0f} | "
          f"{said['commits'][1]} | {said['commits'][2]} |")
    fill = threading.Thread(target=lambda: bench.fill("latency-bare", events, "--rate", rate, "-X", "linger.ms=1"))
    fill.start()
    time.sleep(1)
    bare = bench.call("bench/kafka_loop", "--bootstrap", bench.bootstrap, "--input", "latency-bare", "--output", "bare",
                      "--group", "bare-latency", "--records", rate * (seconds - 2), "--every",
                      max(1, rate * seconds // len(late)), "--commit-ms", 100)
    fill.join()
    print(f"| kafka_loop | {bare['latency_ms_p50']:.0f} | {bare['latency_ms_p99']:.0f} | {bare['commit_ms_p50']} | "
          f"{bare['commit_ms_p99']} |", flush=True)


def recovery(bench):
    print("\n| records | keys | state, MB | read again | ready after ms |\n|---|---|---|---|---|")
    for count in bench.options.sizes:
        topic = f"recovery-{count}"
        bench.fill(topic, bench.generate(count))
        for pause in (0, 4):  # before the first checkpoint, and after one
            _, path = bench.application(topic)
            run = Run(bench, path)
            run.wait_records(count)
            time.sleep(pause)
            run.kill()
            task = json.loads(subprocess.run(
                [bench.options.build / "shrike", "state", "ls", "-c", path, "--format", "json"], capture_output=True,
                check=True).stdout)["tasks"][0]
            again = count - task["partitions"][0]["low_offset"]
            run = Run(bench, path)
            ready = run.wait_for("ready, 1 tasks", 0.005)
            run.kill()
            print(f"| {count:,} | {task['keys']:,} | {task['bytes'] / 1e6:.1f} | {again:,} | {1000 * ready:.0f} |",
                  flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="folder of the binaries")
    parser.add_argument("--records", type=int, default=3_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")],
                        default=[10_000, 100_000, 1_000_000, 4_000_000])
    options = parser.parse_args()
    if not (options.build / "bench/kafka_loop").exists():
        sys.exit(f"bench/kafka_run.py: no binaries in {options.build}: run tools/build first")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="shrike-bench-"))
    try:
        subprocess.run([ROOT / "tools/kafka", "start", folder / "kafka"], stdout=subprocess.DEVNULL, check=True)
        bench = Bench(options, folder)
        for part in (speed, latency, recovery):
            part(bench)
    finally:
        subprocess.run([ROOT / "tools/kafka", "stop", folder / "kafka"], stdout=subprocess.DEVNULL, check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
