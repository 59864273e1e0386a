"""Runs the clients side by side, prints what each used, and says whether wanted values are met.

Started by bench/run, which provides servers and clients; bench/README.md says what is measured and how.
"""

import json
import os
import statistics
import subprocess
import sys
from collections import namedtuple

BUILD, WORK = os.environ["BENCH_BUILD"], os.environ["BENCH_WORK"]
PLAIN_PORT, TLS_PORT = os.environ["BENCH_PLAIN_PORT"], os.environ["BENCH_TLS_PORT"]
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40

PROBE = BUILD + "/smtpprobe"
SWAKS = os.environ["BENCH_SWAKS"]
CURL = os.environ["BENCH_CURL"]
POSTTLS_FINGER = os.environ["BENCH_POSTTLS_FINGER"]
MESSAGE, CA = WORK + "/message", WORK + "/ca.pem"

MAIL = "--from sender@example.org --to user@example.com --helo client.example.org"
LOGIN = "--auth PLAIN --auth-user jo --auth-password open-sesame-9"


def probe(port, options):
    return f"{PROBE} --server 127.0.0.1 --port {port} {MAIL} {options}"


def swaks(port, options):
    return f"{SWAKS} --server 127.0.0.1 --port {port} {MAIL} {options}"


def curl(port, options):
    return (f"{CURL} -sS smtp://127.0.0.1:{port}/client.example.org --mail-from sender@example.org "
            f"--mail-rcpt user@example.com --crlf --upload-file {MESSAGE} {options}")


VERIFY = f"--tls --tls-verify --tls-ca-path {CA}"
BODY = f"--data @{MESSAGE}"

# The names of the first columns are those that WANTED refers to.
SCENARIOS = {
    "start": ("Start-up: --version", {
        "smtpprobe": f"{PROBE} --version",
        "smtpprobe --help": f"{PROBE} --help",
        "swaks": f"{SWAKS} --version",
        "curl": f"{CURL} --version",
        "the same libraries": f"{BUILD}/bench/nothing",
    }),
    "plain": ("In the clear, with a message (smtp-sink)", {
        "smtpprobe": probe(PLAIN_PORT, BODY),
        "smtpprobe --json": probe(PLAIN_PORT, BODY + " --json"),
        "swaks": swaks(PLAIN_PORT, BODY),
        "curl": curl(PLAIN_PORT, ""),
        "bare client": f"{BUILD}/bench/bare_client {PLAIN_PORT} {MESSAGE}",
    }),
    "pipelined": ("In the clear, pipelined, with a message (smtp-sink)", {
        "smtpprobe": probe(PLAIN_PORT, BODY + " --pipeline"),
        "swaks": swaks(PLAIN_PORT, BODY + " --pipeline"),
    }),
    "verified": ("STARTTLS, certificate verified, with a message", {
        "smtpprobe": probe(TLS_PORT, f"{BODY} {VERIFY}"),
        "smtpprobe --json": probe(TLS_PORT, f"{BODY} {VERIFY} --json"),
        "swaks": swaks(TLS_PORT, f"{BODY} {VERIFY}"),
        "curl": curl(TLS_PORT, f"--ssl-reqd --cacert {CA}"),
    }),
    "handshake": ("STARTTLS, certificate verified, then QUIT", {
        "smtpprobe": probe(TLS_PORT, f"{VERIFY} --quit-after EHLO"),
        "swaks": swaks(TLS_PORT, f"{VERIFY} --quit-after EHLO"),
        "posttls-finger": f"{POSTTLS_FINGER} -l verify -F {CA} [127.0.0.1]:{TLS_PORT} mx1.example.com",
    }),
    "unverified": ("STARTTLS as the system's authorities have it, not fatal, with a message", {
        "smtpprobe": probe(TLS_PORT, BODY),
        "swaks": swaks(TLS_PORT, BODY + " --tls"),
        "curl": curl(TLS_PORT, "--ssl-reqd --insecure"),
    }),
    "login": ("STARTTLS verified, AUTH PLAIN, with a message", {
        "smtpprobe": probe(TLS_PORT, f"{BODY} {VERIFY} {LOGIN}"),
        "swaks": swaks(TLS_PORT, f"{BODY} {VERIFY} {LOGIN}"),
        "curl": curl(TLS_PORT, f"--ssl-reqd --cacert {CA} --user jo:open-sesame-9 --login-options AUTH=PLAIN"),
    }),
}

# scenario, client, how many times the CPU time of smtpprobe it shall take at least
WANTED_RATIOS = [
    ("plain", "swaks", 12),
    ("plain", "curl", 2),
    ("verified", "swaks", 6),
    ("verified", "curl", 1.3),
]
WANTED_MEMORY = 12  # MiB at most, in every scenario

WANTED_ROUND_TRIPS = [
    ("in the clear", probe(PLAIN_PORT, BODY), 8),
    ("STARTTLS", probe(TLS_PORT, f"{BODY} {VERIFY}"), 11),
    ("STARTTLS and AUTH PLAIN", probe(TLS_PORT, f"{BODY} {VERIFY} {LOGIN}"), 12),
    ("in the clear, pipelined", probe(PLAIN_PORT, BODY + " --pipeline"), 5),
    ("STARTTLS, pipelined", probe(TLS_PORT, f"{BODY} {VERIFY} --pipeline"), 8),
    ("STARTTLS and AUTH PLAIN, pipelined", probe(TLS_PORT, f"{BODY} {VERIFY} {LOGIN} --pipeline"), 9),
]

Usage = namedtuple("Usage", "cpu memory wall")


def fail(what, said=""):
    sys.exit(f"bench: {what}\n{said}".rstrip())


# Words by which clients tell of a session that is secured, where their exit status does not.
SECURED = {"posttls-finger": "Verified TLS connection", "swaks": "TLS started with cipher"}


def try_out(scenario, name, command):
    """Whoever is fast because it fails, or does less, must not be measured."""
    wanted = SECURED.get(name, "") if TLS_PORT in command else ""
    done = subprocess.run(command.split(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    said = done.stdout + done.stderr
    if done.returncode != 0 or wanted not in said:
        fail(f"{scenario}: {name} fails with status {done.returncode}: {command}", said)


def measure(scenario, name, command):
    done = subprocess.run([BUILD + "/bench/usage", *command.split()], capture_output=True, text=True, check=True)
    status, processor, memory, wall = map(int, done.stdout.split())
    if status != 0:
        fail(f"{scenario}: {name} ended with status {status} this time: {command}")
    return Usage(processor / 1000, memory / 1024, wall / 1000)


def run_all():
    """Interleaved, each round beginning with another client, so that whatever else the machine does hits all alike."""
    used = {(scenario, name): [] for scenario, (_, clients) in SCENARIOS.items() for name in clients}
    commands = [(scenario, name, command) for scenario, (_, clients) in SCENARIOS.items()
                for name, command in clients.items()]
    for command in commands:
        try_out(*command)
    for number in range(ROUNDS):
        first = number * 7 % len(commands)
        for scenario, name, command in commands[first:] + commands[:first]:
            used[scenario, name].append(measure(scenario, name, command))
    return used


def cpu(usages):
    return statistics.median(usage.cpu for usage in usages)


def print_scenario(scenario, used):
    title, clients = SCENARIOS[scenario]
    own = cpu(used[scenario, "smtpprobe"])
    print(f"\n{title}\n  {'':20}{'CPU ms':>8}{'ratio':>8}{'MiB':>8}{'wall ms':>9}")
    for name in clients:
        usages = used[scenario, name]
        print(f"  {name:20}{cpu(usages):8.2f}{cpu(usages) / own:8.2f}"
              f"{max(usage.memory for usage in usages):8.1f}{statistics.median(usage.wall for usage in usages):9.1f}")


def round_trips(command):
    done = subprocess.run(command.split() + ["--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return json.loads(done.stdout)["attempts"][-1]["round_trips"]


def judge(what, value, wanted, is_met):
    print(f"  {'ok    ' if is_met else 'MISSED'}  {what}: {value} (wanted: {wanted})")
    return is_met


def judge_all(used):
    print("\nWanted")
    for scenario, name, least in WANTED_RATIOS:
        ratio = cpu(used[scenario, name]) / cpu(used[scenario, "smtpprobe"])
        yield judge(f"{scenario}: CPU of {name} / smtpprobe", f"{ratio:.2f}", f"at least {least}", ratio >= least)
    memory = max(usage.memory for (_, name), usages in used.items() if name.startswith("smtpprobe")
                 for usage in usages)
    yield judge("peak memory", f"{memory:.1f} MiB", f"at most {WANTED_MEMORY}", memory <= WANTED_MEMORY)
    for what, command, wanted in WANTED_ROUND_TRIPS:
        count = round_trips(command)
        yield judge(f"round trips, {what}", count, wanted, count == wanted)


def main():
    with open(MESSAGE, "w", encoding="ascii") as file:
        file.write("Date: Sat, 01 Feb 2025 10:00:00 +0000\nFrom: sender@example.org\nTo: user@example.com\n"
                   "Subject: bench\nMessage-Id: <bench@example.org>\n\n" + "A line of the message.\n" * 40)
    used = run_all()
    print(f"Medians of {ROUNDS} rounds; ratio: CPU time against smtpprobe's; MiB: peak of all rounds")
    for scenario in SCENARIOS:
        print_scenario(scenario, used)
    return 0 if all(list(judge_all(used))) else 1


if __name__ == "__main__":
    sys.exit(main())
