"""Oracle vectors for spectra and detection, by SciPy: spectrogram, peaks, correlate, spectral_burst_detector and its thresholds.

Run: python3 scripts/oracles/detection.py (needs numpy and scipy). The input is that of blocks.py.
"""

import numpy as np
from scipy import ndimage, optimize, signal, special

from oracle import Oracle, complex_noise

o = Oracle("tests/unit/blocks/data/detection.txt", digits=8)
rate = 1000.0
x = complex_noise(1009, 2)


def powers(x, size, overlap, window):
    """Frames by bins, in ascending order of frequency; a tone of 1 has the power 1."""
    _, _, p = signal.spectrogram(x, rate, window, size, overlap, detrend=False, return_onesided=False, scaling="spectrum")
    return np.fft.fftshift(p, axes=0).T


# spectrogram: of 180 samples, size 60, 20 shared, blackman; of 96 real ones, size 32, none shared, hann, in dB
o.add("spectrogram", powers(x[:180], 60, 20, "blackman"))
o.add("spectrogram.db", 10 * np.log10(powers(x.real[:96], 32, 0, "hann")))

# peaks: of a spectrum of 101 bins of 10 Hz from -500 Hz on; the six greatest that are 3 dB above the median
spectrum = powers(x[:303], 101, 0, "hann")[1]
level = 10 * np.log10(spectrum)
found = signal.find_peaks(level, height=np.median(level) + 3)[0]
found = found[np.argsort(-level[found])][:6]
assert len(found) == 6 and max(level[0], level[-1]) < level[found].min()
parabolas = [np.polyfit([-1, 0, 1], level[b - 1 : b + 2], 2) for b in found]
o.add("peaks.in", spectrum)
o.add("peaks.bin", found)
o.add("peaks.frequency", [-500 + 10 * (b - p[1] / (2 * p[0])) for b, p in zip(found, parabolas)])
o.add("peaks.level", [p[2] - p[1] ** 2 / (4 * p[0]) for p in parabolas])

# correlate: the sequence is samples 100 to 130 of the input; normalised correlations with the first 160, and the turn from the first
# half of the sequence (15 samples) to the second, 16 samples on, as a complex number of magnitude 1
s, y = x[100:131], x[:160]
energy = signal.correlate(np.abs(y) ** 2, np.ones(31), "valid") * np.sum(np.abs(s) ** 2)
c = signal.correlate(y, s, "valid") / np.sqrt(energy)
a = signal.correlate(y, s[:15], "valid", method="direct")[: len(c)]
b = signal.correlate(y[16:], s[16:], "valid", method="direct")
o.add("correlate", c)
o.add("correlate.turn", b * a.conj() / np.abs(a * b))
far = signal.argrelmax(np.abs(c), order=31)[0]
o.add("correlate.starts", far[np.abs(c[far]) >= 0.2])


def cfar(row, kind, training, guard, false_alarms):
    """Noise and thresholds of a row whose ends meet."""
    n = 2 * training
    around = np.r_[np.ones(training), np.zeros(2 * guard + 1), np.ones(training)].astype(bool)
    if kind == "ca":
        level = ndimage.convolve1d(row, around / n, mode="wrap")
        return level, level * n * (false_alarms ** (-1 / n) - 1)
    k = n * 3 // 4
    level = ndimage.rank_filter(row, k - 1, footprint=around, mode="wrap")
    # Rohling's product, N! / (N - k)! by Gamma(N - k + 1 + alpha) / Gamma(N + 1 + alpha)
    rate_of = lambda alpha: (special.gammaln(n + 1) - special.gammaln(n - k + 1)
                             + special.gammaln(n - k + 1 + alpha) - special.gammaln(n + 1 + alpha))
    alpha = optimize.brentq(lambda alpha: rate_of(alpha) - np.log(false_alarms), 0, 1e6, xtol=1e-12, rtol=1e-14)
    return level / (special.digamma(n + 1) - special.digamma(n - k + 1)), level * alpha


row = np.round(np.random.default_rng(5).exponential(size=61), 6)
o.add("cfar.in", row)
for kind in ("ca", "os"):
    noise, threshold = cfar(row, kind, 8, 3, 1e-5)
    o.add(f"cfar.{kind}.noise", noise)
    o.add(f"cfar.{kind}.threshold", threshold)

# spectral_burst_detector: tones of 2 and of 1.5 in the input, frames of 32, hann, training 6, guard 3, 1e-5, join 1, hold 1.
# Of each burst: first sample, length, lower and upper edge in Hz, peak and mean in dB.
n = np.arange(len(x))
tones = x + 2 * np.exp(2j * np.pi * 0.2 * n) * ((n >= 200) & (n < 390)) + 1.5 * np.exp(-2j * np.pi * 0.3 * n) * ((n >= 300) & (n < 700))
frames = powers(tones[: len(x) // 32 * 32], 32, 0, "hann")
for kind in ("ca", "os"):
    noise, threshold = (np.array(part) for part in zip(*(cfar(frame, kind, 6, 3, 1e-5) for frame in frames)))
    above = frames > threshold
    pieces = above | (np.roll(above, 1, 1) & np.roll(above, -1, 1))  # gaps of one bin within
    label, count = ndimage.label(pieces, np.ones((3, 3)))
    bursts = []
    for which in range(1, count + 1):
        of, at = np.nonzero((label == which) & above)
        over = (frames / noise)[of, at]
        bursts.append([32 * of.min(), 32 * (of.max() - of.min() + 1), (at.min() - 16.5) * rate / 32, (at.max() - 15.5) * rate / 32,
                       10 * np.log10(over.max()), 10 * np.log10(over.mean())])
    o.add(f"bursts.{kind}", np.array(bursts))
    print(kind, bursts)
o.write()
