"""Oracle vectors for loops and levels: the formulas of GNU Radio's blocks (3.10: rms_agc, agc_cc, feedforward_agc_cc with exact
magnitudes, pwr_squelch_cc, pll_carriertracking_cc, pll_refout_cc, pll_freqdet_cf), in double precision.

Run: python3 scripts/oracles/loops.py (needs numpy).
"""

import numpy as np

from oracle import Oracle, complex_noise

o = Oracle("tests/unit/blocks/data/loops.txt", digits=8)
n = np.arange(400)
noise = complex_noise(400, 6)
steps = np.where(n < 150, 0.3, np.where(n < 280, 2.5, 0.05))
levels = np.round(noise * steps, 6).astype(np.complex64).astype(complex)
o.add("levels", levels)


def rms_agc(x, alpha, reference):
    power, out = 0.0, []
    for v in x:
        power = alpha * abs(v) ** 2 + (1 - alpha) * power
        out.append(v * reference / np.sqrt(power))
    return out


def agc(x, attack, decay, reference, max_gain):
    """agc_cc where attack = decay. agc2_cc chooses its rate by |error| > gain; here it is the attack above the reference."""
    gain, out = 1.0, []
    for v in x:
        out.append(v * gain)
        error = abs(out[-1]) - reference
        gain = min(max(gain - (attack if error > 0 else decay) * error, 0), max_gain)
    return out


def feedforward_agc(x, samples, reference):
    padded = np.concatenate([np.zeros(samples - 1), x])
    return [reference * padded[k] / max(np.abs(padded[k : k + samples]).max(), 1e-30) for k in range(len(x))]


o.add("agc.rms", rms_agc(levels, 0.05, 0.5))
o.add("agc.peak", agc(levels, 0.02, 0.02, 0.5, 65536))
o.add("agc.peak.two", agc(levels, 0.2, 0.01, 0.5, 4))
o.add("agc.feedforward", feedforward_agc(levels, 37, 0.5))


def pwr_squelch(x, db, alpha):
    power, out = 0.0, []
    for v in x:
        power = alpha * abs(v) ** 2 + (1 - alpha) * power
        out.append(v if power >= 10 ** (db / 10) else 0)
    return out


o.add("squelch", pwr_squelch(levels, -3, 0.1))


def pll(x, bandwidth, low, high):
    """In radians a sample, as gr::blocks::control_loop."""
    damping = np.sqrt(2) / 2
    d = 1 + 2 * damping * bandwidth + bandwidth**2
    alpha, beta = 4 * damping * bandwidth / d, 4 * bandwidth**2 / d
    phase, frequency = 0.0, 0.0
    carrier, reference, frequencies = [], [], []
    for v in x:
        nco = np.exp(1j * phase)
        carrier.append(v * np.conj(nco))
        reference.append(nco)
        frequencies.append(frequency)
        error = np.angle(carrier[-1])
        frequency += beta * error
        phase += frequency + alpha * error
        frequency = min(max(frequency, low), high)
    return carrier, reference, frequencies


tone = np.exp(2j * np.pi * (0.013 * n + 0.3)) + 0.05 * noise
tone = tone.astype(np.complex64).astype(complex)
o.add("tone", np.round(tone, 7))
tone = np.round(tone, 7).astype(np.complex64).astype(complex)
carrier, reference, frequencies = pll(tone, 2 * np.pi * 0.01, -2 * np.pi * 0.1, 2 * np.pi * 0.1)
o.add("pll.carrier", carrier)
o.add("pll.reference", reference)
o.add("pll.frequency", np.array(frequencies) / (2 * np.pi) * 1000)
o.write()
