#include <flowspan/registry.hpp>

#include "blocks/registration.hpp"

namespace flowspan {

const Registry& built_in_blocks() {
    static const Registry registry = [] {
        Registry r;
        register_add(r);
        register_burst_detector(r);
        register_convert(r);
        register_copy(r);
        register_deemphasis(r);
        register_fft(r);
        register_file_sink(r);
        register_file_source(r);
        register_fir_filter(r);
        register_fm_demod(r);
        register_fm_modulator(r);
        register_frequency_translate(r);
        register_hdf5_sink(r);
        register_head(r);
        register_message_log(r);
        register_multiply_const(r);
        register_null_sink(r);
        register_null_source(r);
        register_pfb_channelizer(r);
        register_probe(r);
        register_psd(r);
        register_rational_resampler(r);
        register_sigmf_annotations(r);
        register_signal_source(r);
        register_skip(r);
        register_vector_sink(r);
        register_vector_source(r);
        register_waterfall_png(r);
        register_wav_sink(r);
        return r;
    }();
    return registry;
}

}  // namespace flowspan
