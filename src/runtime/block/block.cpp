#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace flowspan {

void Block::work(std::size_t) {}

void Block::receive(MessageInput&, const Message&) {}

std::vector<std::string> Block::products() const {
    std::vector<std::string> paths;
    for (const ParameterBase* p : parameters_) {
        if (p->declaration().kind == ParameterKind::product_path && p->given()) paths.push_back(p->value().string());
    }
    return paths;
}

ParameterBase* Block::parameter(std::string_view name) const {
    const auto it =
        std::find_if(parameters_.begin(), parameters_.end(), [&](const ParameterBase* p) { return p->name() == name; });
    return it == parameters_.end() ? nullptr : *it;
}

void Block::refuse(const std::string& expected, const std::string& got, const std::string& hint) const {
    throw Refused(Diagnostic{context_.at, "blocks." + context_.name, expected, got, hint, {}});
}

void Block::wrong(const std::string& expected, const std::string& got, const std::string& hint) const {
    if (found_ == nullptr) refuse(expected, got, hint);
    found_->push_back({context_.at, "blocks." + context_.name, expected, got, hint, {}});
}

void Block::warn(const std::string& text) {
    const auto it = std::find_if(warnings_.begin(), warnings_.end(), [&](const auto& w) { return w.first == text; });
    if (it == warnings_.end())
        warnings_.emplace_back(text, 1);
    else if (found_ == nullptr)  // (it is described more than once)
        ++it->second;
}

bool ItemShape::takes(const std::vector<Axis>& shape) const {
    if (any_) return true;
    auto next = axes_.begin();
    for (const Axis& axis : shape) {
        next = std::find(next, axes_.end(), axis.name);
        if (next == axes_.end()) return false;
        ++next;
    }
    return true;
}

std::string ItemShape::text() const {
    if (any_) return "items of any shape";
    std::string names;
    for (const std::string& axis : axes_) names += (names.empty() ? "`" : ", `") + axis + "`";
    if (names.empty()) return "items of one sample";
    return "items of one sample, or with " + (axes_.size() == 1 ? "an axis " : std::string("axes ")) + names;
}

InputPort::InputPort(Block& owner, std::string name, SampleType type, InputOptions options)
    : owner_(owner), name_(std::move(name)), type_(type), options_(std::move(options)) {
    owner.inputs_.push_back(this);
}

double InputPort::sample_rate() const {
    if (!description().sample_rate) {
        owner_.refuse(fmt::format("a stream with a sample rate on `{}`", name_), "one without",
                      "give `sample_rate` on the source, or fill in `core:sample_rate` in its header");
    }
    return description_.rate_hz();
}

OutputPort::OutputPort(Block& owner, std::string name, SampleType type, OutputOptions options)
    : owner_(owner), name_(std::move(name)), type_(type), options_(options) {
    owner.outputs_.push_back(this);
}

void OutputPort::describe(StreamDescription description) {
    if (type_ != SampleType::any) description.type = type_;
    description_ = std::move(description);
    described_ = true;
}

void OutputPort::tag(std::size_t k, std::string key, Value value) {
    tags_.push_back({index_ + k, std::move(key), std::move(value)});
}

void OutputPort::stretch_at(std::uint64_t index, Discontinuity what, std::optional<double> center_frequency,
                            std::optional<Time> utc) {
    const auto later = std::find_if(stretches_.begin(), stretches_.end(), [&](const Stretch& s) { return s.index > index; });
    stretches_.insert(later, {index, what, center_frequency, utc});
}

void OutputPort::at(std::size_t k, double place) {
    if (!(std::abs(place) < 4e18)) throw Failure(ExitCode::block, fmt::format("states {} as a place of its input", place));
    const double whole = std::floor(place);
    at(k, std::uint64_t(std::int64_t(whole)), place - whole);
}

void OutputPort::at(std::size_t k, std::uint64_t index, double fraction) {
    if (!(std::abs(fraction) < 4e18)) throw Failure(ExitCode::block, fmt::format("states {} as a part of a place", fraction));
    constexpr double unit = 4294967296.0;  // 2^32
    const double whole = std::floor(fraction);
    const auto units = std::uint64_t((fraction - whole) * unit);
    stated_.push_back(
        {k, std::int64_t(index) + std::int64_t(whole), std::uint32_t(std::min<std::uint64_t>(units, UINT32_MAX))});
}

MessageOutput::MessageOutput(Block& owner, std::string name) : owner_(owner), name_(std::move(name)) {
    owner.message_outputs_.push_back(this);
}

void MessageOutput::send(std::uint64_t index, Value value) {
    if (deliver_) deliver_(index, std::move(value));
}

void MessageOutput::send(Value value) {
    if (deliver_) deliver_(std::nullopt, std::move(value));
}

MessageInput::MessageInput(Block& owner, std::string name, MessageInputOptions options)
    : owner_(owner), name_(std::move(name)), options_(std::move(options)) {
    owner.message_inputs_.push_back(this);
}

CommandBase::CommandBase(Block& owner, std::string name, CommandOptions options, std::vector<ParameterKind> arguments)
    : owner_(owner), name_(std::move(name)), options_(std::move(options)), arguments_(std::move(arguments)) {
    owner.commands_.push_back(this);
}

void CommandBase::check(const Value::List& arguments, const Position& at) const {
    const std::string key = fmt::format("blocks.{}.{}", owner_.name(), name_);
    if (arguments.size() != arguments_.size()) {
        throw Refused(Diagnostic{at,
                                 key,
                                 fmt::format("{} argument{}", arguments_.size(), arguments_.size() == 1 ? "" : "s"),
                                 std::to_string(arguments.size()),
                                 options_.help,
                                 {}});
    }
    for (std::size_t k = 0; k < arguments.size(); ++k) {
        if (is_of_kind(arguments[k], arguments_[k])) continue;
        ParameterDeclaration wanted;
        wanted.kind = arguments_[k];
        throw Refused(Diagnostic{
            at, key, fmt::format("{} as argument {}", wanted.expectation(), k + 1), arguments[k].json(), options_.help, {}});
    }
}

ReadingBase::ReadingBase(Block& owner, std::string name, ParameterKind kind, ReadingOptions options)
    : name_(std::move(name)), kind_(kind), options_(std::move(options)) {
    owner.readings_.push_back(this);
}

void ReadingBase::put(std::uint64_t index, Value value) {
    index_ = index;
    value_ = std::move(value);
    if (watcher_) watcher_(index_, value_);
}

void Registry::add(BlockType type) {
    const std::string name = type.name;
    if (type.kind.empty()) type.kind = kind_;
    if (!types_.emplace(name, std::move(type)).second) throw std::logic_error("two block types are named " + name);
}

const BlockType* Registry::find(std::string_view name) const {
    const auto it = types_.find(name);
    return it == types_.end() ? nullptr : &it->second;
}

}  // namespace flowspan
