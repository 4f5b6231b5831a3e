#!/usr/bin/env python3
"""XXH3-64 of texts of two bytes, straight from the specification (xxHash, doc/xxhash_spec.md, "Small inputs").

Prints the checksums in tests/unit/batch/journal/line_test.cpp.
"""

MASK = (1 << 64) - 1
SECRET = bytes.fromhex("b8fe6c3923a44bbe")  # the first eight bytes of the default one
PRIME64_2, PRIME64_3 = 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9


def avalanche(h):
    h ^= h >> 33
    h = h * PRIME64_2 & MASK
    h ^= h >> 29
    h = h * PRIME64_3 & MASK
    return h ^ (h >> 32)


def xxh3_64_short(text):
    """1 to 3 bytes, seed 0."""
    n = len(text)
    combined = text[-1] | n << 8 | text[0] << 16 | text[n >> 1] << 24
    return avalanche(combined ^ int.from_bytes(SECRET[:4], "little") ^ int.from_bytes(SECRET[4:], "little"))


for text in (b"{}", b"{]"):
    print(text.decode(), f"{xxh3_64_short(text):016x}")
