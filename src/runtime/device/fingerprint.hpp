// What a device computes, in few letters.
#pragma once

#include <string>

namespace flowspan::runtime {

/// A hash of what every kernel on this device makes of a fixed vector: devices with the same one compute the same bytes. It
/// waits for the device, at most `most_s`. `transforms`: of the library of transforms, too. Throws device::Error.
std::string device_fingerprint(int device, bool transforms, double most_s);

}  // namespace flowspan::runtime
