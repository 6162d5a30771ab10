"""Measures speed side by side with what a user would take instead, and writes build/bench/report.md, rounds.csv and ratios.png.

    build/bench/venv/bin/python bench/bench.py [--rows NAME,...] [--rounds N] [--count N] [--tiny] [--list]

In each round every side of a row does the same work once, one side after the other; a ratio is of two times of one round. Before the
first round each side does one that does not count. Of every time it is recorded what else ran on the machine meanwhile.
"""

import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from measuring import CORES, DISTURBED, Bench, Process, Row, Served, Server, lines, ratios, status

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "build" / "bench"
INPUTS = OUTPUT / "inputs"
PEERS = Path(__file__).with_name("peers.py")
MODEL = "smollm2"
TEXT = "The film was a charming surprise from beginning to end."

# Inputs, the same for all sides.


class Input:
    """A file that is made when a measurement that reads it is prepared; its text is its path."""

    def __init__(self, name, make):
        self.path, self.make = INPUTS / name, make

    def __str__(self):
        if not self.path.exists():
            temporary = self.path.with_suffix(".tmp")
            with open(temporary, "wb") as out:
                for part in self.make():
                    out.write(part)
            temporary.replace(self.path)
        return str(self.path)


def floats(name, rows, columns, scale, seed):
    """Normal numbers."""

    def make():
        random = np.random.default_rng(seed)
        for start in range(0, rows, 8192):
            yield (scale * random.standard_normal((min(8192, rows - start), columns))).astype("<f4").tobytes()

    return Input(f"{name}-{rows}x{columns}", make)


def ids(count, length):
    def make():
        yield np.random.default_rng(1).integers(0, 49_152, (count, length)).astype("<i4").tobytes()

    return Input(f"ids-{count}x{length}", make)


def sentences(count):
    """Sentences of the default data, in a fixed random order."""

    def make():
        lines = (ROOT / "datasets/downloads/hutto/movieReviewSnippets_GroundTruth.txt").read_text(encoding="utf-8").splitlines()
        texts = [line.split("\t")[2].strip() for line in lines]
        for i in np.random.default_rng(1).permutation(len(texts))[:count]:
            yield (texts[i] + "\n").encode()

    return Input(f"sentences-{count}", make)


def problem(n, d, classes):
    """A regression of the kind that features of a language model give: low rank and noise, overlapping classes, standardised columns."""

    def make():
        random = np.random.default_rng(classes)
        rank = min(80, d)
        latent = random.standard_normal((n, rank))
        loadings = random.standard_normal((rank, d)) / np.sqrt(1 + np.arange(rank))[:, None]
        scores = 3 * latent @ random.standard_normal((rank, classes)) / np.sqrt(rank) + random.gumbel(size=(n, classes))
        x = latent @ loadings + 0.5 * random.standard_normal((n, d))
        return (x - x.mean(0)) / x.std(0), scores.argmax(1)

    name = f"{n}x{d}-{classes}"
    return {
        "x": Input(f"x-{name}", lambda: [make()[0].astype("<f4").tobytes()]),
        "labels": Input(f"labels-{name}", lambda: [make()[1].astype("<i4").tobytes()]),
        "d": d,
        "classes": classes,
    }


def model_file(name):
    """The file of a model of the catalog, if it is here."""
    catalog = json.loads((ROOT / "datasets/models.json").read_text(encoding="utf-8"))["models"]
    packaged = catalog.get(name, {}).get("packaged")
    path = ROOT / "datasets/downloads" / packaged if packaged else None
    return str(path) if path and path.exists() else None


# The rows: one for each line that is to be reached, then how cost grows.


def blocks_of_smollm2(batch, length):
    """The products of one block: projections, scores, mixtures, output, gate and up, down."""
    n, groups = batch * length, batch * 3
    return (
        f"{n},576,960 {groups},{3 * length},64,{length} {groups},{3 * length},{length},64"
        f" {n},576,576 {n},576,3072 {n},1536,576"
    )


def ours(measure, **arguments):
    return Served("ours", {"measure": measure, **arguments})


def peers(measure, **arguments):
    return Served("peers", {"measure": measure, **arguments})


def rows(tiny, count):
    def size(full, small):
        return small if tiny else min(full, count or full)

    gguf = model_file(MODEL)
    python = [sys.executable, str(PEERS)]
    whylm = str(ROOT / "whylm")

    batch, length = (4, 8) if tiny else (32, 32)
    forward = {"ids": ids(batch, length), "length": length}
    yield Row(
        "forward",
        f"forward pass, SmolLM2, {batch} texts of {length} tokens a batch",
        {
            "whylm": ours("forward", model=MODEL, **forward),
            "transformers": peers("forward", file=gguf, **forward),
            "products alone": ours("products", products=blocks_of_smollm2(batch, length), repeat=30, times=1),
        },
        {"transformers": 1.25, "products alone": 0.8},
    )

    n = size(500, 6)
    texts = {"texts": sentences(n), "prompt": " This movie is"}
    tokens = str(INPUTS / f"tokens-{n}")
    yield Row(
        "extraction",
        f"f, Φp_f and log Z of {n} sentences, without and with a prompt, SmolLM2 loaded",
        {
            "whylm": ours("extraction", model=MODEL, **texts),
            "authors' flow": peers("authors-flow", file=gguf, tokens=tokens),
            "one sorted pass in Python": peers("sorted-pass", file=gguf, tokens=tokens),
        },
        {"authors' flow": 5, "one sorted pass in Python": 1.3},
    )

    for name, n, vocabulary, d in [("read-out", size(8741, 100), 49_152, 576), ("read-out-large", size(1000, 100), 262_144, 640)]:
        block, words = min(n, 1024), 2048  # states and words that ours takes at a time
        vocabulary = 2000 if tiny else vocabulary
        given = {"phi": floats("phi", vocabulary, d, 0.1, 1), "states": floats("states", n, d, 1, 2), "d": d}
        yield Row(
            name,
            f"Φp_f and log Z of {n:,} contexts, V = {vocabulary:,}, d = {d}",
            {
                "whylm": ours("read-out", **given),
                "torch in blocks": peers("read-out", **given),
                "products alone": ours("products", products=f"{block},{d},{words} {block},{words},{d}", repeat=1, times=round(n * vocabulary / block / words)),
            },
            {"torch in blocks": 1.5},
        )

    for n in (2000, 6920):
        for classes in (2, 5, 14):
            given = problem(size(n, 200), 20 if tiny else 576, classes)
            yield Row(
                f"regression-{classes}-{n}",
                f"logistic regression, ten C, five folds, {size(n, 200):,} × {given['d']}, {classes} classes",
                {"whylm": ours("regression", **given), "scikit-learn lbfgs": peers("regression", **given)},
                {"scikit-learn lbfgs": 3},
                agree=False,
            )

    gpt = {"vocabulary": 8000, "d": 256, "blocks": 4, "heads": 4, "length": 128, "batch": 8, "steps": 4}
    if tiny:
        gpt = {"vocabulary": 100, "d": 16, "blocks": 1, "heads": 2, "length": 8, "batch": 2, "steps": 1}
    for loss, title, target in [("CROSS_ENTROPY", "cross-entropy", 1.0), ("QUAD", "Quad", 1.8)]:
        yield Row(
            f"training-{title.lower()}",
            f"{gpt['steps']} updates by {title}, GPT-2 of {gpt['blocks']} blocks, d = {gpt['d']}, V = {gpt['vocabulary']:,}, 1,024 tokens each",
            {"whylm": ours("training", loss=loss, **gpt), "PyTorch eager": peers("training", loss=loss, **gpt)},
            {"PyTorch eager": target},
            agree=False,
        )

    for name, title, model, seconds in [
        ("load", "process start to SmolLM2 loaded, and end", MODEL, 1.5),
        ("load-large", "process start to Gemma 3 270M (253 MB, Q4_K_M) loaded, and end", "gemma-3-270m", 3),
    ]:
        path = model_file(model)
        if path:
            yield Row(
                name,
                title,
                {"whylm": Process([whylm, "inspect", "--model", model, "-"]), "transformers": Process([*python, "load", path])},
                {"seconds": seconds},
                agree=False,
            )
    yield Row(
        "inspect",
        "inspect of one sentence with SmolLM2, whole process",
        {
            "whylm": Process([whylm, "inspect", "--model", MODEL, TEXT]),
            "transformers": Process([*python, "inspect", gguf, TEXT]),
        },
        {"seconds": 3},
        agree=False,
    )

    def grows(name, title, sides):
        return Row(f"grows-{name}", title, sides, agree=False)

    small, large = (2, 6) if tiny else (50, 500)
    extract = {k: ours("extraction", model=MODEL, texts=sentences(k), prompt=" This movie is") for k in (small, large)}
    yield grows("sentences", "extraction, ten times the sentences", {f"{k} sentences": side for k, side in extract.items()})
    short, long = (4, 8) if tiny else (32, 320)
    yield grows(
        "length",
        f"forward pass of {batch} texts, ten times the length",
        {f"{k} tokens": ours("forward", model=MODEL, ids=ids(batch, k), length=k) for k in (short, long)},
    )

    def read(n, vocabulary, d):
        return ours("read-out", phi=floats("phi", vocabulary, d, 0.1, 1), states=floats("states", n, d, 1, 2), d=d)

    n = size(500, 100)
    sizes = [1000, 2000] if tiny else [24_576, 49_152, 98_304, 196_608]
    yield grows("V", f"Φp_f of {n} contexts, d = 576", {f"V = {v:,}": read(n, v, 576) for v in sizes})
    sizes = [8, 16] if tiny else [288, 576, 1152]
    yield grows("d", f"Φp_f of {n} contexts, V = 49,152", {f"d = {d:,}": read(n, 2000 if tiny else 49_152, d) for d in sizes})
    n, d = size(2000, 200), 20 if tiny else 576
    yield grows(
        "classes",
        f"logistic regression, {n:,} × {d}",
        {f"{k} classes": ours("regression", **problem(n, d, k)) for k in (2, 5, 14)},
    )


# Who does the work.


def java():
    home = os.environ.get("JAVA_HOME")
    jar = ROOT / "kernel-lib/target"
    return [
        f"{home}/bin/java" if home else "java",
        "-Xmx4g",
        "--enable-native-access=ALL-UNNAMED",
        f"-Dwhylm.home={ROOT}",
        "-cp",
        f"{jar}/test-classes:{jar}/whylm.jar:{jar}/lib/*",
        "org.whylm.bench.Rounds",
    ]


SERVERS = {
    "ours": lambda: Server(java(), {"GOMP_SPINCOUNT": "1000", "WHYLM_HEADLESS": "1"}, INPUTS),
    "peers": lambda: Server([sys.executable, str(PEERS)], {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error", "TQDM_DISABLE": "1"}, INPUTS),
}


# What is reported.


def gradient_norm(arguments, answer):
    """Of C·Σ loss + ½‖W‖² in weights and intercepts, relative to that at zero weights."""
    x = np.fromfile(str(arguments["x"]), dtype="<f4").reshape(-1, arguments["d"]).astype(np.float64)
    labels = np.fromfile(str(arguments["labels"]), dtype="<i4")
    C, rest = answer[0], np.array(answer[1:])
    k = len(rest) // (x.shape[1] + 1)
    weights, intercepts = rest[: k * x.shape[1]].reshape(k, -1), rest[k * x.shape[1] :]

    def norm(weights, intercepts):
        scores = x @ weights.T + intercepts
        if k == 1:
            excess = 1 / (1 + np.exp(-scores)) - labels[:, None]
        else:
            p = np.exp(scores - scores.max(1, keepdims=True))
            excess = p / p.sum(1, keepdims=True) - np.eye(k)[labels]
        return np.sqrt(np.sum((C * excess.T @ x + weights) ** 2) + np.sum((C * excess.sum(0)) ** 2))

    return norm(weights, intercepts) / norm(0 * weights, 0 * intercepts)


def checked(bench, row):
    """What shows that the sides did the same work."""
    labels = list(row.sides)
    if row.name.startswith("regression"):
        said = []
        for label in labels:
            answer = bench.answers[row.name, label]
            said.append(f"{label}: C = {answer[0]:g}, gradient {gradient_norm(row.sides[label].arguments, answer):.0e}")
        return "; ".join(said)
    if not row.agree:
        return ""
    own = np.array(bench.answers[row.name, labels[0]])
    others = [np.array(bench.answers[row.name, label]) for label in labels[1:] if bench.answers[row.name, label]]
    return f"largest difference {max(np.abs(own - other).max() / np.abs(own).max() for other in others):.0e} of the largest"


def report(bench, measured):
    text = ["# Speed, side by side", "", machine(), ""]
    text += [
        "Times are medians of all rounds, with the least and the greatest; a ratio is how many times longer than the first side another"
        " took in the same round. *Disturbed* counts the rounds in which other processes and the host together had more than"
        f" {DISTURBED:.0%} of the machine's processor time. Processor time counts all cores. Memory is what a round took beyond what"
        " was held before it, at most.",
        "",
    ]
    for row in measured:
        text += [f"## {row.name}", "", row.title[0].upper() + row.title[1:] + ".", ""]
        text += ["| side | seconds | processor s | ratio | to reach | MB | disturbed |", "| --- | --- | --- | --- | --- | --- | --- |"]
        text += ["| " + " | ".join(cells) + " |" for cells in lines(bench, row)]
        agreement = checked(bench, row)
        text += ["", f"Same work: {agreement}.", ""] if agreement else [""]
    (OUTPUT / "report.md").write_text("\n".join(text), encoding="utf-8")
    with open(OUTPUT / "rounds.csv", "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, bench.rounds[0].keys())
        writer.writeheader()
        writer.writerows(bench.rounds)


def write_tokens(bench, row):
    """The ids of a row's texts by our tokenizer, in the file that the peers read."""
    own, peer = list(row.sides.values())[:2]
    server = bench.server("ours")
    server.prepare({**own.arguments, "measure": "tokens"})
    np.array(server.ask(""), dtype="<i4").tofile(peer.arguments["tokens"])


def machine():
    cpu = [line.split(":")[1].strip() for line in status("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    from importlib.metadata import version

    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "scikit-learn", "numpy"))
    found = subprocess.run([java()[0], "-version"], capture_output=True, text=True, check=False).stderr.splitlines()[:1]
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, {CORES} × {cpu[0] if cpu else platform.processor()}, {platform.system()}"
        f" {platform.release()}; {found[0] if found else 'no java'}; Python {platform.python_version()}, {packages}; load"
        f" {os.getloadavg()[0]:.1f} at the end."
    )


def chart(bench, measured):
    """Ratios with their spread, and what is to be reached."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker

    bars = [(row, label) for row in measured if not row.name.startswith("grows") for label in list(row.sides)[1:]]
    if not bars:
        return
    figure, axes = pyplot.subplots(figsize=(9, 0.36 * len(bars) + 1.2))
    for at, (row, label) in enumerate(bars):
        found = ratios(bench.rounds, row, label)
        middle = statistics.median(found)
        axes.barh(at, middle, color="#b8b8b8" if label == "products alone" else "#4477aa", height=0.6)
        axes.plot([min(found), max(found)], [at, at], color="black", linewidth=1)
        if label in row.targets:
            axes.plot([row.targets[label]] * 2, [at - 0.4, at + 0.4], color="#cc3311", linewidth=2)
    axes.set_yticks(range(len(bars)), [f"{row.name}: {label}" for row, label in bars], fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.axvline(1, color="black", linewidth=0.6)
    axes.set_xlabel("times as long as whylm (bar: median, line: least to greatest, red: to reach)", fontsize=8)
    figure.tight_layout()
    figure.savefig(OUTPUT / "ratios.png", dpi=120)
    pyplot.close(figure)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Measure speed side by side.")
    parser.add_argument("--rows", default="", help="names, or beginnings of names, with commas between; all, if none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=0, help="at most so many sentences, contexts or examples")
    parser.add_argument("--tiny", action="store_true", help="tiny cases, to see that all of it works")
    parser.add_argument("--list", action="store_true", help="list the rows")
    options = parser.parse_args(arguments)
    INPUTS.mkdir(parents=True, exist_ok=True)
    names = [name for name in options.rows.split(",") if name]
    chosen = [row for row in rows(options.tiny, options.count) if not names or any(row.name.startswith(name) for name in names)]
    if not chosen:
        raise SystemExit(f"bench: no row begins with {options.rows}; --list lists them")
    if options.list:
        print("\n".join(f"{row.name:20} {row.title}" for row in chosen))
        return
    bench, measured = Bench(SERVERS), []
    try:
        for row in chosen:
            if row.name == "extraction":
                write_tokens(bench, row)
            bench.run(row, options.rounds)
            measured.append(row)
            report(bench, measured)  # what is done is kept if the next row fails or is interrupted
            chart(bench, measured)
    finally:
        bench.close()
    print(f"{OUTPUT / 'report.md'}")


if __name__ == "__main__":
    main()
