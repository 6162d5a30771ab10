"""Rounds of work, what is measured of them and of what else the machine did meanwhile, and the tables of it."""

import json
import os
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count()
DISTURBED = 0.05  # of the machine's time: above this share of others and of the host, a round counts as disturbed


@dataclass
class Served:
    """Work of a process that stays: of ours, or of the peers'."""

    server: str
    arguments: dict


@dataclass
class Process:
    """Work of a whole process, from its start to its end."""

    command: list


@dataclass
class Row:
    """What is compared. The first side is ours; targets are how many times longer another side must take, or seconds."""

    name: str
    title: str
    sides: dict
    targets: dict = field(default_factory=dict)
    agree: bool = True  # whether both sides' answers must be the same numbers


class Server:
    """A process that prepares a measurement and does rounds of it when it is told to."""

    def __init__(self, command, environment, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            self.process.communicate()
            raise SystemExit(f"bench: the process ended with {self.process.returncode}: {' '.join(self.process.args)[:200]}")
        return json.loads(answer)

    def prepare(self, arguments):
        path = self.folder / f"{arguments['measure']}.properties"
        text = "".join(f"{key}={str(value).replace(' ', chr(92) + ' ')}\n" for key, value in arguments.items())
        path.write_text(text, encoding="utf-8")
        self.ask(str(path))

    def cpu(self):
        """Seconds of processor time so far; None where the system does not say."""
        stat = status(f"/proc/{self.process.pid}/stat")
        return sum(map(int, stat.rsplit(")", 1)[1].split()[11:13])) / TICKS if stat else None

    def memory(self, key):
        found = [line for line in status(f"/proc/{self.process.pid}/status").splitlines() if line.startswith(key)]
        return int(found[0].split()[1]) / 1024 if found else None

    def close(self):
        self.process.communicate()


def status(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def machine_seconds():
    """Processor seconds that the machine worked, and that its host kept from it; None where the system does not say."""
    stat = status("/proc/stat")
    if not stat:
        return None
    user, nice, system, _idle, _wait, interrupts, soft, steal = map(int, stat.split("\n")[0].split()[1:9])
    return (user + nice + system + interrupts + soft) / TICKS, steal / TICKS


class Bench:
    """Does rounds, and keeps what was measured."""

    def __init__(self, starts):
        self.starts = starts
        self.servers = {}
        self.rounds = []
        self.answers = {}

    def server(self, name):
        if name not in self.servers:
            self.servers[name] = self.starts[name]()
        return self.servers[name]

    def measured(self, side):
        """One round of a side that is prepared: its answer, and what was measured of it."""
        before, load = machine_seconds(), os.getloadavg()[0]
        memory = None
        if isinstance(side, Process):
            start = time.perf_counter()
            done = subprocess.Popen(side.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            said = done.stderr.read().decode(errors="replace")
            _, code, usage = os.wait4(done.pid, 0)
            done.returncode = os.waitstatus_to_exitcode(code)
            done.stderr.close()
            seconds, cpu, answer = time.perf_counter() - start, usage.ru_utime + usage.ru_stime, []
            if code:
                raise SystemExit(f"bench: {' '.join(side.command)} ended with {done.returncode}: {said[-2000:]}")
        else:
            server = self.server(side.server)
            try:
                Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")  # VmHWM starts again from what is held now
                memory = server.memory("VmRSS")
            except OSError:
                pass
            used, start = server.cpu(), time.perf_counter()
            answer = server.ask("")
            seconds = time.perf_counter() - start
            cpu = server.cpu() - used if used is not None else None
            memory = server.memory("VmHWM") - memory if memory is not None else None
        after = machine_seconds()
        others = steal = None
        if before and after:
            capacity = seconds * CORES
            others = max(0.0, (after[0] - before[0] - cpu) / capacity)
            steal = (after[1] - before[1]) / capacity
        return answer, {"seconds": seconds, "cpu": cpu, "memory_mb": memory, "load": load, "others": others, "steal": steal}

    def run(self, row, rounds):
        print(f"{row.name}: {row.title}", flush=True)
        prepared = {}
        for number in range(rounds + 1):  # the first warms up
            for label, side in row.sides.items():
                if isinstance(side, Served) and prepared.get(side.server) is not side:
                    self.server(side.server).prepare(side.arguments)
                    prepared[side.server] = side
                answer, measured = self.measured(side)
                self.answers[row.name, label] = answer
                if number:
                    self.rounds.append({"row": row.name, "side": label, "round": number, **measured})
                print(f"  {'warm-up' if not number else f'round {number}'} {label}: {measured['seconds']:.2f} s", flush=True)

    def close(self):
        for server in self.servers.values():
            server.close()


def quiet(measured):
    """Whether nothing else kept the machine busy meanwhile; None where that is not known."""
    return None if measured["others"] is None else measured["others"] + measured["steal"] <= DISTURBED


def times(rounds, row, side):
    return {r["round"]: r["seconds"] for r in rounds if r["row"] == row.name and r["side"] == side}


def ratios(rounds, row, side):
    """How many times longer than ours a side took, round by round."""
    own = times(rounds, row, next(iter(row.sides)))
    return [seconds / own[number] for number, seconds in times(rounds, row, side).items()]


def spread(values, form):
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def verdict(value, target):
    return f"{'reached' if value >= target else 'not reached'}: at least {target:g}"


def lines(bench, row):
    """The report of a row: a line for each side."""
    first = next(iter(row.sides))
    for label in row.sides:
        own = [r for r in bench.rounds if r["row"] == row.name and r["side"] == label]
        ratio = reached = ""
        if label != first:
            found = ratios(bench.rounds, row, label)
            ratio = spread(found, ".2f")
            if label in row.targets:
                reached = verdict(statistics.median(found), row.targets[label])
        elif "seconds" in row.targets:
            limit = row.targets["seconds"]
            met = statistics.median([r["seconds"] for r in own]) <= limit
            reached = f"{'reached' if met else 'not reached'}: at most {limit:g} s"
        calm = [quiet(r) for r in own]
        disturbed = "not known" if None in calm else f"{calm.count(False)} of {len(calm)}"
        memory = max((r["memory_mb"] for r in own if r["memory_mb"] is not None), default=None)
        yield [
            label,
            spread([r["seconds"] for r in own], ".2f"),
            "" if own[0]["cpu"] is None else f"{statistics.median(r['cpu'] for r in own):.2f}",
            ratio,
            reached,
            "" if memory is None else f"{memory:.0f}",
            disturbed,
        ]
