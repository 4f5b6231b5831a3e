// A graph of a program: its text while it is built, its run while it runs.
#pragma once

#include "program/session.hpp"
#include "run/job/loop.hpp"
#include "run/signs/signals.hpp"

#include <flowspan/program.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::program {

class GraphState;

/// A question to blocks, and the answers when they are there.
class Question {
public:
    Question(std::weak_ptr<GraphState> graph, std::string call) : graph_(std::move(graph)), call_(std::move(call)) {}
    std::vector<Reply>& wait();
    std::optional<std::vector<Reply>> replies;

private:
    std::weak_ptr<GraphState> graph_;
    std::string call_;
};

class GraphState : public std::enable_shared_from_this<GraphState> {
public:
    GraphState(std::shared_ptr<SessionState> session, std::string name);
    ~GraphState();
    GraphState(const GraphState&) = delete;
    GraphState& operator=(const GraphState&) = delete;

    // Building.
    struct Made {
        std::string name, type;
        Value::Map parameters;
        int copies = 0;
    };
    std::vector<Made> blocks;
    std::vector<std::string> connections, messages, unused;
    std::map<int, std::vector<std::string>> ranks;
    bool automatic = false;
    void refuse_when_built() const;
    std::string text() const;
    std::string resolved() const;

    void initialise(const RunOptions& options);
    void start();
    bool drive();
    /// Drives the run to its end or until `answered`, where that is given. `call` is where the program of this rank waits.
    void drive_until(const std::string& call, const std::function<bool()>& answered = {});
    Outcome finish();
    void stop();
    /// The program leaves a run that goes on: it is driven to its end, which is near where an exception is under way.
    void abandon(bool by_exception);

    Reply ask(runtime::Ask::What what, const std::string& block, const std::string& name, const Value& value, const When& when);
    std::shared_ptr<Question> ask_async(runtime::Ask::What what, const std::string& block, const std::string& name,
                                        const Value& value, const When& when);
    void watch(const std::string& name, const std::function<void(const Seen&)>& seen);
    std::vector<std::byte> fetch(const std::string& block, SampleType type, int root);

    /// Within a callback the run cannot be driven.
    void refuse_in_callback(const std::string& call) const;
    SessionState& session() { return *session_; }
    bool running() const { return phase_ == Phase::running; }

private:
    enum class Phase { building, ready, running, over };
    Reply ask_while_building(runtime::Ask::What what, const std::string& block, const std::string& name, const Value& value);
    Reply ask_together(runtime::Ask::What what, const std::string& block, const std::string& name, const Value& value,
                       const When& when);
    int number_of(const std::string& block) const;
    void call_back();

    std::shared_ptr<SessionState> session_;
    std::string name_;
    Phase phase_ = Phase::building;
    run::JobHooks hooks_;
    std::unique_ptr<run::Signals> signals_;
    std::unique_ptr<run::Started> started_;
    std::unique_ptr<run::Loop> loop_;
    std::vector<std::function<void()>> at_start_;
    std::deque<std::function<void()>> callbacks_;
    bool in_callback_ = false;
    Outcome outcome_;
};

}  // namespace flowspan::program
