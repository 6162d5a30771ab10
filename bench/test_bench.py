"""What is measured of a round and said of it; processes are small ones of this test, and nothing is said of how long anything takes."""

import io
import sys
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path

import measuring
from measuring import Bench, Process, Row, Served, Server

ECHO = """
import json, sys
arguments = {}
for line in sys.stdin:
    line = line.strip()
    if line:
        arguments = dict(pair.split("=", 1) for pair in open(line).read().splitlines())
    print(json.dumps([] if line else [float(arguments["value"])]), flush=True)
"""


def measured(row, side, seconds, others=0.0, steal=0.0):
    return [
        {"row": row, "side": side, "round": number, "seconds": s, "cpu": s, "memory_mb": 10.0, "load": 0.1, "others": others, "steal": steal}
        for number, s in enumerate(seconds, 1)
    ]


class Rounds(unittest.TestCase):
    def run_row(self, row, rounds=2):
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
            bench = Bench({"echo": lambda: Server([sys.executable, "-c", ECHO], {}, Path(folder))})
            try:
                bench.run(row, rounds)
            finally:
                bench.close()
        return bench

    def test_sides_alternate_and_the_first_round_does_not_count(self):
        sides = {"a": Served("echo", {"measure": "x", "value": 1}), "b": Served("echo", {"measure": "x", "value": 2})}
        bench = self.run_row(Row("r", "", sides))
        self.assertEqual([(r["round"], r["side"]) for r in bench.rounds], [(1, "a"), (1, "b"), (2, "a"), (2, "b")])
        self.assertEqual(bench.answers, {("r", "a"): [1.0], ("r", "b"): [2.0]})

    def test_a_whole_process_is_measured(self):
        bench = self.run_row(Row("r", "", {"a": Process([sys.executable, "-c", "sum(range(10**6))"])}), 1)
        self.assertGreater(bench.rounds[0]["seconds"], 0)
        self.assertGreater(bench.rounds[0]["cpu"], 0)

    def test_a_process_that_fails_ends_the_run_with_what_it_said(self):
        with self.assertRaises(SystemExit) as failure:
            self.run_row(Row("r", "", {"a": Process([sys.executable, "-c", "raise ValueError('seven')"])}))
        self.assertIn("seven", str(failure.exception))

    def test_a_server_that_dies_ends_the_run(self):
        with self.assertRaises(SystemExit):
            self.run_row(Row("r", "", {"a": Served("echo", {"measure": "x", "value": "none"})}))


class Said(unittest.TestCase):
    row = Row("r", "", {"ours": None, "peer": None, "limit": None}, {"peer": 2.0})

    def bench(self, others=0.0):
        bench = Bench({})
        bench.rounds = measured("r", "ours", [1, 2, 4], others) + measured("r", "peer", [3, 4, 4]) + measured("r", "limit", [1, 1, 1])
        return bench

    def test_ratios_are_of_the_same_round(self):
        self.assertEqual(measuring.ratios(self.bench().rounds, self.row, "peer"), [3, 2, 1])

    def test_a_target_is_reached_by_the_median(self):
        ours, peer, limit = measuring.lines(self.bench(), self.row)
        self.assertEqual(ours[:3] + ours[5:], ["ours", "2.00 (1.00 to 4.00)", "2.00", "10", "0 of 3"])
        self.assertEqual(peer[3:5], ["2.00 (1.00 to 3.00)", "reached: at least 2"])
        self.assertEqual(limit[4], "")
        missed = Row("r", "", self.row.sides, {"peer": 2.1})
        self.assertEqual(list(measuring.lines(self.bench(), missed))[1][4], "not reached: at least 2.1")

    def test_seconds_may_be_the_target(self):
        for limit, said in [(2, "reached: at most 2 s"), (1.9, "not reached: at most 1.9 s")]:
            row = Row("r", "", self.row.sides, {"seconds": limit})
            self.assertEqual(next(measuring.lines(self.bench(), row))[4], said)

    def test_what_others_did_makes_a_round_disturbed(self):
        self.assertEqual(next(measuring.lines(self.bench(others=0.2), self.row))[-1], "3 of 3")
        self.assertTrue(measuring.quiet({"others": 0.01, "steal": 0.01}))
        self.assertFalse(measuring.quiet({"others": 0.01, "steal": 0.2}))
        self.assertIsNone(measuring.quiet({"others": None, "steal": None}))


if __name__ == "__main__":
    unittest.main()
