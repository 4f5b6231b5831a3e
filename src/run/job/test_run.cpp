// flowspan::test::run: one block between sources and sinks in memory, on the real runtime.
#include "comm/local/local.hpp"
#include "core/mistakes/names.hpp"
#include "core/numbers/quantity.hpp"
#include "run/job/loop.hpp"
#include "run/plan/planning.hpp"
#include "run/start/examine.hpp"
#include "run/start/startup.hpp"
#include "runtime/flowgraph/catalog.hpp"
#include "runtime/flowgraph/flowgraph.hpp"
#include "runtime/task/access.hpp"

#include <flowspan/test.hpp>

#include <unistd.h>

#include <utility>

#include <fmt/format.h>

namespace flowspan::test {
namespace {

class MemorySource final : public Block {
public:
    explicit MemorySource(const Stream* stream) : stream_(stream) {}
    Output<Any> out{*this, "out"};

    void describe() override {
        const std::size_t items = stream_->bytes.size() / stream_->description.item_size();
        total(items);
        StreamDescription d = stream_->description;
        d.length = std::int64_t(items);
        out.describe(std::move(d));
    }
    void prepare() override {
        for (const Stream::Stretch& s : stream_->stretches) out.stretch_at(s.index, s.what, s.center_frequency, s.utc);
    }
    void work(std::size_t n) override {
        const std::size_t size = stream_->description.item_size();
        std::memcpy(out.item(), stream_->bytes.data() + out.index() * size, n * size);
        for (const Tag& t : stream_->tags) {
            if (t.index >= out.index() && t.index < out.index() + n) out.tag(t.index - out.index(), t.key, t.value);
        }
    }

private:
    const Stream* stream_;
};

class MemorySink final : public Block {
public:
    explicit MemorySink(Stream* stream) : stream_(stream) {}
    Input<Any> in{*this, "in"};

    void describe() override {}
    void prepare() override { stream_->description = in.description(); }
    void work(std::size_t n) override {
        const std::byte* first = in.item();
        if (stream_->bytes.empty() && n > 0) stream_->first = in.index();
        stream_->bytes.insert(stream_->bytes.end(), first, first + n * stream_->description.item_size());
        stream_->tags.insert(stream_->tags.end(), in.tags().begin(), in.tags().end());
        next_ = in.index() + n;
    }
    void restart() override {
        const StreamDescription& d = in.description();
        std::optional<Time> utc;
        if (d.utc && d.sample_rate) utc = moved(*d.utc, Time::of(std::int64_t(next_), *d.sample_rate));
        stream_->stretches.push_back({next_, in.discontinuity().value_or(Discontinuity{}), d.center_frequency, utc});
    }
    void retuned() override { stream_->retunings.push_back({next_, in.description().center_frequency}); }

private:
    Stream* stream_;
    std::uint64_t next_ = 0;
};

class MessageSink final : public Block {
public:
    explicit MessageSink(std::vector<Message>* messages) : messages_(messages) {}
    MessageInput in{*this, "in"};
    void describe() override {}
    void receive(MessageInput&, const Message& m) override { messages_->push_back(m); }

private:
    std::vector<Message>* messages_;
};

graph::Node node_of(const Value& v) {
    graph::Node n;
    n.kind = graph::Node::Kind::scalar;
    if (v.is<std::string>()) {
        n.text = v.string();
        n.quoted = true;
    } else if (v.is<double>()) {
        n.text = fmt::format("{}", v.real());
    } else if (v.is<std::complex<double>>()) {
        n.text = format_complex(v.as<std::complex<double>>());
    } else if (v.is<Value::List>()) {
        n.kind = graph::Node::Kind::list;
        for (const Value& e : v.list()) n.items.push_back(node_of(e));
    } else if (v.is<Value::Doubles>()) {
        n.kind = graph::Node::Kind::list;
        for (const double e : v.as<Value::Doubles>()) n.items.push_back(node_of(e));
    } else {
        n.text = v.json();
    }
    return n;
}

graph::FlatBlock flat(const std::string& name, const std::string& type) {
    graph::FlatBlock b;
    b.name = b.base = name;
    b.type = type;
    return b;
}

void connect(std::vector<graph::Connection>& to, int from, const std::string& out, int target, const std::string& in) {
    graph::Connection c;
    c.from = {from, out};
    c.to = {target, in};
    to.push_back(std::move(c));
}

void ask_changes(runtime::PartitionTasks& tasks, const std::vector<Change>& changes, std::vector<std::string>& answers) {
    answers.resize(changes.size(), "never answered");
    for (runtime::BlockTask* task : tasks.blocks()) {
        if (task->block().name() != "block") continue;
        for (std::size_t k = 0; k < changes.size(); ++k) {
            const Change& c = changes[k];
            task->ask({c.command ? runtime::Ask::What::call : runtime::Ask::What::set, c.name, c.value, c.when},
                      [&answers, k](const runtime::Answer& a) {
                          answers[k] = a.refusal.empty() ? fmt::format("sample {}", a.index) : a.refusal;
                      });
        }
    }
}

/// The block between sources and sinks in memory, as a graph.
class Around {
public:
    Around(const BlockType& tested, const Value::Map& parameters, const std::vector<Stream>& inputs, const Options& options)
        : options_(options) {
        graph::FlatBlock block = flat("block", tested.name);
        for (const auto& [key, value] : parameters) block.settings.emplace(key, node_of(value));
        prototype_ = tested.variants[0].make();  // it tells the ports, once its parameters are set
        Diagnostics found;
        runtime::apply_settings(*prototype_, block, found);
        if (!found.empty()) throw Refused(std::move(found));
        registry.add(tested);
        spec.blocks.push_back(std::move(block));
        outcome.outputs.resize(prototype_->outputs().size());
        for (const MessageOutput* m : prototype_->message_outputs()) outcome.messages[m->name()];
        for (std::size_t k = 0; k < inputs.size(); ++k) add_source(k, inputs[k]);
        for (std::size_t k = 0; k < outcome.outputs.size(); ++k) add_sink(k);
        for (auto& [port, messages] : outcome.messages) add_message_sink(port, messages);
    }

    Registry registry;
    graph::FlowgraphSpec spec;
    Outcome outcome;

private:
    int add(const std::string& name, std::function<std::unique_ptr<Block>()> make) {
        registry.add(BlockType{name, "", "", {{SampleType::any, std::move(make)}}});
        spec.blocks.push_back(flat(name, name));
        return int(spec.blocks.size()) - 1;
    }
    void add_source(std::size_t k, const Stream& stream) {
        const int source = add(fmt::format("input_{}", k), [&stream] { return std::make_unique<MemorySource>(&stream); });
        connect(spec.streams, source, "out", 0, prototype_->inputs().at(k)->name());
    }
    /// Of an endless source, behind as many items as are wanted.
    void add_sink(std::size_t k) {
        int from = 0;
        std::string port = prototype_->outputs()[k]->name();
        if (prototype_->inputs().empty() && spec.blocks[0].type != "head") {
            if (registry.find("head") == nullptr) registry.add(*built_in_blocks().find("head"));
            graph::FlatBlock head = flat(fmt::format("head_{}", k), "head");
            head.settings.emplace("length", node_of(Value(options_.max_outputs)));
            spec.blocks.push_back(std::move(head));
            connect(spec.streams, 0, port, int(spec.blocks.size()) - 1, "in");
            from = int(spec.blocks.size()) - 1;
            port = "out";
        }
        const int sink =
            add(fmt::format("output_{}", k), [s = &outcome.outputs[k]] { return std::make_unique<MemorySink>(s); });
        connect(spec.streams, from, port, sink, "in");
    }
    void add_message_sink(const std::string& port, std::vector<Message>& messages) {
        const int sink = add("messages_" + port, [m = &messages] { return std::make_unique<MessageSink>(m); });
        connect(spec.messages, 0, port, sink, "in");
    }

    const Options& options_;
    std::unique_ptr<Block> prototype_;
};

/// As run::start_up; but the graph comes as it is, no other rank has to agree, and the folder of products is nobody's alone.
void start(comm::Communicator& communicator, run::Started& started, Around& around, const Options& options) {
    started.request.out = options.out;
    started.request.overwrite = started.request.until_stopped = true;
    started.run_id = "test";
    started.hosts = {communicator.host()};
    started.pids = {getpid()};
    started.graph = std::make_unique<runtime::Flowgraph>(around.registry, std::move(around.spec));
    for (const graph::FlatBlock& block : started.graph->spec().blocks) started.block_names.push_back(block.name);
    Facts facts;  // recordings are read by the caller of a source's own tests
    for (const std::string& path : started.graph->recordings())
        facts.add(options.recordings ? options.recordings(path) : Recording{});
    run::describe(*started.graph, {facts, options.out, {}, true});
    started.plan = run::make_plan(*started.graph, {});
    run::make_ready(communicator, started,
                    {.chunk_seed = options.seed, .max_chunk = options.max_chunk, .seam = options.seam, .begin = options.begin});
}

}  // namespace

Outcome run(const std::string& type, const Value::Map& parameters, const std::vector<Stream>& inputs, const Options& options) {
    const Registry& library = options.registry != nullptr ? *options.registry : built_in_blocks();
    const BlockType* tested = library.find(type);
    if (tested == nullptr) {
        KnownNames known{"a block type", {}};
        for (const auto& [name, one] : library.all()) known.names.push_back(name);
        throw Refused(known.mistake(type));
    }
    Around around(*tested, parameters, inputs, options);

    const auto communicator = comm::single_rank();
    run::Started started;
    start(*communicator, started, around, options);
    ask_changes(*started.tasks, options.changes, around.outcome.answers);
    const run::JobHooks nobody_watches;
    run::Loop loop(*communicator, started, nobody_watches);
    loop.run();
    if (const auto& cause = loop.cause()) throw runtime::BlockFailure(cause->code, cause->block, cause->text);
    for (runtime::BlockTask* t : started.tasks->blocks()) {
        if (t->block().name() != "block") continue;
        around.outcome.results = t->block().results();
        for (const auto& [text, count] : runtime::Access::warnings(t->block())) around.outcome.warnings.push_back(text);
    }
    return std::move(around.outcome);
}

}  // namespace flowspan::test
