// Graphs built, run and controlled from a C++ program. Every rank runs the same program:
//
//     int main(int argc, char** argv) {
//         return flowspan::run_program(argc, argv, [](flowspan::Session& session) {
//             flowspan::Graph graph(session, "ramp");
//             auto source = graph.add("source", "vector_source", {{"datatype", "rf32"}, {"data", ramp}});
//             auto gain = graph.add("gain", "multiply_const", {{"constant", 1}});
//             auto sink = graph.add("sink", "vector_sink");
//             graph.connect(source, gain, sink);
//             graph.assign(0, source);
//             graph.assign(session.size() - 1, gain, sink);
//             graph.initialise();
//             gain.set("constant", 2);
//             graph.run().or_throw();
//             const auto samples = sink.fetch<float>();  // on rank 0
//             return 0;
//         });
//     }
//
// Outside a run, what concerns all ranks is collective: every rank makes the same calls in the same order, and a rank that
// makes another one is told so on all of them. During a run (from `start` to the end) any rank may ask any block by itself;
// answers come as futures. docs/program.md tells more.
#pragma once

#include <flowspan/diagnostic.hpp>
#include <flowspan/registry.hpp>
#include <flowspan/when.hpp>

#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace flowspan {

namespace program {
class SessionState;
class GraphState;
class Question;
}  // namespace program
class Graph;

/// MPI, where a launcher started this process, or a single rank. One in a program; it outlives its graphs. A rank that ends it
/// early waits there until all have come to it, so that nobody waits for one that is gone.
class Session {
public:
    Session(int argc, char** argv);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    int rank() const;
    int size() const;
    /// The block types that graphs may use: flowspan's own, and what the program adds before it builds graphs.
    Registry& blocks();

private:
    friend class Graph;
    friend int run_program(int argc, char** argv, const std::function<int(Session&)>& body);
    std::shared_ptr<program::SessionState> state_;
};

/// The exit code of a program of the caller's own that ended by an exception which is none of flowspan's.
inline constexpr int own_exception_code = 1;

/// A whole program, as `main` calls it on every rank: runs `body`, and makes of what it throws on any rank a last line, said
/// once, and an exit code, the same on all ranks. Mistakes (`Refused`) are said whole; a line of several ranks names the one
/// that threw. The code is that of `Refused` or `Failure`, `own_exception_code` of other exceptions, and what `body` returned
/// where no rank has thrown. Crashes (SIGSEGV and the like) within a block name it and the rank.
int run_program(int argc, char** argv, const std::function<int(Session&)>& body);

/// What a block said to a question or an order.
struct Reply {
    std::string block;
    std::string refusal;      // why not; "" when it was done
    Value value;              // get: the value; set: the value in force; call: the result
    std::uint64_t index = 0;  // of the block's input 0 (a source: its output 0) from which on it holds
};

/// Answers that come while the run goes on. To wait for one drives the run; within a callback that throws.
class Future {
public:
    explicit Future(std::shared_ptr<program::Question> question) : question_(std::move(question)) {}
    bool ready() const;
    /// Waits. The answers of all blocks that were asked.
    std::vector<Reply> all();
    /// Waits. The answer of the one block (or of the first); throws Failure with the reason where it refused.
    Reply get();

private:
    std::shared_ptr<program::Question> question_;
};

/// Something that a watch saw: a parameter that changed, a reading that was taken, a message.
struct Seen {
    std::string block, name;
    std::uint64_t index = 0;
    std::optional<double> seconds;  // since index 0 of the source
    Value value;
    std::uint64_t dropped = 0;  // of those before it, for lack of room
};

/// A port of a block, for connections.
struct Port {
    std::string text;  // "channelize.out[3]"
};

/// A block, wherever it lives: a name in a graph. Cheap to copy; valid while its graph lives.
class BlockProxy {
public:
    BlockProxy() = default;
    BlockProxy(std::shared_ptr<program::GraphState> graph, std::string name)
        : graph_(std::move(graph)), name_(std::move(name)) {}
    const std::string& name() const { return name_; }
    /// A port by name: `channelize["out[3]"]`, `channelize["out[*]"]`.
    Port operator[](const std::string& port) const { return {name_ + "." + port}; }
    operator Port() const { return {name_}; }  // NOLINT(google-explicit-constructor): its only port

    /// Before `initialise`: what the graph says (nothing is answered but the value). Between that and `start`: collective.
    /// During a run: waits for the answer, which drives the run. Throw Failure with the reason where the block refuses, Refused
    /// where there is no such name.
    Reply set(const std::string& parameter, const Value& value, const When& when = next_step()) const;
    Reply get(const std::string& parameter) const;
    Reply call(const std::string& command, const Value::List& arguments = {}, const When& when = next_step()) const;

    /// During a run, on any rank.
    Future set_async(const std::string& parameter, const Value& value, const When& when = next_step()) const;
    Future get_async(const std::string& parameter) const;
    Future call_async(const std::string& command, const Value::List& arguments = {}, const When& when = next_step()) const;
    /// Stops the block before this place; the answer comes when it stands there. What is asked of it then takes effect there,
    /// so a program's changes repeat to the byte. May be asked between `initialise` and `start`, too (collective); then the
    /// future is that of the run.
    Future hold(const When& when) const;
    Future release() const;
    /// Calls `seen` on this rank, from `poll`, `wait` and the like, with every change of a parameter, every update of a
    /// reading, or every message of a port. During a run. Best effort: what finds no room on the way is counted.
    void watch(const std::string& name, const std::function<void(const Seen&)>& seen) const;

    /// The samples that a sink in memory (`vector_sink`, or a block that is a HoldsSamples) has got: on `root`; elsewhere
    /// nothing. After the run; collective. Throws Failure where the type is another one.
    template <class T>
    std::vector<T> fetch(int root = 0) const {
        const std::vector<std::byte> bytes = fetch_bytes(sample_type_of<T>, root);
        std::vector<T> samples(bytes.size() / sizeof(T));
        if (!samples.empty()) std::memcpy(samples.data(), bytes.data(), bytes.size());
        return samples;
    }

private:
    std::vector<std::byte> fetch_bytes(SampleType type, int root) const;
    std::shared_ptr<program::GraphState> graph_;
    std::string name_;
};

struct MessageOptions {
    std::optional<std::uint64_t> feedback_delay;  // samples; one edge of a cycle needs it
    bool order_of_arrival = false;
};

/// As the options of `flowspan run`.
struct RunOptions {
    std::string out = ".";  // folder of products
    bool overwrite = false, until_stopped = false;
    double patience_s = 30;
    std::string isa = "best";
    std::uint64_t chunk_seed = 0;                      // not 0: calls of random size, for tests
    std::size_t max_chunk = 0;                         // not 0: no call makes more items
    std::function<void(const std::string&)> log = {};  // rank 0: log lines; nothing: stderr
};

/// What came of a run. Right on every rank but for `report` and `products`, which rank 0 has.
struct Outcome {
    ExitCode code = ExitCode::done;
    std::string cause;  // "" when all is well
    bool stopped = false;
    Value report;
    std::vector<std::string> products;

    /// Throws Failure, with the code and the cause, unless it is done. The same on every rank.
    const Outcome& or_throw() const;
};

class Graph {
public:
    explicit Graph(Session& session, const std::string& name = "graph");
    ~Graph();  // a run that still goes on is driven to its end; one that an exception left behind is ended
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    // Building: the same on every rank; nothing is said to the others before `initialise`.

    /// A block (or `copies` of it) of a known type; values as `flowspan blocks TYPE` lists them, texts with units and
    /// expressions as in a graph file.
    BlockProxy add(const std::string& name, const std::string& type, const Value::Map& parameters = {}, int copies = 0);
    /// A block class of the program's own.
    template <class B>
    BlockProxy add(const std::string& name, const Value::Map& parameters = {}, int copies = 0) {
        return add_own(
            name, parameters, copies, [](Registry& r, const std::string& type) { r.add<B>(type, "a block of this program"); },
            typeid(B).name());
    }
    /// One of the blocks: "gain", "receive[3]", "receive[*]".
    BlockProxy block(const std::string& name) const;
    /// A chain: each output to the next input.
    template <class First, class Second, class... Rest>
    void connect(const First& first, const Second& second, const Rest&... rest) {
        const std::vector<Port> chain{Port(first), Port(second), Port(rest)...};
        connect_chain(chain);
    }
    void connect_messages(const Port& from, const Port& to, const MessageOptions& options = {});
    /// These blocks run on this rank. A rank of blocks that nobody assigns follows from their producers.
    template <class... Blocks>
    void assign(int rank, const Blocks&... blocks) {
        assign_names(rank, {Port(blocks).text...});
    }
    /// All at once by declared cost.
    void assign_automatically();
    /// Outputs that nobody reads, on purpose.
    void unused(const Port& port);

    /// The graph as a graph file; after `initialise` flat, with every value filled in.
    std::string to_yaml() const;

    // Running: collective.

    /// Describes, plans and prepares everything. Throws Refused with the mistakes of all ranks, or Failure, the same on every
    /// rank.
    void initialise(const RunOptions& options = {});
    /// Arms the run; it goes on while `poll`, `run_for` or `wait` are called, on every rank.
    void start();
    /// `start` and `wait`.
    Outcome run();

    // During a run.

    /// One turn. True once the run is over.
    bool poll();
    /// Turns for so long. True once the run is over.
    bool run_for(std::chrono::duration<double> time);
    /// Drives the run to its end, on all ranks.
    Outcome wait();
    /// Every source ends where it is, on all ranks; products are kept as NAME.partial.EXT.
    void stop();

private:
    BlockProxy add_own(const std::string& name, const Value::Map& parameters, int copies,
                       const std::function<void(Registry&, const std::string&)>& add_type, const std::string& type);
    void connect_chain(const std::vector<Port>& chain);
    void assign_names(int rank, const std::vector<std::string>& names);
    std::shared_ptr<program::GraphState> state_;
};

/// A sink that keeps its samples in memory, for `BlockProxy::fetch`.
class HoldsSamples {
public:
    virtual ~HoldsSamples() = default;
    virtual const std::vector<std::byte>& held() const = 0;
    virtual SampleType held_type() const = 0;
};

}  // namespace flowspan
