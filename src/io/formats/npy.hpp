// NumPy's .npy arrays: a recording of one axis, or of samples and channels.
#pragma once

#include <flowspan/recording.hpp>

#include <complex>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace flowspan::io {

bool looks_like_npy(std::span<const std::byte> head);
/// Format versions 1 to 3 of https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, C order, shape (n,) or
/// (n, channels). Throws Refused (ExitCode::file) for others.
Recording read_npy(const std::string& path);

/// All numbers of an array of one or two axes, in C order: for parameters that are lists. Throws Refused as above, and where
/// they are more than 2^22; Failure when it cannot be read.
std::vector<std::complex<double>> npy_numbers(const std::string& path);

/// The 128 bytes or more that begin an array of this type and shape (C order, this machine's byte order).
std::string npy_header(SampleType type, std::uint64_t samples, std::uint64_t channels);

}  // namespace flowspan::io
