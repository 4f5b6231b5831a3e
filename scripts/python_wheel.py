"""Builds the wheel of flowspan.py (PEP 517): one file, and what pip wants to know of it. pyproject.toml names this."""

import base64
import hashlib
import pathlib
import re
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
VERSION = re.search(r'^__version__ = "(.*)"$', (HERE / "flowspan.py").read_text(encoding="utf-8"), re.MULTILINE).group(1)
METADATA = f"""Metadata-Version: 2.1
Name: flowspan
Version: {VERSION}
Summary: Runs flowspan from Python, and reads what it made
License: GPL-3.0-or-later
Requires-Python: >=3.8
Requires-Dist: numpy
Requires-Dist: h5py
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: flowspan\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    about, name = f"flowspan-{VERSION}.dist-info", f"flowspan-{VERSION}-py3-none-any.whl"
    files = {"flowspan.py": (HERE / "flowspan.py").read_bytes(), f"{about}/METADATA": METADATA.encode(), f"{about}/WHEEL": WHEEL.encode()}
    record = "".join(f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()},{len(content)}\n"
                     for path, content in files.items())
    files[f"{about}/RECORD"] = (record + f"{about}/RECORD,,\n").encode()
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
    return name
