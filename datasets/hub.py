#!/usr/bin/env python3
"""Brings a model of a hub into the cache of the hub's own client, huggingface_hub, and says where it lies.

    hub.py REPOSITORY REVISION [FILE ... | --remove]

Address, cache, proxies, token and offline mode are that client's (HF_ENDPOINT, HF_HUB_CACHE, HF_HOME, HF_TOKEN, HF_HUB_OFFLINE and so
on). Without files: configuration, tokenizer and weights, or the one GGUF file. Nothing but safetensors, GGUF, JSON and text is
fetched, and nothing is executed. --remove takes a revision out of the cache again. One line of JSON on standard output: {"folder": ...} or
{"error": ...}.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import sys
import threading
from pathlib import Path

READABLE = (".safetensors", ".gguf", ".json", ".txt", ".model")
INDEX = "model.safetensors.index.json"
PATIENCE = "HF_HUB_ETAG_TIMEOUT"  # the client's own variable
FIRST_ANSWER = float(os.environ.get(PATIENCE, "").strip() or 3)  # seconds that an unreachable hub takes, at most


class HubError(Exception):
    """What went wrong and what to do, in one line."""


def chosen(names: list[str], read_index) -> list[str]:
    """The files of a repository that make a model."""
    if "config.json" in names:
        wanted = [name for name in ("config.json", "tokenizer.json", "tokenizer_config.json") if name in names]
        if INDEX in names:
            return [*wanted, INDEX, *sorted(set(read_index()["weight_map"].values()))]
        if "model.safetensors" in names:
            return [*wanted, "model.safetensors"]
        raise HubError("has neither model.safetensors nor its index; other formats of weights, such as pickles, are not read")
    ggufs = [name for name in names if name.endswith(".gguf")]
    if len(ggufs) == 1:
        return ggufs
    raise HubError("has no config.json and " + (f"{len(ggufs)} GGUF files: name one of them, as in hub:org/name/FILE.gguf, of "
                                                 + ", ".join(ggufs) if ggufs else "no GGUF file"))


def check(file: Path) -> None:
    """Compares a large file with the hash that the hub announced, which is the name of the cached blob."""
    blob = file.resolve()
    if not re.fullmatch("[0-9a-f]{64}", blob.name):
        return
    with open(blob, "rb") as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    if digest.hexdigest() != blob.name:
        file.unlink()
        blob.unlink(missing_ok=True)
        raise HubError(f"{file.name} arrived with SHA-256 {digest.hexdigest()}, the hub announced {blob.name}: damaged on the way; "
                       "it was removed, run this again")


def answered(ask):
    """What the hub answers at first, or an error after some seconds, whoever is silent: name server, proxy or hub."""
    answers, failures = [], []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # noqa: BLE001  raised again below
            failures.append(error)

    asking = threading.Thread(target=run, daemon=True)
    asking.start()
    asking.join(FIRST_ANSWER + 0.5)
    if failures:
        raise failures[0]
    if not answers:
        raise HubError(f"did not answer in {FIRST_ANSWER:g} seconds; {PATIENCE} may allow more")
    return answers[0]


def bring(repository: str, revision: str, files: list[str]) -> Path:
    """The folder with the files of a revision."""
    from huggingface_hub import HfApi, hf_hub_download

    # Asked first, even if the files are named: the client asks for this once, and for a file six times before it gives up.
    listed = answered(lambda: HfApi().model_info(repository, revision=revision, timeout=FIRST_ANSWER)).siblings

    def read_index() -> dict:
        return json.loads(Path(hf_hub_download(repository, INDEX, revision=revision)).read_text(encoding="utf-8"))

    files = files or chosen([each.rfilename for each in listed], read_index)
    folders = set()
    for name in files:
        if not name.endswith(READABLE) or ".." in name or name.startswith("/"):
            raise HubError(f"lists {name!r}, which is no file of a model that is read here")
        file = Path(hf_hub_download(repository, name, revision=revision, etag_timeout=FIRST_ANSWER))
        check(file)
        folders.add(file.parents[name.count("/")])
    if len(folders) > 1:
        raise HubError("changed while it was fetched: run this again")
    return folders.pop()


def remove(repository: str, revision: str) -> Path:
    """Takes a revision out of the cache, but for what others share with it."""
    from huggingface_hub import constants, scan_cache_dir

    cache = scan_cache_dir()
    commits = [each.commit_hash for cached in cache.repos if (cached.repo_type, cached.repo_id) == ("model", repository)
               for each in cached.revisions if revision in (each.commit_hash, *each.refs)]
    cache.delete_revisions(*commits).execute()
    return Path(constants.HF_HUB_CACHE)


def reason(error: Exception, repository: str, revision: str) -> str:
    """What an exception of the client means, in one line."""
    from huggingface_hub import constants, errors

    where = f"{repository} at {constants.ENDPOINT}"
    chain = [error]
    while following := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(following)
    responses = [each.response for each in chain if getattr(each, "response", None) is not None]
    status = responses[0].status_code if responses else None
    if isinstance(error, HubError):
        return f"{where} {error}"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{where} has no revision {revision}"
    if status in (401, 403):
        return (f"{where} is refused ({status}): there is no such repository, or it is private or its terms are not accepted; "
                "accept them there, then set HF_TOKEN or run `hf auth login`")
    if isinstance(error, (errors.RepositoryNotFoundError, errors.RemoteEntryNotFoundError)) or status == 404:
        return f"{where}: not there (404), {responses[0].url.path if responses else 'or a file of it'}"
    if status is not None:
        return f"{where} answers {status}"
    if isinstance(error, errors.OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return f"{repository} is not whole in {constants.HF_HUB_CACHE}, and HF_HUB_OFFLINE forbids to ask the hub"
    return f"{where} could not be fetched: {' '.join((str(chain[-1]) or type(chain[-1]).__name__).split())}"


def main(repository: str, revision: str, *files: str) -> int:
    try:
        folder = remove(repository, revision) if files == ("--remove",) else bring(repository, revision, list(files))
        answer = {"folder": str(folder)}
    except ImportError as error:
        answer = {"error": f"{error.name} is missing in {sys.prefix}: run `make setup`"}
    except Exception as error:  # noqa: BLE001  of many libraries below, each of them one line for the caller
        answer = {"error": reason(error, repository, revision)}
    print(json.dumps(answer))
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(*sys.argv[1:]))
