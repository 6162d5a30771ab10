"""What notebooks/execute.py keeps, drops and reports; the kernel itself is run by `make reproduce`."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import execute
import nbformat
import psutil
from jupyter_server.services.contents.filemanager import FileContentsManager
from nbformat import v4
from traitlets.config import Config


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

    def test_a_figure_is_there_once(self):
        result = self.executed.cells[0].outputs[-1]
        result.data["image/svg+xml"] = "<svg/>"
        self.assertIn("image/svg+xml", execute.publishable(self.executed).cells[0].outputs[-1].data)
        result.data["image/png"] = "iVBORw0K"
        self.assertNotIn("image/svg+xml", execute.publishable(self.executed).cells[0].outputs[-1].data)
        self.assertIn("image/svg+xml", result.data)

    def test_the_executed_notebook_is_left_as_it_is(self):
        execute.publishable(self.executed)
        self.assertEqual(len(self.executed.cells[0].outputs), 3)


class Saved(unittest.TestCase):
    """What JupyterLab saves of a notebook that was only opened, with the settings of `make lab`."""

    def setUp(self):
        self.config = Config()
        settings = execute.NOTEBOOKS / "jupyter" / "jupyter_server_config.py"
        exec(settings.read_text(), {"__file__": str(settings), "get_config": lambda: self.config})

    def saved(self, notebook, metadata):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "n.ipynb"
            path.write_bytes(notebook)
            contents = FileContentsManager(root_dir=folder, config=self.config)
            model = contents.get("n.ipynb")
            for key, value in metadata.items():
                model["content"]["metadata"].setdefault(key, {}).update(value)
            contents.save(model, "n.ipynb")
            return path.read_bytes()

    def test_committed_notebooks_stay_as_they_are(self):
        put_back = {"language_info": {"version": "21.0.1", "nbconvert_exporter": "script"}, "kernelspec": {"display_name": "JJava"}}
        for path in execute.selected([]):
            self.assertEqual(self.saved(path.read_bytes(), put_back), path.read_bytes(), path.name)

    def test_notebooks_of_other_kernels_are_left_alone(self):
        python = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}, "language_info": {"name": "python", "version": "3.12"}}
        written = self.saved((nbformat.writes(v4.new_notebook()) + "\n").encode(), python)
        self.assertEqual(json.loads(written)["metadata"]["language_info"]["version"], "3.12")
        self.assertEqual(json.loads(written)["metadata"]["kernelspec"], python["kernelspec"])


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
            return execute.run("n", notebook, mock.Mock())

    def test_an_exception_is_reported_by_cell_and_message(self):
        output = v4.new_output("error", ename="IllegalStateException", evalue="no model", traceback=["at A", "at B"])
        self.assertEqual(self.failure(output), "cell [3]: IllegalStateException: no model")

    def test_a_compilation_error_is_reported_in_the_words_of_the_compiler(self):
        said = ["\x1b[31mcannot find symbol\x1b[0m", "", "  symbol: y"]
        output = v4.new_output("error", ename="CompilationException", evalue="[snippet: y]", traceback=said)
        self.assertEqual(self.failure(output), "cell [3]: cannot find symbol\n  symbol: y")


class Interruption(unittest.TestCase):
    """A script with two notebooks that would run for minutes, one after the other or both at once, in a folder of its own.

    The library is on the class path, as in every notebook: it ends a kernel whose launcher is gone.
    """

    SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import execute
execute.NOTEBOOKS = Path(sys.argv[2])
execute.OUTPUT = Path(sys.argv[2]) / "output"
execute.listen()
sys.exit(execute.main(["--jobs", sys.argv[3]]))
"""
    CELL = """
java.nio.file.Files.writeString(java.nio.file.Path.of("%s.pid"), "" + ProcessHandle.current().pid());
Thread.sleep(%d);
"""

    def interrupted(self, number, jobs=1):
        """The exit status after a signal; what was said; and the files that are there when the kernel is gone."""
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            names = ("1-long", "2-long")
            for name in names:
                cells = [f"%classpath {execute.LIBRARY}", self.CELL % (name, 600_000)]
                notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
                (folder / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
            command = [sys.executable, "-c", self.SCRIPT, str(execute.ROOT / "notebooks"), scratch, str(jobs)]
            script = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            started = [folder / f"{name}.pid" for name in names[:jobs]]
            self.within(180, lambda: all(each.exists() and each.read_text() for each in started), "the first cells run")
            kernels = [int(each.read_text()) for each in started]
            script.send_signal(number)
            said, _ = script.communicate(timeout=60)
            self.within(60, lambda: not any(map(self.runs, kernels)), "the kernels end")
            files = {path.name for path in folder.rglob("*") if path.is_file()}
            begun = {f"{name}.{kind}" for name in names[:jobs] for kind in ("pid", "log")}
            return script.returncode, said, files - begun - {f"{name}.ipynb" for name in names}

    @staticmethod
    def runs(process):
        """A process that nobody asked how it ended is still in the list."""
        try:
            return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def within(self, seconds, condition, what):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, f"{what} within {seconds} s")
            time.sleep(0.1)

    def test_a_signal_ends_script_and_kernel_at_once_and_nothing_is_recorded(self):
        for number, code, jobs in ((signal.SIGINT, 130, 2), (signal.SIGTERM, 143, 1)):
            with self.subTest(number):
                status, said, files = self.interrupted(number, jobs)
                self.assertEqual((status, files), (code, set()), said)
                self.assertEqual(len(said.splitlines()), 1, said)
                self.assertIn("interrupted", said)

    def test_a_kernel_ends_with_the_script_that_is_killed(self):
        status, _, files = self.interrupted(signal.SIGKILL)
        self.assertEqual((status, files), (-signal.SIGKILL, set()))


class AtATime(unittest.TestCase):
    """How many notebooks run at once."""

    def jobs(self, cores, gigabytes):
        with mock.patch.object(execute, "cores", return_value=cores), mock.patch.object(execute, "free_memory", return_value=gigabytes * 10**9):
            return execute.at_a_time()

    def test_each_needs_a_core_and_memory(self):
        self.assertEqual([self.jobs(*each) for each in ((2, 20), (2, 10), (1, 64), (8, 30), (4, 2))], [2, 1, 1, 4, 1])

    def test_the_memory_is_that_of_this_machine_at_most(self):
        self.assertLessEqual(execute.free_memory(), psutil.virtual_memory().total)

    def test_neighbours_do_not_start_together(self):
        """The later finds in the store what the earlier has read; one after the other they keep their order."""
        self.assertEqual([execute.apart(list(range(9)), jobs) for jobs in (1, 2)], [[*range(9)], [0, 3, 6, 1, 4, 7, 2, 5, 8]])

    def test_none_at_all_is_an_error(self):
        with mock.patch.object(sys, "stderr"), self.assertRaises(SystemExit):
            execute.main(["--jobs", "0"])


class Beforehand(unittest.TestCase):
    """What would fail after minutes, or write elsewhere, is refused before a notebook runs."""

    def test_the_profile_is_one_that_there_is(self):
        for name, is_one in {"quick": True, "quick@gpt2": True, "nope": False, "../quick": False, "quick@../x": False, "quick@": False}.items():
            with mock.patch.dict(os.environ, {"PROFILE": name}):
                if is_one:
                    self.assertEqual(execute.profile(), name)
                else:
                    with self.assertRaisesRegex(SystemExit, "There is no profile .*PROFILE is one of quick"):
                        execute.profile()
        with mock.patch.dict(os.environ, {"PROFILE": " "}):
            self.assertEqual(execute.profile(), "quick")

    def test_the_library_is_built(self):
        missing = execute.ROOT / "kernel-lib" / "target" / "none.jar"
        with mock.patch.object(execute, "LIBRARY", missing), mock.patch.object(execute, "execute_all") as run:
            with self.assertRaisesRegex(SystemExit, "none.jar is not there: build the library first, with make setup"):
                execute.main(["00-quickstart"])
            run.assert_not_called()

    def test_damaged_timings_are_none(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "timings.json"
            self.assertEqual(execute.last_runs(kept), {})
            for text in ("", '{"a', "[]", '{"a": 1}', '{"a": {"seconds": 1}}'):
                kept.write_text(text)
                self.assertEqual(execute.last_runs(kept), {}, text)
            kept.write_text('{"a": {"seconds": 1, "failure": null}}')
            self.assertEqual(list(execute.last_runs(kept)), ["a"])


class Selection(unittest.TestCase):
    def test_an_unknown_name_is_an_error_that_names_it(self):
        with self.assertRaisesRegex(SystemExit, "No notebook 77-nothing in notebooks/"):
            execute.selected(["77-nothing"])


if __name__ == "__main__":
    unittest.main()
