"""docs/formulas.md names only what there is: classes and methods of the library, sections of the notebooks, tests."""

import re
import unittest

import execute
import nbformat

JAVA = execute.ROOT / "kernel-lib" / "src"


def rows():
    """What is looked for, class, method, number of the notebook, section and test of each row."""
    for line in (execute.ROOT / "docs" / "formulas.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 4 and re.fullmatch(r"`\w+\.\w+`", cells[1]):
            place, section = cells[2].split(": ", 1)
            yield cells[0], *cells[1].strip("`").split("."), place, section, cells[3].strip("` ")


def sections(notebook):
    """The text of each section of a notebook, by its heading."""
    cells = [cell.source for cell in nbformat.read(notebook, 4).cells if cell.cell_type == "markdown"]
    parts = re.split(r"(?m)^##? (.*)$", "\n".join(cells))
    return dict(zip(parts[1::2], parts[2::2]))


class Formulas(unittest.TestCase):
    def test_the_page_has_the_statements(self):
        page = (execute.ROOT / "docs" / "formulas.md").read_text(encoding="utf-8")
        for statement in ("P1", "P2", "D1", "D2", "T1", "T2", "L1", "T3", "T4"):
            self.assertRegex(page, rf"(?m)^\| {statement}[ ,]")

    def test_every_name_is_there(self):
        found = list(rows())
        self.assertGreater(len(found), 20)
        for formula, name, method, place, section, test in found:
            with self.subTest(f"{name}.{method}"):
                source = next(JAVA.glob(f"main/java/**/{name}.java")).read_text(encoding="utf-8")
                self.assertRegex(source, rf"(?m)^    (public |static )+.*\b{method}\(")
                self.assertTrue(list(JAVA.glob(f"test/java/**/{test}.java")), test)
                notebook = next(execute.NOTEBOOKS.glob(f"{place}-*.ipynb"))
                shown = sections(notebook)
                self.assertIn(section, shown)
                for statement in re.findall(r"^([PDTL]\d)\b", formula):
                    self.assertRegex(section + shown[section], rf"\b{statement}\b")


if __name__ == "__main__":
    unittest.main()
