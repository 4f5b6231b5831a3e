// One function a block: it adds its type, with a line of help and an example, to the library.
#pragma once

namespace flowspan {

class Registry;

void register_add(Registry& r);
void register_burst_detector(Registry& r);
void register_convert(Registry& r);
void register_copy(Registry& r);
void register_deemphasis(Registry& r);
void register_fft(Registry& r);
void register_file_sink(Registry& r);
void register_file_source(Registry& r);
void register_fir_filter(Registry& r);
void register_fm_demod(Registry& r);
void register_fm_modulator(Registry& r);
void register_frequency_translate(Registry& r);
void register_hdf5_sink(Registry& r);
void register_head(Registry& r);
void register_message_log(Registry& r);
void register_multiply_const(Registry& r);
void register_null_sink(Registry& r);
void register_null_source(Registry& r);
void register_pfb_channelizer(Registry& r);
void register_probe(Registry& r);
void register_psd(Registry& r);
void register_rational_resampler(Registry& r);
void register_sigmf_annotations(Registry& r);
void register_signal_source(Registry& r);
void register_skip(Registry& r);
void register_vector_sink(Registry& r);
void register_vector_source(Registry& r);
void register_waterfall_png(Registry& r);
void register_wav_sink(Registry& r);

}  // namespace flowspan
