#include "core/process/alive.hpp"

#include "core/mistakes/crash.hpp"

#include <utility>

namespace flowspan {
namespace {

thread_local Attendant* attendant_of_this_thread = nullptr;
thread_local const std::string* block_of_this_thread = nullptr;

const std::string* now_at(const std::string* block) {
    if (attendant_of_this_thread != nullptr) attendant_of_this_thread->at(block != nullptr ? std::string_view(*block) : "");
    return std::exchange(block_of_this_thread, block);
}

}  // namespace

void still_here() {
    if (attendant_of_this_thread != nullptr) attendant_of_this_thread->look();
}

InCall::InCall(const std::string& block) : before_(now_at(&block)) {}
InCall::~InCall() { now_at(before_); }

const std::string* in_call_of() { return block_of_this_thread; }

Attendant* attended_by(Attendant* attendant) { return std::exchange(attendant_of_this_thread, attendant); }

}  // namespace flowspan
