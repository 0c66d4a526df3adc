"""One run of `shrike replay`, measured: for the scripts beside it."""
import json
import resource
import subprocess
import sys


def measure(command):
    """Replay's summary, and the processor time of the process in seconds as `cpu`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{sys.argv[0]}: {' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    summary = json.loads(done.stderr.splitlines()[-1])
    summary["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return summary
