"""Writes named arrays of real numbers as text: a line `name count`, then a line of values. Read by tests/unit/oracle.hpp."""

import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Oracle:
    def __init__(self, path: str, digits: int):
        self.path = ROOT / path
        self.digits = digits
        self.arrays: dict[str, np.ndarray] = {}

    def add(self, name: str, values) -> None:
        """Complex values are stored as re, im, re, im, …"""
        values = np.asarray(values)
        if np.iscomplexobj(values):
            values = np.stack([values.real, values.imag], axis=-1)
        self.arrays[name] = values.astype(float).ravel()

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "w") as file:
            for name, values in self.arrays.items():
                print(name, len(values), file=file)
                print(" ".join(f"{v:.{self.digits}g}" for v in values), file=file)
        print(f"{self.path}: {len(self.arrays)} arrays")


def complex_noise(n: int, seed: int) -> np.ndarray:
    """Single-precision complex normal samples, exact in 8 digits of text."""
    r = np.random.default_rng(seed)
    z = np.round(r.normal(size=(n, 2)), 5).astype(np.float32).astype(float)
    return z[:, 0] + 1j * z[:, 1]
