"""scripts/plot_report.py: the picture says what the report says."""

import importlib.util
import json
import pathlib
import subprocess
import sys
import unittest
import xml.etree.ElementTree as tree

from common import ROOT, Case, flowspan

SCRIPT = ROOT / "scripts/plot_report.py"
SVG = "{http://www.w3.org/2000/svg}"


def block(name, work, waits_in=0.0, waits_out=0.0):
    return {"block": name, "type": "copy", "items_in": 1234567, "items_out": 7, "calls": 3, "work_s": work, "longest_call_s": 0,
            "waiting_on_input_s": waits_in, "waiting_on_output_s": waits_out}


def rank(number, blocks, crossings=()):
    return {"rank": number, "host": "node<7>", "blocks": blocks, "crossings": list(crossings), "channels": [], "buffer_bytes": 0,
            "peak_memory_bytes": 3 << 20, "user_cpu_s": 1.5, "system_cpu_s": 0.5}


def report(*ranks, **more):
    return {"flowspan": "0", "graph": "a & b", "state": "done", "seconds": 4.0, "rank_count": len(ranks), "ranks": list(ranks),
            "summary": {"samples": 8000000, "samples_per_s": 2e6, "times_real_time": 2.5}, **more}


class Plot(Case):
    def draw(self, said, output="r.svg", code=0):
        pathlib.Path("r.json").write_text(said if isinstance(said, str) else json.dumps(said))
        done = subprocess.run([sys.executable, "-S", str(SCRIPT), "r.json", "-o", output], capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout + done.stderr

    def picture(self, said):
        """(texts, [(title, [(colour, width)])]) of the drawing; Python alone has drawn it (-S: no packages)."""
        self.draw(said)
        root = tree.parse("r.svg").getroot()
        texts = [t.text for t in root.iter(SVG + "text")]
        bars = {}
        for box in root.iter(SVG + "rect"):
            if box.find(SVG + "title") is not None:
                bars.setdefault(box.find(SVG + "title").text, []).append((box.get("fill"), float(box.get("width"))))
        height = float(root.get("height"))
        for item in list(root.iter(SVG + "rect")) + list(root.iter(SVG + "text")):
            self.assertLessEqual(float(item.get("y", 0)), height)
            self.assertLessEqual(float(item.get("x", 0)) + float(item.get("width", 0)), 960.01)
        return texts, bars

    def test_ranks_work_waits_and_crossings(self):
        edge = {"edge": "a.out", "from": 0, "to": 1, "bytes": 3 << 20, "items": 10, "records": 5}
        less = {**edge, "edge": "b.out", "from": 1, "to": 2, "bytes": 1 << 20}
        texts, bars = self.picture(report(rank(0, [block("a", 1.0, 0.5, 2.0)], [edge]), rank(1, [block("b<&>", 0.001)], [less]), rank(2, [block("c", 0)])))
        for text in ("a & b: done", "4 s on 3 ranks · 8,000,000 samples, 2 MS/s · 2.5 times real time", "1 ms", "25 %", "0.025 %", "3 s", "rank 0 on node<7>", "a.out  0 → 1", "3 MiB",
                     "2 s of CPU time (50 % of a core), 3 MiB of memory", "4 MiB over 2 edges, 1 MiB/s"):
            self.assertIn(text, texts)
        bar = bars["a: worked 1 s, waited for input 500 ms, for room 2 s; 1,234,567 items in, 7 out, 3 calls"]
        whole = bar[0][1]
        self.assertTrue(any(title.startswith("b<&>: worked 1 ms") for title in bars))
        self.assertEqual([round(width / whole, 3) for _, width in bar], [1.0, 0.25, 0.125, 0.5])
        self.assertEqual(len({colour for colour, _ in bar}), 4)
        crossed = [bars[f"{e}  {a} → {b}: {n} MiB, 10 items, 5 records"][0][1] for e, a, b, n in (("a.out", 0, 1, 3), ("b.out", 1, 2, 1))]
        self.assertAlmostEqual(crossed[0] / crossed[1], 3, 1)
        self.assertIn("rank 1 to 2: 1 MiB", bars)
        self.assertIn("rank 2 to 0: 0 B", bars)

    def test_many_blocks_and_crossings_are_summed(self):
        edges = [{"edge": f"e{k}", "from": 0, "to": 1, "bytes": 1024, "items": 1, "records": 1} for k in range(50)]
        texts, bars = self.picture(report(rank(0, [block(f"b{k}", 0.01 * k, 1.0) for k in range(100)], edges), rank(1, [])))
        self.assertIn("88 more blocks", texts)
        self.assertIn("b99", texts)
        self.assertNotIn("b3", texts)
        others = bars["88 more blocks: worked 38.3 s, waited for input 1 s each, for room 0 s each"]
        self.assertEqual(round(others[1][1] / others[0][1], 3), 1.0)  # (they worked for longer than the run lasted: 38.3 s of 4 s)
        idle = self.picture(report(rank(0, [block(f"b{k}", 0.001, 1.0) for k in range(100)])))[1]
        bar = next(bar for title, bar in idle.items() if title.startswith("88 more blocks"))
        self.assertEqual([round(width / bar[0][1], 3) for _, width in bar], [1.0, 0.022, 0.25])
        self.assertEqual(len([t for t in texts if t.endswith("  0 → 1")]), 20)
        self.assertIn("30 more", texts)
        self.assertIn("30 KiB", texts)

    def test_copies_are_one_where_there_are_many(self):
        edges = [{"edge": f"split.out[{k}]", "from": 0, "to": 1, "bytes": 1024, "items": 1, "records": 1} for k in range(50)]
        blocks = [block(f"watch[{k}].demod", 0.01, 1.0) for k in range(50)] + [block("split", 2.0)]
        texts, bars = self.picture(report(rank(0, blocks, edges), rank(1, [block("a[0]", 1.0), block("a[1]", 1.0)])))
        for text in ("50 x watch[*].demod", "500 ms", "split", "a[0]", "a[1]", "50 x split.out[*]  0 → 1", "50 KiB"):
            self.assertIn(text, texts)
        self.assertIn("50 x watch[*].demod: worked 500 ms, waited for input 1 s each, for room 0 s each", bars)
        self.assertIn("50 x split.out[*]  0 → 1: 50 KiB, 50 items, 50 records", bars)

    def test_many_ranks_are_those_that_work_most(self):
        texts, _ = self.picture(report(*[rank(k, [block(f"b{k}", 0.1 * (k % 50))]) for k in range(100)]))
        self.assertIn("68 more ranks worked less", texts)
        shown = [int(t.split()[1]) for t in texts if t.startswith("rank ")]
        self.assertEqual(shown, [k for k in range(100) if k % 50 >= 34])

    def test_what_is_wrong_is_said(self):
        self.assertIn("plot_report: cannot draw r.json: ", self.draw("{", code=3))
        self.assertIn("it is no report of a run", self.draw({"flowspan": "0", "units": []}, code=3))
        self.assertIn("expected FILE.svg or FILE.png, got r.gif", self.draw(report(rank(0, [])), "r.gif", code=2))
        self.assertIn("cannot write none/r.svg: No such file", self.draw(report(rank(0, [])), "none/r.svg", code=3))
        self.assertIn("a PNG needs matplotlib", self.draw(report(rank(0, [])), "r.png", code=2))
        failed = report(rank(0, []), state="failed", cause="gain: it broke", seconds=0)
        del failed["summary"]
        texts, _ = self.picture(failed)
        self.assertIn("a & b: failed", texts)
        self.assertIn("gain: it broke", texts)

    def test_a_real_report(self):
        g = flowspan.Graph("real")
        g.add("source", "null_source", sample_rate=1000, length=10**5)
        g.add("gain", "multiply_const", constant=2)
        g.add("sink", "null_sink")
        g.connect("source", "gain", "sink")
        g.assign(0, "source")
        g.assign(1, "gain", "sink")
        texts, bars = self.picture(g.run(ranks=2).report)
        self.assertTrue({"source", "gain", "sink", "real: done", "source.out  0 → 1"} <= set(texts))

    def test_a_png_by_matplotlib(self):
        if importlib.util.find_spec("matplotlib") is None:
            self.skipTest("this Python has no matplotlib")
        pathlib.Path("r.json").write_text(json.dumps(report(rank(0, [block("a$b", 1.0)]))))
        subprocess.run([sys.executable, str(SCRIPT), "r.json", "-o", "r.png"], check=True)
        picture = flowspan.open_product("r.png").data
        self.assertEqual(picture.shape[1], 1440)
        colours = {tuple(c) for c in picture.reshape(-1, 3)[::7]}
        self.assertIn((0x2a, 0x6f, 0x97), colours)


if __name__ == "__main__":
    unittest.main()
