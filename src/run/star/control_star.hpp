// Control messages: a star at rank 0, served by the loop. Point-to-point only, so that no rank can hang another.
#pragma once

#include "comm/communicator.hpp"
#include "run/star/words.hpp"

#include <flowspan/value.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::run {

/// A control message: a word, and what goes with it.
struct ControlMessage {
    int from = 0;
    Word word{};
    Value content;
};

class ControlStar {
public:
    explicit ControlStar(comm::Communicator& communicator, comm::Lane lane = comm::Lane::control);
    ~ControlStar();
    ControlStar(const ControlStar&) = delete;
    ControlStar& operator=(const ControlStar&) = delete;

    /// From rank 0 to any rank, from any rank to rank 0; itself included. Content of any size.
    void send(int to, Word word, const Value& content = {});
    /// From rank 0 to every rank, itself included.
    void send_to_all(Word word, const Value& content = {});
    /// Moves messages; true and one message when there is one.
    bool poll(ControlMessage& message);
    /// Everything sent has been taken by the other side.
    bool all_sent();
    /// Messages that are on their way, those to itself included.
    std::size_t under_way() const { return sending_.size() + inbox_.size(); }
    /// Takes posted receives back.
    void close();

private:
    static constexpr std::size_t fragment_bytes = 32 << 10;
    struct Sending {
        std::vector<std::byte> bytes;
        comm::Request request;
    };
    struct Receiving {
        std::vector<std::byte> bytes;
        comm::Request request;
    };
    void receive();
    void take(int from, const std::byte* data, std::size_t bytes);

    comm::Communicator& communicator_;
    comm::Lane lane_;
    std::deque<Sending> sending_;
    std::vector<Receiving> receiving_;
    std::size_t next_ = 0;
    std::vector<std::vector<std::byte>> partial_;  // by sender: fragments so far
    std::deque<ControlMessage> inbox_;
};

}  // namespace flowspan::run
