"""Vectors of tests/unit/batch/units/data: what Python's csv module reads, and how urllib quotes names."""

import csv
import io
import json
import pathlib
import random
import urllib.parse

DATA = pathlib.Path(__file__).resolve().parents[2] / "tests/unit/batch/units/data"


def tables(rng: random.Random) -> None:
    """cells.csv, and in cells.jsonl a line a row."""
    pieces = ['"', ",", "\n", "\r\n", "\r", " ", "é", "中", "a", "1.5", ";", "'", "#", "[1,2]"]
    rows = [["".join(rng.choices(pieces, k=rng.randrange(6))) for _ in range(rng.randrange(1, 6))] for _ in range(300)]
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n").writerows(rows[:150])
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows[150:])
    read = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
    (DATA / "cells.csv").write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    (DATA / "cells.jsonl").write_text("".join(json.dumps(row) + "\n" for row in read))


def names(rng: random.Random) -> None:
    """names.txt: the bytes of a name in hexadecimal digits, and what it is quoted as."""
    lines = []
    while len(lines) < 300:
        alphabet = bytes(range(1, 256)) if len(lines) % 2 else "aZ09._-+,@~=%{}[] äß😀\n".encode()
        name = bytes(b for b in rng.choices(alphabet, k=rng.randrange(1, 40)) if b != 0x2F)
        if name and not name.startswith(b".") and not name.endswith(b"."):
            lines.append(f"{name.hex()} {urllib.parse.quote(name, safe='+,@')}\n")
    (DATA / "names.txt").write_text("".join(lines))


if __name__ == "__main__":
    DATA.mkdir(parents=True, exist_ok=True)
    tables(random.Random(1))
    names(random.Random(2))
