"""The blocks that ./compare measures: ours as text of a graph, GNU Radio's as a function that makes them."""
import dataclasses
import typing

import numpy as np
from gnuradio import analog, blocks, digital, fft, filter as filters, gr
from gnuradio.fft import window

RATE = 1e6
NOISE = np.round(np.random.default_rng(1).normal(size=8192) * 0.3, 4)
NOISE[NOISE == 0] = 1e-4  # what is divided by itself is a number
TYPES = {  # of the stream that enters: GNU Radio's source, bytes of a sample
    "cf32": (lambda: blocks.vector_source_c((NOISE[::2] + 1j * NOISE[1::2]).tolist(), True), 8),
    "rf32": (lambda: blocks.vector_source_f(NOISE[:4096].tolist(), True), 4),
    "ci16": (lambda: blocks.null_source(4), 4),
}


@dataclasses.dataclass
class Job:
    name: str
    type: str                  # of what enters; none: it is a source
    ours: str | list           # a block, or several in a chain; $n: how many samples
    theirs: typing.Callable | None = None  # makes a block, or a chain of them
    inputs: tuple = ("in",)    # ports of ours; all get the same stream
    outputs: int = 1

    def graph(self, samples):
        """Ours, as text: source -> block0 -> block1 … -> sink."""
        chain = [self.ours] if isinstance(self.ours, str) else self.ours
        named = {f"block{k}": block.replace("$n", str(samples)) for k, block in enumerate(chain)}
        names, links = list(named), []
        if self.type != "none":
            named["source"] = source(self.type, samples)
            links += [f"source -> block0.{port}" for port in self.inputs]
        links += [f"{left} -> {right}" for left, right in zip(names, names[1:])]
        if self.outputs > 0:
            named["sink"] = f"{{type: null_sink{f', copies: {self.outputs}' if self.outputs > 1 else ''}}}"
            links.append(f"{names[-1]}.out[*] -> sink[*]" if self.outputs > 1 else f"{names[-1]} -> sink")
        return ("flowspan: 1\nblocks:\n" + "".join(f"  {name}: {block}\n" for name, block in named.items())
                + "connections:\n" + "".join(f"  - {link}\n" for link in links))

    def flowgraph(self, samples):
        """Theirs, with the blocks whose work counts: source -> head -> blocks -> sink."""
        top, made = gr.top_block(), self.theirs()
        chain = list(made) if isinstance(made, (list, tuple)) else [made]
        if self.type == "none":
            top.connect(*chain, blocks.head(8, samples), blocks.null_sink(8))
            return top, chain
        begin, item = TYPES[self.type]
        head = blocks.head(item, samples)
        top.connect(begin(), head)
        for port in range(len(self.inputs)):
            top.connect(head, (chain[0], port))
        for left, right in zip(chain, chain[1:]):
            for port in range(max(1, right.input_signature().min_streams())):
                top.connect((left, port), (right, port))
        for port in range(self.outputs):
            top.connect((chain[-1], port), blocks.null_sink(chain[-1].output_signature().sizeof_stream_item(port)))
        return top, chain


def source(kind, samples):
    """Of ours."""
    if kind == "ci16":
        return f"{{type: null_source, datatype: ci16, sample_rate: {RATE}, length: {samples}}}"
    data = ", ".join(f"{v:g}" for v in (NOISE if kind == "cf32" else NOISE[:4096]))
    return f"{{type: vector_source, datatype: {kind}, sample_rate: {RATE}, repeat: {max(1, samples // 4096)}, data: [{data}]}}"


def blocks_of(chain):
    """With those inside hierarchical blocks."""
    return [inner for block in chain for inner in ([block] if hasattr(block, "pc_work_time_total") else
                                                   [b for b in vars(block).values() if hasattr(b, "pc_work_time_total")])]


def low_pass(count, cutoff=0.1):
    """As many taps as that, by Kaiser's window."""
    n = np.arange(count) - (count - 1) / 2
    return (2 * cutoff * np.sinc(2 * cutoff * n) * np.kaiser(count, 5.65)).tolist()


def fir(count, more=""):
    return f"{{type: fir_filter, cutoff: 100 kHz, taps_count: {count}{more}}}"


TWO = ("in[0]", "in[1]")
RE_IM = ("re", "im")
SECTIONS = [0.0675, 0.1349, 0.0675, 1, -1.143, 0.4128]
HANN = window.hann(1024)
LOOP = 2 * np.pi * 1e3 / RATE
CODE = [1, 1, 1, -1, -1, 1, -1] * 9  # 63 symbols
PLL = "{type: pll, loop_bandwidth: 1 kHz, min_frequency: -100 kHz, max_frequency: 100 kHz, output: %s}"
EDGES = (LOOP, 2 * np.pi * 0.1, -2 * np.pi * 0.1)


def deemphasis():
    """The filter in fm_deemph."""
    k = -np.tan(1 / (2 * RATE * 50e-6))
    return filters.iir_filter_ffd([-k / (1 - k), -k / (1 - k)], [1, -(1 + k) / (1 - k)], False)


def spectrogram():
    return [blocks.stream_to_vector(8, 1024), fft.fft_vcc(1024, True, HANN, True), blocks.complex_to_mag_squared(1024)]


JOBS = [
    # arithmetic
    Job("abs", "rf32", "{type: abs}", blocks.abs_ff),
    Job("add, cf32", "cf32", "{type: add}", lambda: blocks.add_cc(1), TWO),
    Job("add, rf32", "rf32", "{type: add}", lambda: blocks.add_ff(1), TWO),
    Job("add_const, cf32", "cf32", "{type: add_const, constant: 1+2j}", lambda: blocks.add_const_cc(1 + 2j)),
    Job("convert cf32 to ci16", "cf32", "{type: convert, to: ci16}", lambda: blocks.complex_to_interleaved_short(True, 32767)),
    Job("convert ci16 to cf32", "ci16", "{type: convert, to: cf32}", lambda: blocks.interleaved_short_to_complex(True, False, 32768)),
    Job("divide, cf32", "cf32", "{type: divide}", lambda: blocks.divide_cc(1), TWO),
    Job("divide, rf32", "rf32", "{type: divide}", lambda: blocks.divide_ff(1), TWO),
    Job("log10", "rf32", "{type: log10, scale: 10}", lambda: blocks.nlog10_ff(10, 1, 0)),
    Job("multiply, cf32", "cf32", "{type: multiply}", lambda: blocks.multiply_cc(1), TWO),
    Job("multiply, rf32", "rf32", "{type: multiply}", lambda: blocks.multiply_ff(1), TWO),
    Job("multiply, conjugate", "cf32", "{type: multiply, conjugate: true}", lambda: blocks.multiply_conjugate_cc(1), TWO),
    Job("multiply_const, cf32", "cf32", "{type: multiply_const, constant: 1+2j}", lambda: blocks.multiply_const_cc(1 + 2j)),
    Job("multiply_const, rf32", "rf32", "{type: multiply_const, constant: 2}", lambda: blocks.multiply_const_ff(2)),
    Job("subtract, cf32", "cf32", "{type: subtract}", lambda: blocks.sub_cc(1), TWO),
    # complex
    Job("complex_to real", "cf32", "{type: complex_to, part: real}", lambda: blocks.complex_to_real(1)),
    Job("complex_to magnitude", "cf32", "{type: complex_to, part: magnitude}", lambda: blocks.complex_to_mag(1)),
    Job("complex_to power", "cf32", "{type: complex_to, part: power}", lambda: blocks.complex_to_mag_squared(1)),
    Job("complex_to phase", "cf32", "{type: complex_to, part: phase}", lambda: blocks.complex_to_arg(1)),
    Job("conjugate", "cf32", "{type: conjugate}", blocks.conjugate_cc),
    Job("float_to_complex", "rf32", "{type: float_to_complex}", lambda: blocks.float_to_complex(1), RE_IM),
    Job("rotate", "cf32", "{type: rotate, frequency: 10 kHz}", lambda: blocks.rotator_cc(2 * np.pi * 0.01)),
    # detection
    Job("correlate, 63 samples", "cf32", f"{{type: correlate, sequence: {CODE}, threshold: 0.9}}",
        lambda: digital.corr_est_cc(CODE, 1, 0, 0.9)),
    Job("threshold", "rf32", "{type: threshold, low: 0.1, high: 0.2}", lambda: blocks.threshold_ff(0.1, 0.2, 0)),
    Job("probe", "cf32", "{type: probe}", lambda: analog.probe_avg_mag_sqrd_cf(-20, 0.001)),
    Job("burst_detector", "cf32", "{type: burst_detector}"),
    Job("spectral_burst_detector, ca", "cf32", "{type: spectral_burst_detector, cfar: ca}", outputs=0),
    Job("spectral_burst_detector, os", "cf32", "{type: spectral_burst_detector, cfar: os}", outputs=0),
    # filters
    Job("cic /16, 4 stages", "cf32", "{type: cic, decimation: 16, stages: 4}"),
    Job("dc_blocker 32", "cf32", "{type: dc_blocker, length: 32}", lambda: filters.dc_blocker_cc(32, True)),
    Job("deemphasis", "rf32", "{type: deemphasis, tau: 50 us}", deemphasis),
    Job("fir_filter, 64 taps, cf32", "cf32", fir(64), lambda: filters.fir_filter_ccf(1, low_pass(64))),
    Job("fir_filter, 64 taps, rf32", "rf32", fir(64), lambda: filters.fir_filter_fff(1, low_pass(64))),
    Job("fir_filter, 64 complex taps", "cf32", "{type: fir_filter, kind: one_sided, low: 10 kHz, high: 100 kHz, taps_count: 64}",
        lambda: filters.fir_filter_ccc(1, (np.array(low_pass(64)) * np.exp(0.3j * np.arange(64))).tolist())),
    Job("fir_filter, 64 taps, cf32, /8", "cf32", fir(64, ", decimation: 8"), lambda: filters.fir_filter_ccf(8, low_pass(64))),
    Job("fir_filter, 64 taps, cf32, times 4", "cf32", fir(64, ", interpolation: 4"),
        lambda: filters.interp_fir_filter_ccf(4, low_pass(64))),
    Job("fir_filter, 513 taps (fft_filter_ccf)", "cf32", fir(513), lambda: filters.fft_filter_ccf(1, low_pass(513))),
    Job("frequency_translate, 81 taps, /10", "cf32", "{type: frequency_translate, shift: 100 kHz, taps_count: 81, decimation: 10}",
        lambda: filters.freq_xlating_fir_filter_ccf(10, low_pass(81, 0.04), 1e5, RATE)),
    Job("half_band", "cf32", "{type: half_band}", lambda: filters.fir_filter_ccf(2, low_pass(47, 0.25))),
    Job("hilbert, 65 taps", "rf32", "{type: hilbert, taps_count: 65}", lambda: filters.hilbert_fc(65)),
    Job("iir_filter, 1 section, rf32", "rf32", f"{{type: iir_filter, sections: {SECTIONS}}}",
        lambda: filters.iir_filter_ffd(SECTIONS[:3], SECTIONS[3:], False)),
    Job("moving_average 100", "cf32", "{type: moving_average, n: 100}", lambda: blocks.moving_average_cc(100, 0.01, 4096)),
    Job("pfb_channelizer 64 x 8", "cf32", "{type: pfb_channelizer, channels: 64, taps_per_channel: 8}",
        lambda: [blocks.stream_to_streams(8, 64), filters.pfb_channelizer_ccf(64, low_pass(512, 1 / 128), 1)], outputs=64),
    Job("rational_resampler 3/2", "cf32", "{type: rational_resampler, interpolation: 3, decimation: 2, taps_count: 61}",
        lambda: filters.rational_resampler_ccf(3, 2, low_pass(61, 1 / 6))),
    Job("rational_resampler 48/250", "cf32", "{type: rational_resampler, output_rate: 192 kHz, taps_count: 1201}",
        lambda: filters.rational_resampler_ccf(24, 125, low_pass(1201, 1 / 260))),
    Job("single_pole", "cf32", "{type: single_pole, alpha: 0.01}", lambda: filters.single_pole_iir_filter_cc(0.01, 1)),
    # levels and loops
    Job("agc, rms", "cf32", "{type: agc, kind: rms, rate: 0.01}"),
    Job("agc, peak", "cf32", "{type: agc, kind: peak, rate: 0.01}", lambda: analog.agc_cc(0.01, 1, 1)),
    Job("agc, feedforward", "cf32", "{type: agc, kind: feedforward, samples: 256}", lambda: analog.feedforward_agc_cc(256, 1)),
    Job("pll, carrier", "cf32", PLL % "carrier", lambda: analog.pll_carriertracking_cc(*EDGES)),
    Job("pll, reference", "cf32", PLL % "reference", lambda: analog.pll_refout_cc(*EDGES)),
    Job("pll, frequency", "cf32", PLL % "frequency", lambda: analog.pll_freqdet_cf(*EDGES)),
    Job("squelch, zeros", "cf32", "{type: squelch, threshold: -30 dB, alpha: 0.001}",
        lambda: analog.pwr_squelch_cc(-30, 0.001, 0, False)),
    # modulation
    Job("fm_demod", "cf32", "{type: fm_demod, deviation: 75 kHz}", lambda: analog.quadrature_demod_cf(RATE / (2 * np.pi * 75e3))),
    Job("fm_modulator", "rf32", "{type: fm_modulator, deviation: 75 kHz}",
        lambda: analog.frequency_modulator_fc(2 * np.pi * 75e3 / RATE)),
    Job("unwrap", "rf32", "{type: unwrap}"),
    # rates
    Job("integrate 10", "cf32", "{type: integrate, n: 10}", lambda: blocks.integrate_cc(10, 1)),
    Job("keep_m_in_n 3 of 10", "cf32", "{type: keep_m_in_n, m: 3, n: 10}", lambda: blocks.keep_m_in_n(8, 3, 10, 0)),
    Job("keep_one_in_n 10", "cf32", "{type: keep_one_in_n, n: 10}", lambda: blocks.keep_one_in_n(8, 10)),
    Job("repeat 10", "cf32", "{type: repeat, n: 10}", lambda: blocks.repeat(8, 10)),
    # sources
    Job("signal_source, cosine", "none", "{type: signal_source, sample_rate: 1 MHz, frequency: 10 kHz, length: $n}",
        lambda: analog.sig_source_c(RATE, analog.GR_COS_WAVE, 1e4, 1)),
    Job("signal_source, noise", "none", "{type: signal_source, kind: noise, sample_rate: 1 MHz, length: $n}",
        lambda: analog.noise_source_c(analog.GR_GAUSSIAN, 1, 1)),
    # spectra
    Job("fft 1024", "cf32", "{type: fft, size: 1024, window: hann}",
        lambda: [blocks.stream_to_vector(8, 1024), fft.fft_vcc(1024, True, HANN, True)]),
    Job("spectrogram 1024, side by side", "cf32", "{type: spectrogram, size: 1024, overlap: 0}", spectrogram),
    Job("psd 1024, side by side", "cf32", "{type: psd, size: 1024, overlap: 0, average: 100}"),
    Job("spectrogram 1024, then peaks", "cf32", ["{type: spectrogram, size: 1024, overlap: 0}", "{type: peaks}"], outputs=0),
    # streams
    Job("copy", "cf32", "{type: copy}", lambda: blocks.copy(8)),
    Job("deinterleave 2", "cf32", "{type: deinterleave, outputs: 2}", lambda: blocks.deinterleave(8), outputs=2),
    Job("delay 100", "cf32", "{type: delay, samples: 100}", lambda: blocks.delay(8, 100)),
    Job("head", "cf32", "{type: head, length: $n}", lambda: blocks.head(8, 1 << 40)),
    Job("interleave 2", "cf32", "{type: interleave}", lambda: blocks.interleave(8), TWO),
    Job("selector", "cf32", "{type: selector}", lambda: blocks.selector(8, 0, 0), TWO),
    Job("skip 1000", "cf32", "{type: skip, length: 1000}", lambda: blocks.skiphead(8, 1000)),
    Job("stream_to_vector 16", "cf32", "{type: stream_to_vector, size: 16}", lambda: blocks.stream_to_vector(8, 16)),
    Job("streams_to_vector 2", "cf32", "{type: streams_to_vector}", lambda: blocks.streams_to_vector(8, 2), TWO),
    Job("stream_to_vector and back", "cf32", ["{type: stream_to_vector, size: 16}", "{type: vector_to_stream}"],
        lambda: [blocks.stream_to_vector(8, 16), blocks.vector_to_stream(8, 16)]),
    Job("vector_to_streams 2", "cf32", ["{type: stream_to_vector, size: 2}", "{type: vector_to_streams, outputs: 2}"],
        lambda: [blocks.stream_to_vector(8, 2), blocks.vector_to_streams(8, 2)], outputs=2),
]

COPIES = [Job(f"whole graph: source, {n} copies, sink", "cf32", ["{type: copy}"] * n, lambda n=n: [blocks.copy(8) for _ in range(n)])
          for n in (1, 5)]
