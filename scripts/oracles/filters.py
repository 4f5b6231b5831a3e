"""Oracle vectors for the filters, by SciPy. Run: python3 scripts/oracles/filters.py (needs numpy and scipy)."""

import numpy as np
from scipy import signal

from oracle import Oracle, complex_noise

o = Oracle("tests/unit/blocks/data/filters.txt", digits=8)
rate = 1000.0
x = complex_noise(200, 5)
o.add("in", x)

# iir_filter: an elliptic band pass of 4 sections, a Butterworth low pass of 3
band = signal.ellip(4, 0.5, 60, [100, 180], btype="bandpass", output="sos", fs=rate)
low = signal.butter(5, 120, output="sos", fs=rate)
digits = lambda sos: np.array([[float(f"{c:.17g}") for c in s] for s in sos])
exact = Oracle("tests/unit/blocks/data/sections.txt", digits=17)
exact.add("band", digits(band).ravel())
exact.add("low", digits(low).ravel())
exact.write()
o.add("iir.band", signal.sosfilt(band, x))
o.add("iir.low.real", signal.sosfilt(low, x.real))

# single_pole: alpha 0.05
o.add("single_pole", signal.lfilter([0.05], [1, -0.95], x))

# dc_blocker: 8 samples, two and four averages
for averages in (2, 4):
    h = np.array([1.0])
    for _ in range(averages):
        h = np.convolve(h, np.ones(8) / 8)
    h = -h
    h[len(h) // 2] += 1
    o.add(f"dc.{averages}", signal.lfilter(h, 1, x))

# hilbert: 31 taps, Hamming; a frequency-sampled check of it is in the test
t = np.arange(31) - 15
with np.errstate(divide="ignore", invalid="ignore"):
    h = np.where(t % 2 != 0, 2 / (np.pi * t), 0) * signal.get_window("hamming", 31, fftbins=False)
h /= abs(np.sum(h * np.exp(-0.5j * np.pi * np.arange(31))))
imaginary = signal.lfilter(h, 1, x.real)
o.add("hilbert", np.concatenate([np.zeros(15), x.real])[: len(x)] + 1j * imaginary)

# half_band: 60 dB, a tenth of the rate: 39 taps
h = signal.firwin(39, 0.5, window=("kaiser", signal.kaiser_beta(60)))
o.add("half_band", signal.upfirdn(h, x, 1, 2)[:100])

# cic: 3 stages by 5 down, 4 stages by 3 up with differential delay 2
box = lambda n, stages: np.array([np.prod([1.0])]) if stages == 0 else np.convolve(box(n, stages - 1), np.ones(n) / n)
o.add("cic.down", signal.upfirdn(box(5, 3), x, 1, 5)[:40])
o.add("cic.up", signal.upfirdn(3 * box(6, 4), x, 3, 1)[:600])


# fir_filter: one-sided bands, interpolation, remez, root raised cosine, Gaussian
def kaiser(count, cutoff, attenuation, fs):
    return signal.firwin(count, cutoff, window=("kaiser", signal.kaiser_beta(attenuation)), fs=fs)


def one_sided(count, low, high):
    k = np.arange(count) - (count - 1) / 2
    return kaiser(count, (high - low) / 2, 60, rate) * np.exp(2j * np.pi * (low + high) / 2 / rate * k)


o.add("fir.one_sided", signal.lfilter(one_sided(41, -50, 200), 1, x))
o.add("fir.one_sided.by3", signal.lfilter(one_sided(41, -50, 200), 1, x)[::3])
o.add("fir.one_sided.long", signal.lfilter(one_sided(301, 100, 200), 1, x))
o.add("fir.interpolated", signal.upfirdn(3 * kaiser(61, 150, 60, 3 * rate), x, 3, 2)[:300])
taps = Oracle("tests/unit/kernels/data/designs.txt", digits=14)
grid = dict(grid_density=512, maxiter=500, fs=1.0)
taps.add("remez.low", signal.remez(41, [0, 0.1, 0.15, 0.5], [1, 0], **grid))
taps.add("remez.low.even", signal.remez(40, [0, 0.1, 0.15, 0.5], [1, 0], weight=[1, 30], **grid))
taps.add("remez.low.long", signal.remez(151, [0, 0.1, 0.12, 0.5], [1, 0], weight=[1, 10], **(grid | dict(grid_density=2048))))
taps.add("remez.high", signal.remez(41, [0, 0.2, 0.25, 0.5], [0, 1], weight=[10, 1], **grid))
taps.add("remez.band", signal.remez(61, [0, 0.1, 0.15, 0.25, 0.3, 0.5], [0, 1, 0], weight=[20, 1, 20], **grid))
std = 4 * np.sqrt(np.log(2)) / (2 * np.pi * 0.3)
gaussian = signal.windows.gaussian(17, std)
taps.add("gaussian", gaussian / gaussian.sum())


def root_raised_cosine(t, a):
    """The spectrum's square root, integrated: no closed form is used."""
    f = (np.arange(200000) + 0.5) / 200000 * (1 + a) / 2
    h = np.where(f < (1 - a) / 2, 1, np.cos(np.pi / (2 * a) * (f - (1 - a) / 2)))
    return np.array([np.mean(h * np.cos(2 * np.pi * f * s)) for s in t])


rrc = root_raised_cosine((np.arange(33) - 16) / 4, 0.35)
taps.add("rrc", rrc / rrc.sum())
rrc = root_raised_cosine((np.arange(33) - 16) / 4, 0.25)  # t = 1 / (4 a) is one of the taps
taps.add("rrc.pole", rrc / rrc.sum())
taps.write()
o.write()
