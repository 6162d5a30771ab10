"""Runs notebooks in the Java kernel and leaves what they show under build/notebooks/PROFILE.

    .venv/bin/python notebooks/execute.py [--in-place] [--missing] [--jobs N] [NAME ...]

For each notebook: NAME.ipynb as executed, NAME.html (one file, needs no network), and NAME.log, what the kernel process wrote.
timings.json holds the seconds, the kernel's largest memory in MB, how many ran at a time and the failure, if any, of the last run of each.
"""

import argparse
import concurrent.futures
import contextlib
import ctypes
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
OUTPUT = ROOT / "build" / "notebooks"
LIBRARY = ROOT / "kernel-lib" / "target" / "whylm.jar"
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
MEMORY = 7_000_000_000  # of a kernel: 4 GB of heap, and what the model takes beside it
MATHJAX = ROOT / "kernel-lib" / "target" / "mathjax" / "tex-svg-full.js"

PAGE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}
<script>
MathJax = {
  tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']], processEscapes: true},
  options: {enableMenu: false, ignoreHtmlClass: 'tex2jax_ignore|mathjax_ignore|jp-OutputArea-output'}
};
</script>
<script>{{ resources.mathjax }}</script>
{%- endblock -%}
"""


def selected(names):
    """The notebooks of the given names, or all, in the order of their numbers."""
    found = {path.stem: path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    if not names:
        return list(found.values())
    unknown = [name for name in names if Path(name).stem not in found]
    if unknown:
        raise SystemExit(f"No notebook {', '.join(unknown)} in notebooks/: there are {', '.join(found) or 'none'}")
    return [found[Path(name).stem] for name in names]


RUNNING = {}  # by name of the notebook


def die_with_parent():
    """Runs in the kernel's process before its program: on Linux it is killed when this script is, however that ends."""
    if LIBC is not None:
        LIBC.prctl(1, signal.SIGKILL)


def stop(code):
    """Ends the script at once, with the kernel and all that it started; nothing is recorded of the notebook."""
    for client in list(RUNNING.values()):
        process = getattr(getattr(client.km, "provisioner", None), "process", None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    print("execute: interrupted; nothing of the notebooks that ran was recorded", file=sys.stderr, flush=True)
    os._exit(code)


def memory(client):
    """Resident bytes of a kernel with what it started; 0 where there is none."""
    process = getattr(getattr(client.km, "provisioner", None), "process", None)
    if process is None:
        return 0
    try:
        kernel = psutil.Process(process.pid)
        return sum(each.memory_info().rss for each in [kernel, *kernel.children(recursive=True)])
    except psutil.Error:
        return 0


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_memory():
    """Bytes that may still be had here, or in this container."""
    free = psutil.virtual_memory().available
    with contextlib.suppress(OSError, ValueError):  # no control group, or "max"
        group = Path("/sys/fs/cgroup")
        free = min(free, int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return free


def at_a_time():
    """How many notebooks may run at once: each needs a core, and up to MEMORY."""
    return max(1, min(cores(), free_memory() // MEMORY))


def run(name, notebook, log):
    """Executes every cell in place, up to the first that fails; says what failed, or None."""
    client = NotebookClient(
        notebook,
        kernel_name="java",
        timeout=None,
        startup_timeout=180,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    RUNNING[name] = client
    try:
        client.execute(stdout=log, stderr=log, preexec_fn=die_with_parent)
    except CellExecutionError:
        cell, error = next((c, o) for c in notebook.cells for o in c.get("outputs", []) if o.output_type == "error")
        # The value of a compilation error is the snippet; what the compiler says about it is in the trace.
        compilation = error.ename.endswith("CompilationException")
        said = "\n".join(error.traceback) if compilation else f"{error.ename}: {error.evalue}"
        return f"cell [{cell.execution_count}]: {plain(said)}"
    except Exception as error:  # a kernel that dies or does not start must not keep the other notebooks from running
        return f"{type(error).__name__}: {plain(str(error))} (what the kernel process wrote: {log.name})"
    finally:
        del RUNNING[name]
    return None


def plain(text):
    """The text without terminal colours, in at most twenty lines."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    return "\n".join([line for line in lines if line.strip()][:20])


def page(notebook, title):
    """The notebook as one HTML file that loads nothing."""
    exporter = HTMLExporter(raw_template=PAGE, embed_images=True, sanitize_html=False)
    script = MATHJAX.read_text(encoding="utf-8").replace("</script", "<\\/script")
    html, _ = exporter.from_notebook_node(notebook, {"mathjax": script, "metadata": {"name": title}})
    return html


def committed_metadata(metadata):
    """Of a notebook's metadata the kernel by its name, and the language without the build that ran."""
    language = metadata.get("language_info", {})
    kept = ("name", "file_extension", "mimetype", "codemirror_mode", "pygments_lexer")
    return {
        "kernelspec": {"display_name": "Java", "language": "java", "name": "java"},
        "language_info": {key: language[key] for key in kept if key in language},
    }


def publishable(notebook):
    """A copy to commit: no log lines, no path of this machine, nothing that says when or with which build of Java it ran; figures once."""
    copy = nbformat.from_dict(json.loads(json.dumps(notebook)))
    copy.metadata = nbformat.from_dict(committed_metadata(notebook.metadata))
    for cell in copy.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [
                relative(output)
                for output in cell.outputs
                if not (output.output_type == "stream" and output.name == "stderr")
            ]
            for data in (output.get("data", {}) for output in cell.outputs):
                if "image/png" in data:  # as a code host shows it; an executed notebook under build/ has lines too
                    data.pop("image/svg+xml", None)
    return copy


def relative(value):
    """The value with the path of this checkout taken out of every text in it."""
    if isinstance(value, str):
        return value.replace(str(ROOT) + os.sep, "").replace(str(ROOT), ".")
    if isinstance(value, list):
        return [relative(item) for item in value]
    if isinstance(value, dict):
        return nbformat.from_dict({key: relative(item) for key, item in value.items()})
    return value


def write(path, text):
    """Writes the whole file or leaves the old one."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def is_current(path, last, executed):
    """Whether the last run succeeded, after the notebook and the library last changed."""
    if last is None or last["failure"] or not executed.exists():
        return False
    return executed.stat().st_mtime > max(path.stat().st_mtime, LIBRARY.stat().st_mtime)


def execute(path, output, in_place):
    """Runs a notebook and writes what it shows; gives the seconds and what failed, or None."""
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    with open(output / f"{path.stem}.log", "w", encoding="utf-8") as log:
        failure = run(path.stem, notebook, log)
    seconds = round(time.monotonic() - start, 1)
    write(output / path.name, nbformat.writes(notebook) + "\n")
    write(output / f"{path.stem}.html", page(notebook, path.stem))
    if in_place and not failure:
        write(path, nbformat.writes(publishable(notebook)) + "\n")
    return seconds, failure


def apart(paths, jobs):
    """In an order in which neighbours, which read the same texts, do not start together: the later finds them in the store."""
    step = jobs + 1 if jobs > 1 else 1
    return [path for first in range(step) for path in paths[first::step]]


def execute_all(paths, output, in_place, jobs):
    """Runs notebooks, so many at a time: name, seconds, bytes of memory and failure of each as it ends.

    They run in threads, where nbclient takes no signals: those of the script are ours.
    """
    largest = dict.fromkeys((path.stem for path in paths), 0)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        names = {pool.submit(execute, path, output, in_place): path.stem for path in apart(paths, jobs)}
        while names:
            for name, client in list(RUNNING.items()):
                largest[name] = max(largest[name], memory(client))
            ended, _ = concurrent.futures.wait(names, timeout=0.1, return_when=concurrent.futures.FIRST_COMPLETED)
            for each in ended:
                name = names.pop(each)
                yield name, *each.result(), largest[name]


def profile():
    """The profile of the run; what it writes lies in a folder of that name."""
    name = os.environ.get("PROFILE", "").strip() or "quick"
    known = [each["name"] for each in json.loads((ROOT / "notebooks" / "profiles.json").read_text(encoding="utf-8"))]
    if not re.fullmatch(r"[^@]+(@[\w.-]+)?", name) or name.partition("@")[0] not in known:
        raise SystemExit(f"There is no profile {name} in notebooks/profiles.json: PROFILE is one of {', '.join(known)}")
    return name


def last_runs(kept):
    """What timings.json says of each notebook; nothing where it is not there or not as it was written."""
    try:
        timings = json.loads(kept.read_text(encoding="utf-8"))
        return {name: run for name, run in timings.items() if {"seconds", "failure"} <= run.keys()}
    except (OSError, ValueError, AttributeError):
        return {}


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Run notebooks in the Java kernel.")
    parser.add_argument("names", metavar="NAME", nargs="*", help="notebooks to run; all, if none is named")
    parser.add_argument("--in-place", action="store_true", help="keep the outputs in notebooks/ too, fit to commit")
    parser.add_argument("--missing", action="store_true", help="leave out those that ran since their last change")
    parser.add_argument("--jobs", type=int, default=at_a_time(), help="how many at a time; here %(default)s by default")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error("--jobs is at least 1")

    os.environ["WHYLM_HEADLESS"] = "1"  # progress goes to the log, none of it to the notebook
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # the kernel of this virtual environment, not one in the home folder
    output = OUTPUT / profile()
    kept = output / "timings.json"
    timings = last_runs(kept)
    wanted = selected(options.names)
    for file in (LIBRARY, MATHJAX):
        if not file.exists():
            raise SystemExit(f"{file.relative_to(ROOT)} is not there: build the library first, with make setup")
    output.mkdir(parents=True, exist_ok=True)
    paths = []
    for path in wanted:
        if options.missing and is_current(path, timings.get(path.stem), output / path.name):
            print(f"{path.stem:32} already run")
        else:
            paths.append(path)
    jobs = min(options.jobs, max(1, len(paths)))
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, cores() // jobs)))  # of the engine, in each kernel
    failed = 0
    for name, seconds, failure, largest in execute_all(paths, output, options.in_place, jobs):
        timings[name] = {"seconds": seconds, "megabytes": round(largest / 1e6), "atATime": jobs, "failure": failure}
        write(kept, json.dumps(dict(sorted(timings.items())), indent=2) + "\n")
        failed += failure is not None
        print(f"{name:32} {seconds:7.1f} s  {'failed in ' + failure if failure else 'ok'}", flush=True)
    return 1 if failed else 0


def listen():
    """Takes Ctrl-C and a polite kill."""
    signal.signal(signal.SIGINT, lambda *_: stop(130))
    signal.signal(signal.SIGTERM, lambda *_: stop(143))


if __name__ == "__main__":
    listen()
    sys.exit(main())
