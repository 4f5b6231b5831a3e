// Messages as JSON lines, in the order of their delivery.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "io/writing/data_file.hpp"

#include <memory>
#include <string>
#include <utility>

namespace flowspan {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10;

struct MessageLog final : Block {
    MessageInput in{*this, "in"};
    Parameter<ProductPath> path{
        *this, "path", {.help = "The file to make: one JSON object a line, {\"port\", \"stamp\", \"value\"}."}};

    void describe() override { holds(2 * piece_bytes); }

    void prepare() override {
        if (file_) return;
        file_ = std::make_shared<io::DataFile>(io().product(path->path));
        file_->open();
    }

    void receive(MessageInput& port, const Message& message) override {
        // The exact time stands as text, as nothing in JSON holds a rational number.
        lines_ += "{\"port\":";
        lines_ += Value(port.name()).json();
        lines_ += ",\"stamp\":\"";
        lines_ += message.stamp.text();
        lines_ += "\",\"value\":";
        lines_ += message.value.json();
        lines_ += "}\n";
        ++count_;
        if (lines_.size() >= piece_bytes) wait_for(append());
    }

    Step finish() override {
        if (std::exchange(finished_, true)) return Step::done();
        file_->holds(count_, "messages");
        return io().submit([file = file_, lines = std::exchange(lines_, {})] {
            file->append(lines);
            file->complete();
        });
    }

    Value results() const override { return Value::Map{{"messages", std::int64_t(count_)}}; }

private:
    Step append() {
        return io().submit([file = file_, lines = std::exchange(lines_, {})] { file->append(lines); });
    }

    std::shared_ptr<io::DataFile> file_;
    std::string lines_;
    std::uint64_t count_ = 0;
    bool finished_ = false;
};

}  // namespace

void register_message_log(Registry& r) {
    r.add<MessageLog>("message_log", "Writes messages to a file of JSON lines.", "path: messages.jsonl");
}

}  // namespace flowspan
