"""Oracle vectors for the kernels, by SciPy. Run: python3 scripts/oracles/kernels.py (needs numpy and scipy)."""

import numpy as np
from scipy import signal

from oracle import Oracle, complex_noise

o = Oracle("tests/unit/kernels/data/kernels.txt", digits=12)

for n in (2, 7, 32):
    for name in ("hann", "hamming", "blackman"):
        o.add(f"window.{name}.{n}.symmetric", signal.get_window(name, n, fftbins=False))
        o.add(f"window.{name}.{n}.periodic", signal.get_window(name, n, fftbins=True))
    o.add(f"window.kaiser.{n}.symmetric", signal.get_window(("kaiser", 8.6), n, fftbins=False))
    o.add(f"window.kaiser.{n}.periodic", signal.get_window(("kaiser", 8.6), n, fftbins=True))

o.add("design.low", signal.firwin(33, 0.11, window=("kaiser", 5.0), fs=1.0))
o.add("design.low.even", signal.firwin(32, 0.11, window=("kaiser", 5.0), fs=1.0))
o.add("design.high", signal.firwin(33, 0.21, window=("kaiser", 5.0), fs=1.0, pass_zero=False))
o.add("design.band", signal.firwin(45, [0.1, 0.23], window="hamming", fs=1.0, pass_zero=False))
o.add("design.kaiser_beta", [signal.kaiser_beta(a) for a in (10, 21, 30, 50, 60, 96)])

x = complex_noise(300, 1)
taps = signal.firwin(45, 0.15, window=("kaiser", 6.0), fs=1.0)
complex_taps = taps * np.exp(2j * np.pi * 0.07 * np.arange(45))
o.add("fir.in", x)
o.add("fir.taps", taps)
o.add("fir.complex_taps", complex_taps)
o.add("fir.out", signal.lfilter(taps, 1, x))
o.add("fir.out.by5", signal.lfilter(taps, 1, x)[::5])
o.add("fir.out.complex.by3", signal.lfilter(complex_taps, 1, x)[::3])
o.add("fir.out.3over2", signal.upfirdn(taps, x, 3, 2)[:450])
o.add("fir.out.2over7", signal.upfirdn(taps, x, 2, 7)[:86])

o.add("dft.60", np.fft.fft(x[:60]))
o.add("dft.31.inverse", np.fft.ifft(x[:31]) * 31)
o.write()
