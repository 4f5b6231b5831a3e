"""SigMF archives by others: Python's tarfile and sigmf-python. Run: python3 scripts/oracles/sigmf_archives.py (needs sigmf)."""

import io
import json
import pathlib
import tarfile
import tempfile

import numpy as np
import sigmf
from sigmf import SigMFFile

DATA = pathlib.Path(__file__).resolve().parents[2] / "tests/unit/io/data"
DATA.mkdir(parents=True, exist_ok=True)


def header(count, **keys):
    return json.dumps({
        "global": {"core:datatype": "ci16_le", "core:version": "1.2.0", "core:sample_rate": 1000, **keys},
        "captures": [{"core:sample_start": 0}],
        "annotations": [],
    }).encode()


def samples(first, count):
    return np.arange(2 * first, 2 * (first + count), dtype="<i2").tobytes()


def add(archive, name, content):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


# Two recordings below folders, one with a name that is no ASCII and longer than a tar header has room for; what macOS leaves beside.
LONG = "Zürich/" + "lange Namen " * 10 + "ä"
with tarfile.open(DATA / "pax.sigmf", "w", format=tarfile.PAX_FORMAT) as t:
    for name, first, count in ((LONG, 0, 7), ("b/c", 100, 3)):
        folder, _, base = name.rpartition("/")
        add(t, f"{folder}/._{base}.sigmf-meta", b"\x00\x05\x16\x07" * 40)
        add(t, f"{name}.sigmf-meta", header(count))
        add(t, f"{folder}/._{base}.sigmf-data", b"\x00\x05\x16\x07" * 40)
        add(t, f"{name}.sigmf-data", samples(first, count))

# The same without extended headers, in the bytes of another code page.
with tarfile.open(DATA / "ustar.sigmf", "w", format=tarfile.USTAR_FORMAT, encoding="latin-1") as t:
    add(t, "ä.sigmf-data", samples(5, 4))
    add(t, "ä.sigmf-meta", header(4))

with tempfile.TemporaryDirectory() as folder:
    data = pathlib.Path(folder) / "one.sigmf-data"
    data.write_bytes(samples(20, 5))
    one = SigMFFile(data_file=data, global_info={"core:datatype": "ci16_le", "core:sample_rate": 1000})
    one.add_capture(0, metadata={"core:frequency": 1e6})
    (DATA / "python.sigmf").unlink(missing_ok=True)
    sigmf.archive.SigMFArchive(one, name=DATA / "python.sigmf")
print("written below", DATA)
