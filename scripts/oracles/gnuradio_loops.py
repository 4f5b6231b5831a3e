"""What GNU Radio's own blocks make of the signals of loops.py, for agc, squelch and pll.

Run behind loops.py: python3 scripts/oracles/gnuradio_loops.py (needs numpy and GNU Radio 3.10). GNU Radio computes in single
precision.
"""

import numpy as np
from gnuradio import analog, blocks, gr

from oracle import ROOT, Oracle

given = {}
lines = iter((ROOT / "tests/unit/blocks/data/loops.txt").read_text().splitlines())
for head in lines:
    values = np.array(next(lines).split(), float)
    given[head.split()[0]] = values[::2] + 1j * values[1::2] if len(values) % 2 == 0 else values
levels, tone = given["levels"], given["tone"]


def made(block, x):
    top, source = gr.top_block(), blocks.vector_source_c(x.astype(np.complex64).tolist())
    real = "float" in str(block.output_signature()) or block.output_signature().sizeof_stream_item(0) == 4
    sink = blocks.vector_sink_f() if real else blocks.vector_sink_c()
    top.connect(source, block, sink)
    top.run()
    return np.array(sink.data())


o = Oracle("tests/unit/blocks/data/gnuradio.txt", digits=7)
o.add("agc.rms", levels * 0.5 / made(blocks.rms_cf(0.05), levels))
o.add("agc", made(analog.agc_cc(0.02, 0.5, 1), levels))
step = np.concatenate([np.full(400, 0.8), np.full(600, 1.2)])
o.add("agc2.step", np.abs(made(analog.agc2_cc(0.02, 0.02, 1, 1.25), step)))
o.add("feedforward", made(analog.feedforward_agc_cc(37, 0.5), levels))
o.add("squelch", made(analog.pwr_squelch_cc(-3, 0.1, 0, False), levels))
o.add("squelch.cut", made(analog.pwr_squelch_cc(-3, 0.1, 0, True), levels))
loop = (2 * np.pi * 0.01, 2 * np.pi * 0.1, -2 * np.pi * 0.1)
o.add("pll.carrier", made(analog.pll_carriertracking_cc(*loop), tone))
o.add("pll.reference", made(analog.pll_refout_cc(*loop), tone))
o.add("pll.frequency", made(analog.pll_freqdet_cf(*loop), tone) / (2 * np.pi) * 1000)
o.write()
