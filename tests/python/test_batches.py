"""Batches from Python: units as they are over, more while they run, and every way in which that ends."""

import json
import os
import pathlib
import time
import unittest

from common import Case, flowspan, noise, np, recording

GRAPH = """flowspan: 1
name: gain
parameters:
  recording: {default: rec/r0.sigmf-meta, help: What is read.}
  gain: {default: 2, help: Factor.}
  command: {default: cat, help: A program.}
blocks:
  source: {type: file_source, path: $recording}
  gain: {type: multiply_const, constant: $gain}
  outside: {type: pipe, command: [$command]}
  sink: {type: file_sink, path: out.sigmf-meta}
connections: [source -> gain -> outside -> sink]
"""
LONG = """flowspan: 1
name: long
parameters: {recording: {default: rec/r0.sigmf-meta, help: What is read.}}
blocks:
  source: {type: file_source, path: $recording}
  sink: {type: file_sink, path: out.cf32}
  noise: {type: signal_source, kind: noise, sample_rate: 1 MHz, length: 1000000000000}
  nowhere: {type: null_sink}
connections: [source -> sink, noise -> nowhere]
"""


class Batches(Case):
    def setUp(self):
        super().setUp()
        os.mkdir("rec")
        self.samples = [noise(500, k) for k in range(4)]
        for k, samples in enumerate(self.samples):
            recording(f"rec/r{k}", samples, 1000)
        pathlib.Path("gain.yaml").write_text(GRAPH)

    def test_units_come_as_they_are_over_and_more_may_be_added(self):
        seen, steps = {}, []
        with flowspan.batch("gain.yaml", ["rec/r0.sigmf-meta", "rec/r1.sigmf-meta"], out="out", ranks=2, root="rec", progress=steps.append) as batch:
            for unit in batch:
                self.assertNotIn(unit.name, seen)
                seen[unit.name] = unit
                if len(seen) == 1:
                    said = batch.add("rec/r2.sigmf-meta", sweeps={"gain": [3, -1]})
                    self.assertEqual((said["added"], said["known"]), (2, 0))
                if len(seen) == 4:  # all that it knew of is over
                    self.assertEqual(batch.add("rec/r3.sigmf-meta", "rec/r0.sigmf-meta")["added"], 1)
        self.assertEqual(batch.code, 0)
        factors = {"r0.sigmf-meta": 2, "r1.sigmf-meta": 2, "r2.sigmf-meta/gain=3": 3, "r2.sigmf-meta/gain=-1": -1, "r3.sigmf-meta": 2}
        self.assertEqual(sorted(seen), sorted(factors))
        for name, factor in factors.items():
            unit = seen[name]
            self.assertEqual((unit.state, unit.cause), ("done", None))
            product, = unit.products.values()
            self.same(product.data, np.complex64(factor) * self.samples[int(name[1])])
        self.assertEqual(seen["r2.sigmf-meta/gain=3"].parameters, {"gain": "3"})
        self.assertEqual((steps[-1]["units"], steps[-1]["done"]), (5, 5))
        self.assertEqual([sorted(flowspan.products("out"))[0], len(flowspan.products("out"))], ["r0.sigmf-meta/out.sigmf-meta", 5])
        with flowspan.batch("gain.yaml", "rec", out="out") as batch:  # goes on where it was left
            self.assertEqual(sorted((u.name, u.state) for u in batch), [(f"r{k}.sigmf-meta", "done") for k in range(4)])

    def test_a_unit_that_fails_says_why(self):
        with flowspan.batch("gain.yaml", "rec/r0.sigmf-meta", out="out", root="rec", sweeps=["command=cat,false"], attempts=1) as batch:
            units = {u.parameters["command"]: u for u in batch}
        self.assertEqual({k: u.state for k, u in units.items()}, {"cat": "done", "false": "failed"})
        self.assertTrue(units["false"].cause.startswith("outside: "), units["false"].cause)
        self.assertEqual((units["false"].products, batch.code), ({}, 4))

    def test_what_is_refused_is_raised(self):
        pathlib.Path("wrong.yaml").write_text(GRAPH.replace("multiply_const", "multiply_cons"))
        with self.assertRaises(flowspan.Refused) as failed:
            flowspan.batch("wrong.yaml", "rec", out="out")
        self.assertEqual((failed.exception.line, failed.exception.hint), (9, "did you mean `multiply_const`?"))
        with self.assertRaises(flowspan.FlowspanError):
            flowspan.batch("gain.yaml", "none", out="out")
        with self.assertRaisesRegex(TypeError, "save the Graph"):
            flowspan.batch(flowspan.Graph(), "rec", out="out")
        with flowspan.batch("gain.yaml", "rec/r0.sigmf-meta", out="out", root="rec") as batch:
            for _ in batch:
                with self.assertRaisesRegex(flowspan.Refused, "gian"):
                    batch.add("rec/r1.sigmf-meta", sweeps={"gian": [1]})

    def test_a_unit_that_never_ends_is_cancelled(self):
        pathlib.Path("long.yaml").write_text(LONG)
        states = {}
        with flowspan.batch("gain.yaml", "rec/r0.sigmf-meta", out="out", root="rec") as batch:
            for unit in batch:
                states[unit.name.partition("/")[0]] = unit.state
                if unit.state == "done":
                    self.assertEqual(batch.add("rec/r1.sigmf-meta", graph="long.yaml")["added"], 1)
                    while not list(pathlib.Path("out").rglob("*.part")):  # it is being computed
                        time.sleep(0.05)
                    self.assertEqual(batch.cancel(), 1)
        self.assertEqual(states, {"r0.sigmf-meta": "done", "r1.sigmf-meta": "cancelled"})

    def test_a_loop_that_is_left_ends_the_batch(self):
        with self.assertRaises(ZeroDivisionError):
            with flowspan.batch("gain.yaml", "rec", out="out", grace=30) as batch:
                for unit in batch:
                    raise ZeroDivisionError
        self.assertIn(batch.code, (0, 75))
        self.assertTrue(batch._started.ended())
        with flowspan.batch("gain.yaml", "rec", out="out") as batch:
            self.assertEqual(len(list(batch)), 4)

    def test_a_stop_by_somebody_else(self):
        with flowspan.batch("gain.yaml", "rec", out="out") as batch:
            batch.stop()
            units = list(batch)
        self.assertIn(batch.code, (0, 75))
        index = pathlib.Path("out/index.jsonl")
        lines = map(json.loads, index.read_text().splitlines() if index.exists() else [])
        self.assertEqual(sorted(u.name for u in units), sorted(one["folder"] for one in lines if one["state"] == "done"))

    def test_what_a_line_has_no_room_for_comes_at_the_end(self):
        class Short(flowspan.Control):
            def ask(self, method, params=None, timeout=None):
                answer = super().ask(method, params, timeout)
                if method == "units.list":
                    answer["left_out"] = max(0, len(answer["units"]) - 1)
                    answer["units"] = answer["units"][:1]
                return answer

        self.addCleanup(setattr, flowspan, "Control", flowspan.Control)
        flowspan.Control = Short
        with flowspan.batch("gain.yaml", "rec", out="out") as batch:
            names = [u.name for u in batch]
        self.assertEqual(sorted(names), [f"r{k}.sigmf-meta" for k in range(4)])


if __name__ == "__main__":
    unittest.main()
