#!/usr/bin/env python3
"""Kills runs at random moments, fills their disk and runs two at once: what comes out afterwards is byte for byte the same.

    .venv/bin/python datasets/chaos.py [--rounds N] [--seed S]

Each stage has a command, its own folder and a result. A round kills the command (and all it started) at a random moment, as
`kill -9` does, and runs it again to its end. The first line that is not as it should be ends the script with status 1.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
    texts(train, 200, 1)
    texts(test, 80, 2)
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
    import json
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


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill runs, fill disks, run two at once.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="whylm-chaos-") as folder:
        scratch = Path(folder)
        extraction(options.rounds, scratch, draw)
        full_disk(scratch)
        fetch(max(1, options.rounds // 4), scratch, draw)


if __name__ == "__main__":
    main()
