// A run as clients of the control socket see it, without any samples: it counts, has parameters, a reading and a method.
#pragma once

#include "run/client/socket.hpp"

#include <flowspan/value.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace flowspan::test {

/// Parameters: gain.constant, receive[0-3].demod.deviation (up to 100 kHz). Reading: probe.rms. Method: bursts.reset.
class FakeRun {
public:
    explicit FakeRun(const std::string& path);
    /// A millisecond of the run: 48 samples.
    void poll();
    /// As when the last block is done.
    void end(const std::string& state);
    bool ended() const { return ended_; }
    std::size_t changes() const { return changes_; }

private:
    using Request = run::ControlSocket::Request;
    struct Change {
        Request request;
        std::vector<std::string> names;
        Value value;
        std::int64_t at;
    };
    struct Watch {
        run::ControlSocket::Client client;
        std::int64_t number;
        std::string name;
    };
    void handle(const Request& request);
    Value status() const;
    Value get(const Value& params) const;
    void set(const Request& request);
    void call(const Request& request);
    void watch(const Request& request);
    void unwatch(const Request& request);
    void apply(const Change& change);
    void tell(const std::string& name, const Value& value);
    std::vector<std::string> names_of(const Value& params, const std::string& what) const;
    std::int64_t index_of(const Value& params) const;

    std::map<std::string, Value> parameters_;
    std::vector<Change> waiting_;
    std::vector<Watch> watches_;
    std::int64_t sample_ = 4800, last_watch_ = 0;
    std::size_t changes_ = 0;
    bool stopping_ = false, ended_ = false;
    run::ControlSocket socket_;
};

}  // namespace flowspan::test
