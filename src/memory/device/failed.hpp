// Which devices have failed, in this process.
#pragma once

#include "memory/device/device.hpp"

namespace flowspan::device {

/// Throws what failed on it first, if anything has.
void expect_working(int device);

/// The operation or call failed, and so the device. Throws.
[[noreturn]] void fail(int device, const std::string& call, const std::string& words);

/// For devices that begin anew, as only emulated ones do.
void forget_failures();

/// Whether it says that memory was asked for and there was none.
bool lacked_memory(const Error& error);

}  // namespace flowspan::device
