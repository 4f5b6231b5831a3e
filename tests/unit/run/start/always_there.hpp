// The other rank of a pretended pair while a run begins: it has come to every meeting, and left.
#pragma once

#include "comm/communicator.hpp"
#include "run/star/words.hpp"

#include <flowspan/value.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace flowspan::test {

class AlwaysThere {
public:
    comm::Request receive(comm::Lane lane, void* data) const {
        return lane == comm::Lane::start ? comm::Request(data) : comm::Request();
    }
    /// Delivers what has not been said, into the memory of this receive.
    bool test(comm::Request& request, comm::Arrived* arrived) {
        if (!request) return true;
        if (said_ == 2) return false;
        const Value message = said_ == 0 ? Value(Value::List{int(run::Word::here), std::int64_t(1) << 40})
                                         : Value(Value::List{int(run::Word::left), Value()});
        ++said_;
        std::vector<std::byte> bytes{std::byte(1)};  // the last fragment
        const auto encoded = message.encode();
        bytes.insert(bytes.end(), encoded.begin(), encoded.end());
        std::memcpy(request.handle(), bytes.data(), bytes.size());
        if (arrived != nullptr) *arrived = {1, bytes.size()};
        request = comm::Request();
        return true;
    }

private:
    int said_ = 0;
};

}  // namespace flowspan::test
