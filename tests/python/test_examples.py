"""What the manual shows: its blocks of code as one program, and the notebook without Jupyter."""

import contextlib
import io
import json
import pathlib
import re
import unittest

from common import ROOT, Case, flowspan, noise, np, recording

FM = """flowspan: 1
name: fm
parameters:
  recording: {help: What to receive from.}
  volume: {default: 1, help: A factor.}
blocks:
  source:  {type: file_source, path: $recording}
  station: {type: frequency_translate, shift: 0 kHz, decimation: 4}
  demod:   {type: fm_demod, deviation: 5 kHz}
  louder:  {type: multiply_const, constant: $volume}
  wav:     {type: wav_sink, path: station.wav}
connections: [source -> station -> demod -> louder -> wav]
ranks: {0: "source, station", 1: "demod, louder, wav"}
"""


class Examples(Case):
    def test_the_manual_runs(self):
        recording("band", noise(20000), 192000, 100e6, "2026-01-31T12:00:00Z")
        pathlib.Path("fm.yaml").write_text(FM)
        parts = re.findall(r"```python\n(.*?)```", (ROOT / "docs/python.md").read_text(), re.DOTALL)
        self.assertGreaterEqual(len(parts), 6)
        names, said = {}, io.StringIO()
        with contextlib.redirect_stdout(said):
            for part in parts:
                exec(compile(part, "python.md", "exec"), names)
        self.assertIn("out/station.wav (5000,) 48000.0", said.getvalue())
        self.assertIn("station.decimation an integer", said.getvalue())
        self.assertRegex(said.getvalue(), r"band.sigmf-meta/volume=0.25 done None \['station.wav'\]")

    def test_every_public_name_is_explained(self):
        for name in flowspan.__all__:
            self.assertTrue((getattr(flowspan, name).__doc__ or "").strip(), name)
        text = (ROOT / "docs/python.md").read_text()
        for name, value in vars(flowspan).items():
            if isinstance(value, type) and issubclass(value, flowspan.FlowspanError):
                self.assertIn(f"`{name}`", text)
        for kind in {"raw", "npy", "sigmf", "wav", "hdf5", "digital_rf", "annotations", "messages", "picture", "report", "other"}:
            self.assertIn(f"| `{kind}`", text)

    def test_the_notebook_runs_in_ten_lines(self):
        cells = json.loads((ROOT / "docs/examples/seed.ipynb").read_text())["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        self.assertLessEqual(len([line for cell in code for line in cell.splitlines() if line.strip()]), 11)
        names, said = {}, io.StringIO()
        with contextlib.redirect_stdout(said):
            for cell in code:
                exec(compile(cell, "seed.ipynb", "exec"), names)
        index, samples = names["changed"].index, names["samples"]
        self.assertEqual(said.getvalue(), f"k is 5.0 from sample {index} on\n")
        self.assertGreater(len(samples), index)
        k = np.where(np.arange(len(samples)) < index, 1, 5)
        self.same(samples, (np.resize([1, 2, 3], len(samples)) * k).astype("f4"))
        self.assertEqual(names["run"].result.report["rank_count"], 2)
        by_rank = [{b["type"] for b in rank["blocks"]} for rank in names["run"].result.report["ranks"]]
        self.assertEqual(by_rank[0], {"vector_source", "throttle", "copy"})


if __name__ == "__main__":
    unittest.main()
