"""What `make` says, in one line and before any work, where something is missing or misspelt."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import execute


def ready(*arguments, path=None):
    """The exit code of `make ready`, and the line that it begins with."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE") and key != "MFLAGS"}
    if path is not None:
        environment["PATH"] = f"{path}{os.pathsep}{environment['PATH']}"
    command = ["make", "-s", "ready", *arguments]
    made = subprocess.run(command, cwd=execute.ROOT, env=environment, capture_output=True, text=True, check=False)
    return made.returncode, made.stderr.splitlines()[0] if made.stderr else ""


class Ready(unittest.TestCase):
    def test_nothing_is_said_where_all_is_there(self):
        self.assertEqual(ready("PROFILE=quick@gemma-3-270m"), (0, ""))

    def test_a_profile_and_its_model_are_names_that_there_are(self):
        code, said = ready("PROFILE=quikc")
        self.assertEqual(code, 2)
        self.assertRegex(said, "^There is no profile quikc: PROFILE is one of quick standard ")
        said = "There is no model gemma in datasets/models.json: PROFILE is quick@gemma"
        self.assertEqual(ready("PROFILE=quick@gemma"), (2, said))

    def test_java_is_a_jdk_of_17_or_later(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertRegex(ready(f"JAVA_HOME={folder}")[1], "^JAVA_HOME is .*, where there is no bin/javac")
            for version in ("1.8.0_392", "11.0.2"):
                javac = Path(folder) / "javac"
                javac.write_text(f"#!/bin/sh\necho javac {version}\n")
                javac.chmod(0o755)
                said = f"This is javac {version}: install a JDK 17 or later, or set JAVA_HOME to one"
                self.assertEqual(ready("JAVA_HOME=", path=folder), (2, said))

    def test_python_is_there(self):
        self.assertEqual(ready("PYTHON=python9"), (2, "There is no python9: install Python 3.10 or later, or make PYTHON=..."))


class Launcher(unittest.TestCase):
    def test_the_memory_of_java_is_a_size(self):
        for memory in ("much", "4g -version", "4 g"):
            command = [execute.ROOT / "whylm", "list"]
            ran = subprocess.run(command, env=os.environ | {"WHYLM_MEMORY": memory}, capture_output=True, text=True, check=False)
            self.assertEqual((ran.returncode, ran.stderr), (2, f"whylm: WHYLM_MEMORY is {memory}: give Java's memory as 4g or 900m\n"))


if __name__ == "__main__":
    unittest.main()
