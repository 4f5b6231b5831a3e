"""What the tests of flowspan.py share."""

import json
import os
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import numpy as np  # noqa: E402
import flowspan  # noqa: E402

SLOWER = int(os.environ.get("FLOWSPAN_SLOWER", "1"))  # sanitizers take their time


class Case(unittest.TestCase):
    """Each test has a folder of its own, in which it is."""
    maxDiff = None

    def setUp(self):
        made = tempfile.TemporaryDirectory(prefix="flowspan-python-")
        self.addCleanup(made.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(made.name)
        self.folder = pathlib.Path(made.name)

    def same(self, got, want):
        """Equal in type, shape and every bit that counts."""
        got, want = np.asarray(got), np.asarray(want)
        self.assertEqual((got.shape, got.dtype), (want.shape, want.dtype))
        self.assertTrue(np.array_equal(got, want), f"{got.ravel()[:8]} … for {want.ravel()[:8]} …")


def recording(name, samples, rate=1000, frequency=None, utc=None, captures=None, annotations=(), **more):
    """Writes a SigMF recording with Python alone; returns its header's path. samples: complex64, float32, or int16 with a last axis
    of I and Q."""
    samples = np.asarray(samples)
    kinds = {"c8": "cf32_le", "f4": "rf32_le", "i2": "ci16_le"}
    channels = samples.shape[1] if samples.ndim == 2 and samples.dtype.str[1:] != "i2" else 1
    first = {"core:sample_start": 0}
    if frequency is not None:
        first["core:frequency"] = frequency
    if utc is not None:
        first["core:datetime"] = utc
    header = {"global": {"core:datatype": kinds[samples.dtype.str[1:]], "core:sample_rate": rate, "core:version": "1.2.0", **more},
              "captures": captures or [first], "annotations": list(annotations)}
    if channels > 1:
        header["global"]["core:num_channels"] = channels
    samples.tofile(name + ".sigmf-data")
    pathlib.Path(name + ".sigmf-meta").write_text(json.dumps(header))
    return name + ".sigmf-meta"


def copied(source, *sinks, **options):
    """A run of: the source (the parameters of a file_source, or a path), then each sink (type, parameters): its Result."""
    g = flowspan.Graph("copied")
    g.add("source", "file_source", parameters=source if isinstance(source, dict) else {"path": source})
    for k, (kind, parameters) in enumerate(sinks):
        g.add(f"sink{k}", kind, parameters=parameters)
        g.connect("source", f"sink{k}")
    return g.run(out="out", **options)


def noise(count, seed=1):
    """Complex samples on the grid of 16-bit integers, so that every format holds them exactly."""
    rng = np.random.default_rng(seed)
    return ((rng.integers(-32768, 32768, count) + 1j * rng.integers(-32768, 32768, count)) / 32768).astype("c8")
