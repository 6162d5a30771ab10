"""The claims that a notebook shows are those of findings.json, with the verdicts of its profile's reference run."""

import csv
import json
import re
import unittest

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
                with table.open(encoding="utf-8", newline="") as file:
                    rows = [row for row in csv.DictReader(file) if row["verdict"] != "not tested"]
                self.assertGreater(len(rows), 0)
                self.assertEqual({(claims[row["claim"]], row["on"]): row["verdict"] for row in rows}, verdicts)


if __name__ == "__main__":
    unittest.main()
