#!/usr/bin/env python3
"""Kills runs at random moments, fills their disk and runs two at once: what comes out afterwards is byte for byte the same.

    .venv/bin/python datasets/chaos.py [--rounds N] [--seed S] [--stages STAGE ...]

Each stage has a command, its own folder and a result. A round kills the command (and all it started) at a random moment, as
`kill -9` does, and runs it again to its end. The first line that is not as it should be ends the script with status 1.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
WHYLM = ROOT / "whylm"
MODEL = ROOT / "kernel-lib/src/test/resources/fixtures/tiny-llama-tied"


def texts(path: Path, count: int, seed: int) -> None:
    draw = random.Random(seed)
    words = "a film plot good bad dull witty story cast long short never always the of and".split()
    rows = [f"{('pos', 'neg')[i % 2]},{' '.join(draw.choices(words, k=draw.randint(5, 120)))} {i}" for i in range(count)]
    path.write_text("label,text\n" + "\n".join(rows) + "\n", encoding="utf-8")


def start(command: list, environment: dict) -> subprocess.Popen:
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, start_new_session=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(command: list, environment: dict, expected: int = 0) -> str:
    """The hash of what it printed."""
    process = start(command, environment)
    out, err = process.communicate()
    if process.returncode != expected:
        raise SystemExit(f"chaos: {command} ended with {process.returncode}: {err.decode()[-500:]}")
    return hashlib.sha256(out).hexdigest()


def leftovers(folder: Path) -> list:
    """Partial files that nobody writes; their writers' successors remove them when half a minute old."""
    return [str(path) for path in folder.rglob("*.partial")] + [str(path) for path in folder.glob(".fetch-*")]


def killed(stage: str, command: list, environment: dict, expected: str, longest: float, draw: random.Random) -> None:
    process = start(command, environment)
    time.sleep(draw.uniform(0, longest))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    if finish(command, environment) != expected:
        raise SystemExit(f"chaos: {stage}: after a kill the result is another one")


def extraction(rounds: int, scratch: Path, draw: random.Random) -> None:
    train, test = scratch / "train.csv", scratch / "test.csv"
    command = [str(WHYLM), "probe", "--model", str(MODEL), "--train", str(train), "--test", str(test), "--features", "f"]
    begin = time.monotonic()
    expected = finish(command, {"WHYLM_STORE": str(scratch / "undisturbed")})
    longest = time.monotonic() - begin
    for number in range(rounds):
        store = scratch / f"store-{number % 4}"
        if number % 4 == number:
            shutil.rmtree(store, ignore_errors=True)
        killed("extraction", command, {"WHYLM_STORE": str(store)}, expected, longest, draw)
    pair = [start(command, {"WHYLM_STORE": str(scratch / "both")}) for _ in range(2)]
    for process in pair:
        out, err = process.communicate()
        if hashlib.sha256(out).hexdigest() != expected:
            raise SystemExit(f"chaos: two at once: {err.decode()[-500:]}")
    with open("/dev/full", "wb") as full:
        process = subprocess.run(command, cwd=ROOT, env=os.environ | {"WHYLM_STORE": str(scratch / "both")}, stdout=full,
                                 stderr=subprocess.PIPE, check=False)
        if process.returncode != 1:
            raise SystemExit(f"chaos: /dev/full ended with {process.returncode}")
    print(f"extraction: {rounds} kills, two at once, /dev/full: the same table each time", flush=True)


def full_disk(scratch: Path) -> None:
    mount = scratch / "small"
    mount.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)], check=False,
                      stderr=subprocess.DEVNULL).returncode != 0:
        print("full disk: left out, no right to mount a tmpfs", flush=True)
        return
    try:
        command = [str(WHYLM), "probe", "--model", str(MODEL), "--train", str(scratch / "train.csv"), "--test",
                   str(scratch / "test.csv"), "--features", "f"]
        finish(command, {"WHYLM_STORE": str(mount)}, expected=1)
        if leftovers(mount):
            raise SystemExit(f"chaos: full disk: {leftovers(mount)} stayed")
    finally:
        subprocess.run(["umount", str(mount)], check=True)
    print("full disk: a failure that says so, nothing left behind", flush=True)


def fetch(rounds: int, scratch: Path, draw: random.Random) -> None:
    """The sentences alone, from the archive that lies there; the model is too large to copy that often."""
    script = "import sys; from pathlib import Path; sys.path.insert(0, 'datasets'); import fetch; " \
             "sys.exit(fetch.main(['{}'], downloads=Path(sys.argv[1])))"
    assets = json.loads((ROOT / "datasets/catalog.json").read_text(encoding="utf-8"))["assets"]
    name = min(assets, key=lambda each: assets[each]["bytes"])
    folder = scratch / "downloads"
    command = [sys.executable, "-c", script.format(name), str(folder)]
    begin = time.monotonic()
    finish(command, {})
    longest = time.monotonic() - begin
    contents = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for _ in range(rounds):
        shutil.rmtree(folder)
        process = start(command, {})
        time.sleep(draw.uniform(0, longest))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        finish(command, {})
        if {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} != contents or leftovers(folder):
            raise SystemExit("chaos: fetch: after a kill the folder is another one")
    print(f"fetch: {rounds} kills: the same files each time, nothing left behind", flush=True)


def checkout(scratch: Path) -> Path:
    """A checkout with the programs and data of this one, results of its own, and a profile of a small model and short training."""
    root = scratch / "checkout"
    (root / "datasets").mkdir(parents=True)
    (root / "notebooks").mkdir()
    shutil.copy(WHYLM, root)
    for linked in ("kernel-lib", ".venv", "expected"):
        (root / linked).symlink_to(ROOT / linked)
    for file in (ROOT / "datasets").iterdir():
        (root / "datasets" / file.name).symlink_to(file.resolve())
    for file in (ROOT / "notebooks").iterdir():
        if file.suffix in (".ipynb", ".py") or file.name == "findings.json":
            shutil.copy(file, root / "notebooks")
    profile = json.loads((ROOT / "notebooks/profiles.json").read_text(encoding="utf-8"))[0]
    small = {"runs": ["cross-entropy", "quad-fixed"], "seeds": 2, "corpus": "movies", "heldOutDocuments": 20, "minimumCount": 3,
             "dimension": 16, "blocks": 1, "heads": 2, "length": 32, "batch": 4, "updates": 90, "learningRate": 0.001, "warmUp": 5,
             "weightDecay": 0.1, "dropout": 0.1, "checkpoints": [0, 30, 60], "tasks": [{"task": "movies", "train": 50, "test": 50}]}
    profiles = [profile, profile | {"name": "chaos", "model": str(MODEL), "trainingDraws": 2, "fromScratch": small}]
    (root / "notebooks/profiles.json").write_text(json.dumps(profiles), encoding="utf-8")
    return root


def contents(*folders: Path) -> dict:
    """Files and their hashes; without what says when it was made, and without what a kill has just left (swept half a minute later)."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for folder in folders for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.endswith((".provenance.json", ".partial"))}


def of_files(stage: str, command: list, environment: dict, folders: list, rounds: int, draw: random.Random) -> None:
    """Kills a command that leaves files: once more to its end, and they are those of an undisturbed run, as is what it printed."""
    def removed():
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    begin = time.monotonic()
    printed = finish(command, environment)
    longest = time.monotonic() - begin
    expected = contents(*folders)
    if not expected:
        raise SystemExit(f"chaos: {stage}: no file was written")
    removed()
    for number in range(rounds):
        process = start(command, environment)
        time.sleep(draw.uniform(0, longest))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if draw.random() < 0.25:
            continue  # killed again
        again = finish(command, environment)
        found = contents(*folders)
        if again != printed or found != expected:
            different = [path for path in expected.keys() | found.keys() if expected.get(path) != found.get(path)]
            raise SystemExit(f"chaos: {stage}: after kill {number + 1} other files: {different}, printed the same: {again == printed}")
        removed()
    if finish(command, environment) != printed or contents(*folders) != expected:
        raise SystemExit(f"chaos: {stage}: after the last kill other files")
    print(f"{stage}: {rounds} kills: the same {len(expected)} files each time", flush=True)


def training(rounds: int, root: Path, draw: random.Random) -> None:
    of_files("training", [str(root / "whylm"), "pretrain"], {"PROFILE": "chaos"}, [root / "build/models"], rounds, draw)


def report(rounds: int, root: Path, draw: random.Random) -> None:
    """With a table that it makes itself; of the notebooks that ran in the checkout, if any, without their figures, which it does not make."""
    shutil.rmtree(root / "build/figures", ignore_errors=True)
    published = root / "published.csv"
    published.write_text("table,row,column,value,source\ntable-1,movies,f,86.8,page 1\n", encoding="utf-8")
    command = [str(root / "whylm"), "report", "--profile", "quick", "--published", str(published)]
    of_files("report", command, {}, [root / "build/report", root / "build/figures"], rounds, draw)


def executed(root: Path) -> list:
    """The theory, which needs no model, has run once; by which command."""
    command = [str(root / ".venv/bin/python"), str(root / "notebooks/execute.py"), "06-theory"]
    if not (root / "build/tables/quick").is_dir():
        finish(command, {"PROFILE": "quick"})
    return command


def task(rounds: int, root: Path, scratch: Path, draw: random.Random) -> None:
    command = [str(root / "whylm"), "task", "report", "--data", str(scratch / "train.csv"), "--model", str(MODEL)]
    environment = {"PROFILE": "chaos", "WHYLM_STORE": str(root / "build/features")}
    of_files("task report", command, environment, [root / "build/task"], rounds, draw)


def execution(rounds: int, root: Path, draw: random.Random) -> None:
    """Kills of the script that runs a notebook: its kernel goes too, and the tables are those of an undisturbed run."""
    command = executed(root)
    environment = {"PROFILE": "quick"}
    begin = time.monotonic()
    finish(command, environment)
    longest = time.monotonic() - begin
    tables = root / "build/tables/quick"
    expected = contents(tables)
    kernels = 0
    for number in range(rounds):
        shutil.rmtree(tables)
        process = start(command, environment)
        time.sleep(draw.uniform(0, longest))
        started = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        living = psutil.wait_procs(started, timeout=10)[1]
        if living:
            raise SystemExit(f"chaos: execution: after kill {number + 1} there live {living}")
        kernels += bool(started)
        finish(command, environment)
        if contents(tables) != expected:
            raise SystemExit(f"chaos: execution: after kill {number + 1} other tables")
    print(f"execution: {rounds} kills: the same {len(expected)} tables each time; of {kernels} kernels none outlived its script", flush=True)


STAGES = ("extraction", "full-disk", "fetch", "training", "task", "execution", "report")


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill runs, fill disks, run two at once.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=STAGES)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="whylm-chaos-") as folder:
        scratch = Path(folder)
        texts(scratch / "train.csv", 200, 1)
        texts(scratch / "test.csv", 80, 2)
        root = checkout(scratch)
        stages = {
            "extraction": lambda: extraction(options.rounds, scratch, draw),
            "full-disk": lambda: full_disk(scratch),
            "fetch": lambda: fetch(max(1, options.rounds // 4), scratch, draw),
            "training": lambda: training(options.rounds, root, draw),
            "task": lambda: task(options.rounds, root, scratch, draw),
            "execution": lambda: execution(max(1, options.rounds // 10), root, draw),
            "report": lambda: report(options.rounds, root, draw),
        }
        for stage in options.stages:
            stages[stage]()


if __name__ == "__main__":
    main()
