"""The profile paper, end to end: tiny models in place of gpt2 and bert-base-cased, made-up texts in place of the paper's data.

Every cell of these notebooks runs as it would with the real files. What is smaller, beside models and data, is how many texts
notebook 03 reads, how many languages notebook 06 draws and what notebook 07 trains.
"""

import array
import csv
import gzip
import json
import os
import random
import shutil
import struct
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import execute

NOTEBOOKS = [path.stem for path in execute.selected([])]
FIXTURES = execute.ROOT / "kernel-lib" / "src" / "test" / "resources" / "fixtures"
MODELS = {"openai-community/gpt2": "tiny-gpt2", "google-bert/bert-base-cased": "tiny-bert"}

# Class by class, words that its texts favour; the words between them are those that notebook 06 asks the language for.
FAVOURED = ["dull sad slow bad", "fine warm great bright", "goal match team score", "stock bank trade price", "lab cell star data"]
COMMON = (
    "the a an this its any some no these film movie story it is was have has had of to in on with and but for from by as at "
    "one two most more very so not all only about into over than such who what when while there here then still ever well "
    "much many little good new old long short real"
).split()


def text(rng, label, words):
    """A made-up text; every fourth word, on average, is one of its class."""
    favoured = FAVOURED[label].split()
    return " ".join(rng.choice(favoured if rng.random() < 0.25 else COMMON) for _ in range(words)) + "."


def write_task(folder, name, task):
    """The CSV files of a task, of the size of a few screens, with what makes the real ones awkward: quotes, commas, blank texts."""
    rng = random.Random(name)
    classes = len(task["classes"])
    for split, file in task["csv"].items():
        path = folder / file["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [(i % classes, text(rng, i % classes, rng.randint(3, 25))) for i in range({"test": 60}.get(split, 150))]
        if name == "imdb":
            rows = [(label, body + " " + text(rng, label, 200)) for label, body in rows]
        rows[0] = (rows[0][0], '"' + rows[0][1] + '", they say')
        if task.get("leaveOutBlankTexts"):
            rows.append((0, ""))
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "wt", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([("label", "text"), *rows])


def write_revisions(folder):
    """Revisions of a tiny GPT-NeoX: itself, and with ever more of its parameters, which are F32, replaced by noise."""
    steps = ["step0", "step1", "step8", "step64", "step512", "step143000"]
    for at, step in enumerate(steps):
        shutil.copytree(FIXTURES / "tiny-gpt-neox", folder / step)
        weights = folder / step / "model.safetensors"
        content = bytearray(weights.read_bytes())
        header = 8 + struct.unpack("<Q", content[:8])[0]
        rng = random.Random(step)
        values = array.array("f", bytes(content[header:]))
        noisy = array.array("f", (value + 0.02 * (len(steps) - 1 - at) * rng.gauss(0, 1) for value in values))
        weights.write_bytes(content[:header] + noisy.tobytes())
    return {"model": str(folder), "revisions": steps, "task": {"task": "sst2", "train": 120, "test": 60}, "heldOut": 30}


def workspace(root):
    """A workspace in a folder of its own, so that nothing of this run meets the results of another."""
    (root / "datasets").symlink_to(execute.ROOT / "datasets")
    (root / "notebooks").mkdir()
    shutil.copy(execute.NOTEBOOKS / "findings.json", root / "notebooks")
    profiles = json.loads((execute.NOTEBOOKS / "profiles.json").read_text(encoding="utf-8"))
    named = {profile["name"]: profile for profile in profiles}
    paper = named["paper"]
    paper["logPartition"] = {"trainingTexts": 150, "heldOutTexts": 40}
    paper["theory"] = {"instances": 20}
    paper["revisions"] = write_revisions(root / "revisions")
    exact = paper["exactLanguage"] = dict(named[paper["like"]]["exactLanguage"])
    sizes = [{**size, "updates": 60} for size in exact["sizes"][:2]]
    exact.update(contexts=80, firstLook=30, batch=16, seeds=2, sizes=sizes)
    (root / "notebooks" / "profiles.json").write_text(json.dumps(profiles), encoding="utf-8")
    for repository, fixture in MODELS.items():
        cached = root / "cache" / ("models--" + repository.replace("/", "--"))
        shutil.copytree(FIXTURES / fixture, cached / "snapshots" / "0")
        (cached / "refs").mkdir()
        (cached / "refs" / "main").write_text("0", encoding="utf-8")
    catalog = json.loads((execute.ROOT / "datasets" / "catalog.json").read_text(encoding="utf-8"))
    for name, task in catalog["tasks"].items():
        if "csv" in task and len(task["classes"]) <= len(FAVOURED):  # no notebook reads dbpedia
            write_task(root / "data", name, task)


class Paper(unittest.TestCase):
    def test_every_notebook_runs_and_says_what_a_tiny_vocabulary_leaves_untested(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            workspace(root)
            settings = {
                "PROFILE": "paper",
                "WHYLM_HOME": str(root),
                "HF_HUB_CACHE": str(root / "cache"),
                "WHYLM_DATA": str(root / "data"),
                "WHYLM_STORE": str(root / "store"),
            }
            output = root / "build" / "notebooks"
            with (
                mock.patch.dict(os.environ, settings),
                mock.patch.object(execute, "OUTPUT", output),
            ):
                execute.main(NOTEBOOKS)
            failures = {name: run["failure"] for name, run in json.loads((output / "paper" / "timings.json").read_text()).items()}
            self.assertEqual(failures, dict.fromkeys(NOTEBOOKS))

            tables = root / "build" / "tables" / "paper"
            with open(tables / "table-1.csv", encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual([row["task"] for row in rows], ["sst2", "sst2*", "sst5", "sst5*", "ag_news", "ag_news*"])
            self.assertTrue(all(float(row[kind]) > 0 for row in rows for kind in ("f", "Φp_f", "BERT f")))
            with open(tables / "more-tasks-classifiers.csv", encoding="utf-8", newline="") as file:
                splits = {row["task"]: row["splits"] for row in csv.DictReader(file) if row["features"] == "f"}
            self.assertEqual({task: splits[task] for task in ("imdb", "cr", "mpqa")}, {"imdb": "1", "cr": "10", "mpqa": "10"})

            findings = (root / "build" / "findings" / "paper" / "01-sentence-completion.json").read_text(encoding="utf-8")
            untested = {
                (each["finding"]["claim"]["id"], each["finding"]["subject"]): each["why"] for each in json.loads(findings)["notTested"]
            }
            self.assertIn("single token", untested["subset-near-phi-p", "sst2"])
            self.assertNotIn(("phi-p-near-f", "sst2"), untested)

            with open(tables / "pretraining-downstream-checkpoints.csv", encoding="utf-8", newline="") as file:
                models = {row["model"] for row in csv.DictReader(file)}
            self.assertEqual(models, {path.name for path in (root / "revisions").iterdir()})


if __name__ == "__main__":
    unittest.main()
