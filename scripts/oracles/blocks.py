"""Oracle vectors for the blocks, by SciPy. Run: python3 scripts/oracles/blocks.py (needs numpy and scipy)."""

import numpy as np
from scipy import signal

from oracle import Oracle, complex_noise

o = Oracle("tests/unit/blocks/data/blocks.txt", digits=8)
rate = 1000.0
x = complex_noise(1009, 2)
o.add("in", x)


def kaiser_low_pass(count, cutoff, attenuation, fs):
    return signal.firwin(count, cutoff, window=("kaiser", signal.kaiser_beta(attenuation)), fs=fs)


# fir_filter: taps_count 41, cutoff 120 Hz; high pass; band pass; a long one for fast convolution
o.add("fir.low", signal.lfilter(kaiser_low_pass(41, 120, 60, rate), 1, x))
o.add("fir.low.by3", signal.lfilter(kaiser_low_pass(41, 120, 60, rate), 1, x)[::3])
high = signal.firwin(41, 120, window="hamming", fs=rate, pass_zero=False)
o.add("fir.high.real", signal.lfilter(high, 1, x.real))
band = signal.firwin(41, [100, 200], window="blackman", fs=rate, pass_zero=False)
o.add("fir.band", signal.lfilter(band, 1, x))
o.add("fir.long", signal.lfilter(kaiser_low_pass(301, 50, 60, rate), 1, x))

# frequency_translate: shift 150 Hz, decimation 4, cutoff 100 Hz, 33 taps
n = np.arange(len(x))
mixed = x * np.exp(-2j * np.pi * 150 / rate * n)
o.add("translate", mixed)
o.add("translate.by4", signal.lfilter(kaiser_low_pass(33, 100, 60, rate), 1, mixed)[::4])

# rational_resampler: 3/2 and 2/5, 61 taps at I times the rate, cutoff 400 and 150 Hz
for up, down, cutoff in ((3, 2, 400), (2, 5, 150)):
    h = up * kaiser_low_pass(61, cutoff, 60, up * rate)
    count = -(-len(x) * up // down)
    o.add(f"resample.{up}.{down}", signal.upfirdn(h, x, up, down)[:count])

# fm_demod: deviation 200 Hz; deemphasis: 5 ms at 1 kHz, the recursive filter
previous = np.concatenate([[0], x[:-1]])
o.add("demod", rate / (2 * np.pi * 200) * np.angle(x * np.conj(previous)))
a = np.exp(-1 / (rate * 5e-3))
o.add("deemphasis", signal.lfilter([1 - a], [1, -a], x.real))

# fft: size 60, hop 50, hann; psd: 64 with 48 shared, hann, mean of all; groups of 5 frames
w = signal.get_window("hann", 60)
frames = [np.fft.fftshift(np.fft.fft(w * x[i : i + 60])) for i in range(0, len(x) - 59, 50)]
o.add("fft", np.concatenate(frames))
welch = dict(fs=rate, window="hann", nperseg=64, noverlap=48, detrend=False, return_onesided=False)
o.add("psd.all", np.fft.fftshift(signal.welch(x, **welch)[1]))
o.add("psd.real", np.fft.fftshift(signal.welch(x.real, **welch)[1]))
span = 4 * 16 + 64
o.add("psd.by5", np.concatenate([np.fft.fftshift(signal.welch(x[i : i + span], **welch)[1]) for i in range(0, len(x) - span + 1, 80)]))
o.write()
