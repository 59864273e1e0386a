"""Measures how fast `smtpprobe explain' reads a log, and what one code costs; says whether wanted values are met.

Started by bench/run; bench/README.md says what is measured and how.
"""

import os
import statistics
import subprocess
import sys

from compare import BUILD, PROBE, WORK, fail, judge

SOURCE = os.environ["BENCH_SOURCE"]
LOG = WORK + "/mail.log"
LOG_MEBIBYTES, LOG_ROUNDS, CODE_ROUNDS = 100, 5, 40

# grep writes into a pipe, since it stops at the first line if its output is /dev/null.
READERS = {
    "smtpprobe": [PROBE, "explain", "--format", "table", LOG],
    "grep -c said:": ["sh", "-c", f"LC_ALL=C grep -c said: {LOG} | cat"],
    "wc -l": ["wc", "-l", LOG],
}
STARTERS = {
    "smtpprobe explain 550": [PROBE, "explain", "550"],
    "the same libraries": [BUILD + "/bench/nothing"],
}
WANTED_SPEED = 200  # MB/s at least
WANTED_START = 2    # times the CPU time of a process that does nothing, at most
WANTED_LOG_MEMORY = 24  # MiB at most, however long the log is


def write_log():
    catalog = SOURCE + "/data/catalog"
    files = [f"{catalog}/{name}" for name in sorted(os.listdir(catalog)) if name.endswith(".txt")]
    with open(LOG, "wb") as log:
        subprocess.run([sys.executable, SOURCE + "/bench/mail_log.py", str(LOG_MEBIBYTES), *files],
                       stdout=log, check=True)


def measure(name, command):
    """CPU time in milliseconds, peak memory in MiB"""
    done = subprocess.run([BUILD + "/bench/usage", *command], capture_output=True, text=True, check=True)
    status, processor, memory, _ = map(int, done.stdout.split())
    if status != 0:
        fail(f"explain: {name} ended with status {status}")
    return processor / 1000, memory / 1024


def measure_all(commands, rounds):
    """Interleaved: the machine's other work hits all alike."""
    used = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            used[name].append(measure(name, command))
    return {name: (statistics.median(cpu for cpu, _ in runs), max(memory for _, memory in runs))
            for name, runs in used.items()}


def main():
    write_log()
    size = os.path.getsize(LOG) / 1e6
    readers, starters = measure_all(READERS, LOG_ROUNDS), measure_all(STARTERS, CODE_ROUNDS)
    print(f"\nA mail log of {size:.0f} MB, medians of {LOG_ROUNDS} rounds\n  {'':22}{'CPU ms':>8}{'MB/s':>8}{'MiB':>8}")
    for name, (cpu, memory) in readers.items():
        print(f"  {name:22}{cpu:8.0f}{size / cpu * 1000:8.0f}{memory:8.1f}")
    print(f"\nOne code, medians of {CODE_ROUNDS} rounds\n  {'':22}{'CPU ms':>8}{'':8}{'MiB':>8}")
    for name, (cpu, memory) in starters.items():
        print(f"  {name:22}{cpu:8.2f}{'':8}{memory:8.1f}")
    print("\nWanted")
    cpu, memory = readers["smtpprobe"]
    speed = size / cpu * 1000
    start = starters["smtpprobe explain 550"][0] / starters["the same libraries"][0]
    met = [
        judge("a log explained as a table", f"{speed:.0f} MB/s", f"at least {WANTED_SPEED}", speed >= WANTED_SPEED),
        judge("peak memory, log", f"{memory:.1f} MiB", f"at most {WANTED_LOG_MEMORY}", memory <= WANTED_LOG_MEMORY),
        judge("CPU of explain 550 / the same libraries", f"{start:.2f}", f"at most {WANTED_START}",
              start <= WANTED_START),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
