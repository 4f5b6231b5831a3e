// Blocks that run on a device and send messages: what they say of samples there they say on the host, when what they need to
// know of them has come. They are called for as many items as there are, to ask, and then for these, as on the host. In between
// nothing is made of these items, and nothing is entered in the books.
#include "runtime/task/block_task.hpp"

#include <flowspan/diagnostic.hpp>

namespace flowspan::runtime {

bool BlockTask::asks_ahead() const { return device_ != nullptr && !message_outs.empty() && !ins.empty(); }

bool BlockTask::ask_ahead(const Bounds& bounds) {
    const Bounds here{.messages = bounds.messages, .calm = bounds.calm, .across_cells = true};
    const std::optional<Call> call = fixed_->next(here, wait_);
    if (!call) return wait_ == Wait::nothing && at_boundary();
    fixed_->place(*call);
    ahead_ = {issue(call->items, true, 1), fixed_->input_after(call->items)};
    if (ahead_.step.token == nullptr) throw Failure(ExitCode::bug, "runs on a device, sends messages, and does not ask it");
    return true;
}

// True when what was asked for is there.
bool BlockTask::answered() {
    wait_ = Wait::pending;
    if (!ahead_.step.token->ready()) return false;
    ahead_.step = Step::done();
    return true;
}

}  // namespace flowspan::runtime
