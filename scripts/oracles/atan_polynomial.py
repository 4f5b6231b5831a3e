"""Fits the polynomial of kernels/argument: atan(t) = t P(t^2) on [0, 1], smallest greatest error, by Lawson's iteration."""

import numpy as np

DEGREE = 7
t = (1 - np.cos(np.linspace(0, np.pi, 4000)))[1:] / 2
basis = np.vander(t * t, DEGREE + 1, increasing=True) * t[:, None]
target = np.arctan(t)
weight = np.ones(len(t))
for _ in range(200):
    root = np.sqrt(weight)
    coefficients = np.linalg.lstsq(basis * root[:, None], target * root, rcond=None)[0]
    error = np.abs(basis @ coefficients - target)
    weight = np.maximum(weight * error, 1e-300)
    weight = np.maximum(weight / weight.sum(), 1e-12)
for c in coefficients:
    print(f"{np.float32(c):.12f}F")
print(f"greatest error {error.max():.2e}")
