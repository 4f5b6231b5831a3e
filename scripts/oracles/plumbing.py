"""Oracle vectors for arithmetic, rates and streams, by NumPy in single precision where a block does one operation, else in
double. Run: python3 scripts/oracles/plumbing.py (needs numpy)."""

import numpy as np

from oracle import Oracle, complex_noise

o = Oracle("tests/unit/blocks/data/plumbing.txt", digits=9)  # what a float of 32 bits holds
x, y = (complex_noise(101, seed).astype(np.complex64) for seed in (11, 12))
re, im, re2, im2 = x.real, x.imag, y.real, y.imag
o.add("x", x)
o.add("y", y)


def pairs(real, imag):
    assert real.dtype == imag.dtype == np.float32
    return np.stack([real, imag], axis=-1).ravel()


# One operation, or two whose order the formula says: the same bits
power = re * re + im * im
o.add("power", power)
o.add("magnitude", np.sqrt(power))
o.add("product", pairs(re * re2 - im * im2, re * im2 + im * re2))
o.add("product.conjugate", pairs(re * re2 + im * im2, im * re2 - re * im2))
o.add("product.real", re * re2)
o.add("quotient.real", re / re2)
o.add("difference", x - y)
o.add("added", x + np.complex64(0.3 - 0.7j))
o.add("abs", np.abs(re))

# To 1e-6
o.add("phase", np.angle(x.astype(complex)))
o.add("quotient", x.astype(complex) / y)
o.add("decibels", 10 * np.log10(power.astype(float)))
o.add("rotated", x * np.exp(2j * np.pi * 123 / 1000 * np.arange(len(x))))

# A phase that turns up to 1.4 turns a sample, and what it was
turns = np.cumsum(np.linspace(-2.9, 2.9, 101)).astype(np.float32)
wrapped = np.angle(np.exp(1j * turns)).astype(np.float32)
o.add("wrapped", wrapped)
o.add("unwrapped", np.unwrap(wrapped.astype(float)))
steps = np.array([0, 3, -3, 5, 5.5, -5.5, 0, 10, -10.5, 0.5], dtype=np.float32)  # steps of whole halves of a period of 2
o.add("steps", steps)
o.add("steps.unwrapped", np.unwrap(steps.astype(float), period=2))

# Rates
for n in (1, 7, 40):
    whole = len(x) // n * n
    o.add(f"integrated.{n}", x[:whole].astype(complex).reshape(-1, n).sum(axis=1))
    o.add(f"mean.{n}", np.convolve(x.astype(complex), np.ones(n) / n)[: len(x)])
o.write()
