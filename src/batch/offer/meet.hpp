// What all ranks of a batch offer, before its first unit.
#pragma once

#include "batch/offer/offers.hpp"
#include "batch/worker/nursery/nursery.hpp"
#include "comm/communicator.hpp"

#include <flowspan/value.hpp>

#include <string>
#include <vector>

namespace flowspan::batch {

/// A worker's answer to a task that has "ask": which devices it sees, or what one of them answers. Throws Failure.
Value answer_about_devices(const Value& task);

/// What each rank offers, where something is asked for: devices are looked for by workers, and shared out among the ranks where
/// they are to be one rank's; where ranks compute units themselves (no nursery) they look themselves, and are refused where
/// devices would be shared. Where blocks are to run on devices, each rank's is tried, too. Collective; `asked` is rank 0's.
/// Throws Refused, Failure, the same on every rank.
std::vector<Offered> meet_offers(comm::Communicator& communicator, Nursery* nursery, double patience_s, const Wishes& asked,
                                 const std::vector<std::string>& plugins);

}  // namespace flowspan::batch
