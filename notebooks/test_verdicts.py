"""Claims and verdicts that notebooks show, and those that README.md counts, are those of the reference runs."""

import csv
import json
import re
import unittest
from collections import Counter

import execute
import nbformat


def shown(name):
    """The profile of a notebook's run, where it shows one, and the verdict of each claim and subject tested."""
    cells = nbformat.read(execute.NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    texts = [out.data.get("text/plain", "") for cell in cells for out in cell.get("outputs", []) if "data" in out]
    profile = re.search(r"(?m)^profile +([^:\s]+):", "\n".join(texts))
    claim, verdicts = None, {}
    for line in next(text for text in texts if ", held if " in text).splitlines():
        verdict = re.match(r"  (.+?): (held|refuted|undecided)\b", line)
        if verdict:
            verdicts[claim, verdict[1]] = verdict[2]
        elif not line.startswith(" "):
            claim = line
    return profile and profile[1], verdicts


def rows(table):
    """The rows of an expected table."""
    with (execute.ROOT / "expected" / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def primary(profile):
    """Primary claims tested with a profile: how many held, are undecided, are refuted; the same after Holm's correction."""
    tables = sorted((execute.ROOT / "expected" / profile).glob("verdicts-*.csv"))
    tested = [row for table in tables for row in rows(table) if row["kind"] == "primary" and row["verdict"] != "not tested"]
    sampled = sorted((row for row in tested if row["p"]), key=lambda row: float(row["p"]))
    plain = Counter(row["verdict"] for row in tested)
    for rank, row in enumerate(sampled):
        if float(row["p"]) * (len(sampled) - rank) >= 0.05:
            for left in sampled[rank:]:
                left["verdict"] = "undecided"
            break
    corrected = Counter(row["verdict"] for row in tested)
    verdicts = ("held", "undecided", "refuted")
    return len(tested), len(sampled), [plain[it] for it in verdicts], [corrected[it] for it in verdicts]


class Verdicts(unittest.TestCase):
    names = [path.stem for path in execute.selected([])]
    findings = json.loads((execute.NOTEBOOKS / "findings.json").read_text(encoding="utf-8"))

    def test_notebooks_show_the_verdicts_of_the_reference_run(self):
        ran = None
        for name in self.names:
            claims = {claim["id"]: claim["claim"] for claim in self.findings if claim["notebook"] == name}
            if not claims:
                continue
            with self.subTest(name):
                profile, verdicts = shown(name)
                ran = profile or ran  # 07 shows none: it ran with the others
                table = execute.ROOT / "expected" / ran / f"verdicts-{name}.csv"
                if not table.is_file():
                    self.skipTest(f"no reference run of {ran}")
                tested = [row for row in rows(table) if row["verdict"] != "not tested"]
                self.assertGreater(len(tested), 0)
                self.assertEqual({(claims[row["claim"]], row["on"]): row["verdict"] for row in tested}, verdicts)

    def test_the_readme_counts_them_rightly(self):
        readme = " ".join((execute.ROOT / "README.md").read_text(encoding="utf-8").split()).replace("one is", "1 is")

        def numbers(sentence):
            found = re.search(sentence, readme)
            self.assertTrue(found, sentence)
            return [int(number) for number in re.findall(r"\d+", found[0])]

        tested, sampled, plain, corrected = primary("standard")
        self.assertEqual(numbers(r"Of all \d+ primary claims tested on `standard` [^(]*"), [tested, *plain, *corrected])
        self.assertEqual(numbers(r"over the \d+ primary claims that a sample was asked"), [sampled])
        tested, sampled, plain, corrected = primary("paper-data")
        self.assertEqual(numbers(r"\d+ were tested here: [^.]*"), [tested, *plain, sampled, *corrected])
        across = rows("cross-model/across-models.csv")
        columns = [column for column in across[0] if column.endswith(", verdict")]
        carried = Counter(row["carries over"] for row in across)
        held, refuted, still = carried["yes, held on all"], carried["yes, refuted on all"], carried["open"]
        self.assertEqual(numbers(r"Of \d+ claims on tasks \d+ carry over"), [len(across), held + refuted])
        self.assertEqual(numbers(r"\d+ are held on both models"), [held])
        self.assertEqual(numbers(r"\d+ are refuted on both"), [refuted])
        open_on = Counter()
        for row in (row for row in across if row["carries over"] == "open"):
            words = [row[column] for column in columns]
            undecided = sum(word == "undecided" or word.endswith("°") for word in words)
            open_on["not tested" if "not tested" in words else undecided] += 1
        counts = [still, open_on[1], open_on[2], open_on["not tested"]]
        self.assertEqual(numbers(r"\d+ are open: one model leaves [^.]*"), counts)


if __name__ == "__main__":
    unittest.main()
