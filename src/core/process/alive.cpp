#include "core/process/alive.hpp"

#include <utility>

namespace flowspan {
namespace {

thread_local Attendant* attendant_of_this_thread = nullptr;

}  // namespace

void still_here() {
    if (attendant_of_this_thread != nullptr) attendant_of_this_thread->look();
}

Attendant* attended_by(Attendant* attendant) { return std::exchange(attendant_of_this_thread, attendant); }

}  // namespace flowspan
