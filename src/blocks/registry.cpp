#include <flowspan/registry.hpp>

// The blocks of flowspan, each in src/blocks/KIND/NAME.cpp, where register_NAME adds it with a line of help and an example.
// clang-format off
#define FLOWSPAN_BLOCKS \
    BLOCK(arithmetic, abs) BLOCK(arithmetic, add) BLOCK(arithmetic, add_const) BLOCK(arithmetic, convert) BLOCK(arithmetic, divide) BLOCK(arithmetic, log10) BLOCK(arithmetic, multiply) BLOCK(arithmetic, multiply_const) BLOCK(arithmetic, subtract) \
    BLOCK(complex, complex_to) BLOCK(complex, complex_to_float) BLOCK(complex, conjugate) BLOCK(complex, float_to_complex) BLOCK(complex, rotate) \
    BLOCK(detection, adsb_decoder) BLOCK(detection, burst_detector) BLOCK(detection, correlate) BLOCK(detection, probe) BLOCK(detection, spectral_burst_detector) BLOCK(detection, threshold) \
    BLOCK(filters, cic) BLOCK(filters, dc_blocker) BLOCK(filters, deemphasis) BLOCK(filters, fir_filter) BLOCK(filters, frequency_translate) BLOCK(filters, half_band) BLOCK(filters, hilbert) BLOCK(filters, iir_filter) BLOCK(filters, moving_average) BLOCK(filters, pfb_channelizer) BLOCK(filters, rational_resampler) BLOCK(filters, single_pole) \
    BLOCK(loops, agc) BLOCK(loops, doppler) BLOCK(loops, pll) BLOCK(loops, squelch) \
    BLOCK(modulation, fm_demod) BLOCK(modulation, fm_modulator) BLOCK(modulation, unwrap) \
    BLOCK(outside, pipe) \
    BLOCK(rates, integrate) BLOCK(rates, keep_m_in_n) BLOCK(rates, keep_one_in_n) BLOCK(rates, repeat) \
    BLOCK(sinks, burst_sink) BLOCK(sinks, digital_rf_sink) BLOCK(sinks, file_sink) BLOCK(sinks, hdf5_sink) BLOCK(sinks, message_log) BLOCK(sinks, null_sink) BLOCK(sinks, psd_png) BLOCK(sinks, sigmf_annotations) BLOCK(sinks, vector_sink) BLOCK(sinks, waterfall_png) BLOCK(sinks, wav_sink) \
    BLOCK(sources, file_source) BLOCK(sources, null_source) BLOCK(sources, signal_source) BLOCK(sources, vector_source) \
    BLOCK(spectra, fft) BLOCK(spectra, peaks) BLOCK(spectra, psd) BLOCK(spectra, spectrogram) \
    BLOCK(streams, copy) BLOCK(streams, deinterleave) BLOCK(streams, delay) BLOCK(streams, head) BLOCK(streams, interleave) BLOCK(streams, selector) BLOCK(streams, skip) BLOCK(streams, stream_to_vector) BLOCK(streams, streams_to_vector) BLOCK(streams, throttle) BLOCK(streams, vector_to_stream) BLOCK(streams, vector_to_streams)
// clang-format on

namespace flowspan {

#define BLOCK(kind, name) void register_##name(Registry& r);
FLOWSPAN_BLOCKS
#undef BLOCK

const Registry& built_in_blocks() {
    static const Registry registry = [] {
        Registry r;
#define BLOCK(kind_of_block, name) \
    r.kind(#kind_of_block);        \
    register_##name(r);
        FLOWSPAN_BLOCKS
#undef BLOCK
        r.kind({});  // what is added to a copy, by a plug-in, is of no kind of these
        return r;
    }();
    return registry;
}

}  // namespace flowspan
