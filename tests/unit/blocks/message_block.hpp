// A pure message block alone, on a real I/O thread: messages go in, files come out.
#pragma once

#include <flowspan/registry.hpp>

#include "io/publish/product.hpp"
#include "io/writing/thread.hpp"
#include "runtime/task/access.hpp"

#include <memory>
#include <string>
#include <utility>

namespace flowspan::test {

class MessageBlock {
public:
    /// `about`: what all messages are about.
    MessageBlock(const std::string& type, const Value::Map& parameters, Facts facts = {},
                 std::shared_ptr<const RecordingPlaces> about = {})
        : facts_(std::move(facts)), block_(built_in_blocks().find(type)->variants[0].make()) {
        for (const auto& [name, value] : parameters) block_->parameter(name)->set(value);
        auto& context = runtime::Access::context(*block_);
        context.facts = &facts_;
        context.io = &thread_;
        for (MessageInput* input : block_->message_inputs()) runtime::Access::about(*input) = about;
        block_->describe();
        block_->prepare();
    }
    /// Returns how many steps the block waits for; they are finished. Throws what they threw.
    std::size_t receive(const Time& stamp, Value value) {
        block_->receive(*block_->message_inputs().at(0), Message{stamp, std::move(value)});
        const auto begun = std::exchange(runtime::Access::begun(*block_), {});
        if (!begun.empty()) thread_.drain();
        for (const Step& step : begun) step.token->ready();
        return begun.size();
    }
    /// Ends the block and publishes. Throws what the I/O thread threw.
    void finish() {
        for (Step step = block_->finish(); step.token; step = block_->finish()) {
            thread_.drain();
            step.token->ready();
        }
        publisher_.publish();
    }
    Block& block() { return *block_; }

private:
    Facts facts_;
    io::Publisher publisher_{"test", true};
    std::unique_ptr<Block> block_;
    io::Thread thread_{publisher_};
};

}  // namespace flowspan::test
