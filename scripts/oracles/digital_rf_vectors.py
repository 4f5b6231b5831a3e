"""Writes tests/unit/io/data/digital_rf by digital_rf of PyPI (2.6.14): channels as libdigital_rf lays them out.

gapped: ci16 at 200/3 Hz, row k is (k, -k), samples 67 to 133 but for 90 to 92; metadata: 1e8 Hz, 1.25e8 Hz from sample 100 on.
continuous: two subchannels of cf32 at 20 Hz, samples 5 to 44 but for 15 to 24; sample s has s + 0.5 and -s, then 2 s and nan.
"""

import pathlib
import shutil

import digital_rf as drf
import numpy as np

root = pathlib.Path(__file__).parents[2] / "tests/unit/io/data/digital_rf"
shutil.rmtree(root, ignore_errors=True)
(root / "gapped/metadata").mkdir(parents=True)
(root / "continuous").mkdir()


def counted(first, count):
    k = np.arange(first, first + count, dtype=np.int16)
    return np.stack([k, -k], axis=1)


w = drf.DigitalRFWriter(str(root / "gapped"), np.int16, 10, 1000, 67, 200, 3, "0" * 32, 0, False, True, 1, False, False)
w.rf_write(counted(0, 23))
w.rf_write(counted(23, 41), 26)
w.close()
m = drf.DigitalMetadataWriter(str(root / "gapped/metadata"), 10, 1, 200, 3, "metadata")
m.write(67, {"center_frequencies": np.array([1e8])})
m.write(100, {"center_frequencies": np.array([1.25e8])})


def floats(first, count):
    s = np.arange(first, first + count, dtype=np.float32)
    return np.stack([s + 0.5, -s, 2 * s, np.full(count, np.nan, np.float32)], axis=1)


w = drf.DigitalRFWriter(str(root / "continuous"), np.float32, 10, 1000, 5, 20, 1, "0" * 32, 0, False, True, 2, True, False)
w.rf_write(floats(5, 10))
w.rf_write(floats(25, 20), 20)
w.close()
