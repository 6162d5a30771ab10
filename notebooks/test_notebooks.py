"""The form that every notebook has: three Java kernels take it, and a reader of the paper can read it."""

import unittest

import execute
import nbformat

CLASSPATH = "%classpath ../kernel-lib/target/whylm.jar"


def cells(name):
    """The sources of the code cells of a notebook, in order."""
    notebook = nbformat.read(execute.NOTEBOOKS / f"{name}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def too_long(source):
    """The faults of a cell's size, in words."""
    lines = source.splitlines()
    faults = [f"{len(line)} characters: {line}" for line in lines if len(line) > 110]
    return faults + ([f"{len(lines)} lines: {lines[0]}"] if len(lines) > 10 else [])


class Form(unittest.TestCase):
    names = [path.stem for path in execute.selected([])]

    def test_the_first_cell_is_the_magic_alone_and_the_second_has_all_imports(self):
        """IJava declares variables anew at an import further down; rapaio-jupyter-kernel takes no magic beside Java."""
        for name in self.names:
            with self.subTest(name):
                magic, imports, *others = cells(name)
                self.assertEqual(magic, CLASSPATH)
                self.assertEqual([line for line in imports.splitlines() if not line.startswith("import ")], [])
                for source in others:
                    self.assertNotRegex(source, r"(?m)^\s*(import\s|%%?\w)")

    def test_cells_are_short(self):
        """Ten lines of 110 characters at most."""
        for name in self.names:
            with self.subTest(name):
                faults = [fault for source in cells(name)[2:] for fault in too_long(source)]
                self.assertEqual(faults, [])

    def test_notebooks_are_valid(self):
        for name in self.names:
            with self.subTest(name):
                nbformat.validate(nbformat.read(execute.NOTEBOOKS / f"{name}.ipynb", as_version=4))


class Size(unittest.TestCase):
    def test_long_cells_and_lines_are_found(self):
        self.assertEqual(too_long("a;\n" * 10), [])
        self.assertEqual(too_long("a;\n" * 11), ["11 lines: a;"])
        self.assertEqual(too_long("x" * 111), ["111 characters: " + "x" * 111])


if __name__ == "__main__":
    unittest.main()
