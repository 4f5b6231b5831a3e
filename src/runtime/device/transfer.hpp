// What the planner puts between the memory of a host and of its device: copies, and the implicit conversion on the device.
#pragma once

#include "runtime/device/rank_device.hpp"

#include <flowspan/block.hpp>

#include <cstddef>
#include <memory>

namespace flowspan::runtime {

/// Items as they are, from a ring of the host to memory of the device, which the compute queue may read at once. `most`: bytes
/// of a step. Where the ring cannot be pinned, they go through memory that is.
std::unique_ptr<Block> make_to_device(RankDevice& device, std::shared_ptr<const memory::RingMemory> host,
                                      const memory::RingMemory& to, std::size_t most);
/// From what the compute queue has written into a ring of the host.
std::unique_ptr<Block> make_to_host(RankDevice& device, std::shared_ptr<const memory::RingMemory> host, std::size_t most);
/// As make_to_floats, of the types that partition::converts_on_devices names.
std::unique_ptr<Block> make_to_floats_on_device(SampleType from);

}  // namespace flowspan::runtime
