"""What notebooks/execute.py keeps, drops and reports; the kernel itself is run by `make reproduce`."""

import os
import unittest
from unittest import mock

import execute
from nbformat import v4


class Publishable(unittest.TestCase):
    def setUp(self):
        cell = v4.new_code_cell(
            "table",
            execution_count=1,
            metadata={"execution": {"iopub.execute_input": "2021-01-12T00:00:00Z"}, "tags": ["kept"]},
            outputs=[
                v4.new_output("stream", name="stderr", text="12:00:01 INFO loading"),
                v4.new_output("stream", name="stdout", text=f"in {execute.ROOT}{os.sep}build{os.sep}a.csv"),
                v4.new_output("execute_result", {"text/plain": f"[{execute.ROOT}]"}, execution_count=1),
            ],
        )
        self.executed = v4.new_notebook(
            cells=[cell],
            metadata={
                "kernelspec": {"name": "java", "display_name": "Java (jjava)", "language": "java"},
                "language_info": {"name": "Java", "version": "17.0.15+6", "mimetype": "text/x-java-source"},
            },
        )

    def test_log_lines_times_and_versions_go(self):
        published = execute.publishable(self.executed)
        self.assertEqual(published.metadata.language_info, {"name": "Java", "mimetype": "text/x-java-source"})
        self.assertEqual(published.cells[0].metadata, {"tags": ["kept"]})
        self.assertEqual([o.get("name") for o in published.cells[0].outputs], ["stdout", None])

    def test_paths_become_relative_to_the_checkout(self):
        stdout, result = execute.publishable(self.executed).cells[0].outputs
        self.assertEqual(stdout.text, f"in build{os.sep}a.csv")
        self.assertEqual(result.data["text/plain"], "[.]")

    def test_the_executed_notebook_is_left_as_it_is(self):
        execute.publishable(self.executed)
        self.assertEqual(len(self.executed.cells[0].outputs), 3)


class Page(unittest.TestCase):
    def test_formulas_are_typeset_without_the_network(self):
        notebook = v4.new_notebook(cells=[v4.new_markdown_cell(r"$$\Phi^\top f(s)$$")])
        html = execute.page(notebook, "a title")
        self.assertIn("<title>a title</title>", html)
        self.assertIn(r"$$\Phi^\top f(s)$$", html)
        self.assertIn("MathJax", html)
        self.assertNotRegex(html, r"<(script|img|iframe)[^>]*\ssrc=")
        self.assertNotRegex(html, r"<link[^>]*\shref=")
        self.assertEqual(html.count("<script"), html.count("</script>"))


class Failures(unittest.TestCase):
    def failure(self, output):
        cell = v4.new_code_cell("x", execution_count=3, outputs=[output])
        notebook = v4.new_notebook(cells=[v4.new_code_cell("1", execution_count=2), cell])
        failed = execute.CellExecutionError("", "", "")
        with mock.patch.object(execute.NotebookClient, "execute", side_effect=failed):
            return execute.run(notebook, mock.Mock())

    def test_an_exception_is_reported_by_cell_and_message(self):
        output = v4.new_output("error", ename="IllegalStateException", evalue="no model", traceback=["at A", "at B"])
        self.assertEqual(self.failure(output), "cell [3]: IllegalStateException: no model")

    def test_a_compilation_error_is_reported_in_the_words_of_the_compiler(self):
        said = ["\x1b[31mcannot find symbol\x1b[0m", "", "  symbol: y"]
        output = v4.new_output("error", ename="CompilationException", evalue="[snippet: y]", traceback=said)
        self.assertEqual(self.failure(output), "cell [3]: cannot find symbol\n  symbol: y")


class Selection(unittest.TestCase):
    def test_an_unknown_name_is_an_error_that_names_it(self):
        with self.assertRaisesRegex(SystemExit, "No notebook 77-nothing in notebooks/"):
            execute.selected(["77-nothing"])


if __name__ == "__main__":
    unittest.main()
