"""Receivers beside GNU Radio's, on the same recordings: level of the audio and signal-to-noise ratio.

Run: FLOWSPAN=build/flowspan /usr/bin/python3 scripts/oracles/receivers.py   (needs numpy and GNU Radio 3.10; Debian: gnuradio)

configs/make-stations.yaml and make-band.yaml make the recordings. Ours are the graphs of configs/. GNU Radio's are its own
hierarchical blocks (am_demod_cf, nbfm_rx, wfm_rcv; for SSB a complex band pass and complex_to_real) behind freq_xlating_fir_filter
with our filter's edges and attenuation.

Both are measured alike, behind the first half second: a constant and the transmitted tones are fitted by least squares; the ratio is
the power of the tones to that of the rest (noise, distortion, hum) within the stated band. The level is the amplitude of each tone.
"""

import contextlib
import os
import pathlib
import subprocess
import tempfile

import numpy as np
from gnuradio import analog, blocks, filter as filters, gr
from gnuradio.fft import window
from gnuradio.filter import firdes

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLOWSPAN = os.path.abspath(os.environ.get("FLOWSPAN", ROOT / "build/flowspan"))


def flowspan(graph, folder, *options):
    words = [f"--set={option}" for option in options]
    subprocess.run([FLOWSPAN, "run", ROOT / f"configs/{graph}.yaml", "--out", folder, "--quiet", *words], check=True)


def read_wav(path):
    """Samples and rate of a WAV file of one channel of floats."""
    data = path.read_bytes()
    form = data.index(b"fmt ")
    rate = int.from_bytes(data[form + 12 : form + 16], "little")
    return np.frombuffer(data[data.index(b"data") + 8 :], "<f4").astype(float), rate


def am(rate):
    return analog.am_demod_cf(rate, 1, 5000, 5500)


def ssb(rate, side=1):
    low, high = (300, 2800) if side > 0 else (-2800, -300)
    taps = firdes.complex_band_pass_2(1, rate, low, high, 200, 60, window.WIN_KAISER)
    return filters.fir_filter_ccc(1, taps), blocks.complex_to_real()


def nbfm(rate):
    with contextlib.redirect_stdout(None):  # it prints how many taps it has
        return analog.nbfm_rx(rate, rate, tau=75e-6, max_dev=5e3)


def wbfm(rate):
    return analog.wfm_rcv(rate, 4)  # de-emphasis of 75 us


def gnuradio(recording, offset, decimation, demodulator, audio_decimation):
    top = gr.top_block()
    chain, rate = RECORDINGS[recording][1](), RECORDINGS[recording][0]
    channel = rate / decimation
    taps = firdes.low_pass_2(1, rate, 0.4 * channel, 0.2 * channel, 60, window.WIN_KAISER)
    made = demodulator(channel)
    sink = blocks.vector_sink_f()
    chain += [filters.freq_xlating_fir_filter_ccf(decimation, taps, offset, rate), *(made if isinstance(made, tuple) else (made,)), sink]
    top.connect(*chain)
    top.run()
    return np.array(sink.data()), channel / audio_decimation


def measured(audio, rate, tones, band):
    """Amplitudes of the tones, and their power over what else is in the band, in dB."""
    x = audio[int(0.5 * rate) : len(audio) - int(0.05 * rate)]
    t = np.arange(len(x)) / rate
    basis = np.stack([np.ones(len(x))] + [f(2 * np.pi * tone * t) for tone in tones for f in (np.cos, np.sin)], axis=1)
    fit = np.linalg.lstsq(basis, x, rcond=None)[0]
    amplitudes = np.hypot(fit[1::2], fit[2::2])
    w = np.hanning(len(x))
    rest = np.abs(np.fft.rfft((x - basis @ fit) * w)) ** 2 * 2 / (len(x) * np.sum(w**2))
    frequency = np.fft.rfftfreq(len(x), 1 / rate)
    noise = np.sum(rest[(frequency >= band[0]) & (frequency <= band[1])])
    return amplitudes, 10 * np.log10(np.sum(amplitudes**2) / 2 / noise)


work = pathlib.Path(tempfile.mkdtemp(prefix="flowspan-receivers-"))
flowspan("make-stations", work)
flowspan("make-band", work)
STATIONS, BAND = str(work / "stations.sigmf-data"), str(work / "band.sigmf-data")
RECORDINGS = {  # rate, blocks that read it
    "stations": (240e3, lambda: [blocks.file_source(gr.sizeof_gr_complex, STATIONS)]),
    "band": (3.2e6, lambda: [blocks.file_source(gr.sizeof_short, BAND), blocks.interleaved_short_to_complex(False, False, 32768)]),
}
TWO, THREE = (700, 1900), (261.63, 329.63, 392)
ROWS = (  # recording, graph, station, offset, words, GNU Radio's, decimation there, of the audio, tones, band
    ("stations", "am", "7.12 MHz", -80e3, (), am, 10, 1, TWO, (100, 5000)),
    ("stations", "ssb", "7.17 MHz", -30e3, (), ssb, 10, 1, TWO, (300, 2800)),
    ("stations", "ssb", "7.22 MHz", 20e3, ("side=-1",), lambda rate: ssb(rate, -1), 10, 1, TWO, (300, 2800)),
    ("stations", "nbfm", "7.27 MHz", 70e3, (), nbfm, 10, 1, TWO, (100, 3000)),
    ("band", "am", "99.1 MHz", -900e3, ("width=25 kHz",), am, 128, 1, TWO, (100, 5000)),
    ("band", "ssb", "99.7 MHz", -300e3, ("width=25 kHz",), ssb, 128, 1, TWO, (300, 2800)),
    ("band", "nbfm", "100.3 MHz", 300e3, ("width=25 kHz",), nbfm, 128, 1, TWO, (100, 3000)),
    ("band", "fm", "99.4 MHz", -600e3, ("demod.tau=75 us",), wbfm, 16, 4, THREE, (100, 15000)),
)


def shown(amplitudes):
    return ", ".join(f"{a:.2g}" for a in amplitudes)


print("| recording, station | graph | levels of the tones | SNR | GNU Radio's | SNR | in |")
print("|---|---|---|---|---|---|---|")
for number, (recording, graph, station, offset, words, demodulator, decimation, by, tones, band) in enumerate(ROWS):
    folder = work / str(number)
    flowspan(f"{graph}-receiver", folder, f"recording={work}/{recording}.sigmf-meta", f"station={station}", "wav.format=float", *words)
    ours = measured(*read_wav(next(folder.glob("*.wav"))), tones, band)
    theirs = measured(*gnuradio(recording, offset, decimation, demodulator, by), tones, band)
    print(f"| {recording}, {station} | `{graph}-receiver.yaml` | {shown(ours[0])} | {ours[1]:.1f} dB | {shown(theirs[0])} | {theirs[1]:.1f} dB "
          f"| {band[0]} – {band[1]} Hz |", flush=True)
