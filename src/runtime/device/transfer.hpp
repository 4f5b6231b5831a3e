// What the planner puts between the memory of a host and of its device: copies, and the implicit conversion on the device.
#pragma once

#include "runtime/device/rank_device.hpp"

#include <flowspan/block.hpp>

#include <memory>

namespace flowspan::runtime {

/// Items as they are, from a pinned ring of the host to memory of the device, which the compute queue may read at once.
std::unique_ptr<Block> make_to_device(RankDevice& device, std::shared_ptr<const memory::RingMemory> host);
/// From what the compute queue has written into a pinned ring of the host.
std::unique_ptr<Block> make_to_host(RankDevice& device, std::shared_ptr<const memory::RingMemory> host);
/// As make_to_floats, of the types that partition::converts_on_devices names.
std::unique_ptr<Block> make_to_floats_on_device(SampleType from);

}  // namespace flowspan::runtime
