"""Settings of `make lab`: what JupyterLab saves of a notebook that was only opened is the file that was there.

JupyterLab puts into a notebook, as soon as its kernel has started, which build of Java that is and how it is called; the
committed notebooks have no such things (execute.py). They are left out again when it saves.
"""

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "execute.py"


def of_execute():
    specification = importlib.util.spec_from_file_location("execute", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def leave_out(model, **_):
    metadata = (model.get("content") or {}).get("metadata", {}) if model["type"] == "notebook" else {}
    if metadata.get("kernelspec", {}).get("name") == "java":
        metadata.update(execute.committed_metadata(metadata))


execute = of_execute()
c = get_config()  # noqa: F821 (Jupyter's)
c.FileContentsManager.pre_save_hook = leave_out
