// Sources with an open end: what a call comes to is entered once it is known, and only then is the next one made.
#include "runtime/task/block_task.hpp"

#include "runtime/task/access.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {

bool BlockTask::call_open(const Bounds& bounds) {
    const std::optional<Call> call = fixed_->next(bounds, wait_);
    if (!call) return wait_ == Wait::nothing && at_boundary();
    fixed_->place(*call);
    for (const Out& out : outs) Access::produced(*out.port) = call->items;
    if (!message_outs.empty()) messages_.begin_call(cell_of(position()), at_.output_anchor);
    reading_.emplace(call->items, clock_->call(*block_, call->items, statistics_));
    return enter_reading();
}

// True when the call is over.
bool BlockTask::enter_reading() {
    wait_ = Wait::pending;
    if (reading_->step.token != nullptr && !reading_->step.token->ready()) return false;
    const std::size_t asked = reading_->asked, made = Access::produced(*outs[0].port);
    reading_.reset();
    if (made > asked)
        throw BlockFailure(ExitCode::block, block_->name(),
                           fmt::format("makes {} items in a call, of {} that it was asked for", made, asked));
    if (Access::ends(*outs[0].port)) {
        total_ = std::min(total_, at_.total_made + made);
        fixed_->end_at(total_);
    }
    if (made > 0) entered(books_.enter(made, total_reached(), fixed_->input_after(made), Step::done()));
    return true;
}

}  // namespace flowspan::runtime
