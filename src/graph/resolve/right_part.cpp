// What mistakes leave whole of a graph: the part of which everything is known that is needed to describe it.
#include "graph/spec.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace flowspan::graph {
namespace {

class RightPart {
public:
    explicit RightPart(const PartlyRead& read) : read_(read), kept_(read.usable) { kept_.resize(read.spec.blocks.size()); }

    /// Takes out what is fed by what is not kept, until nothing is.
    void keep_fed() {
        const auto open = [&](std::size_t b) { return kept_[b] && fed(b, kept_) < inputs(b); };
        repeat([&](std::size_t b) {
            if (!open(b)) return false;
            kept_[b] = false;
            return true;
        });
    }
    /// Of what is kept, only what sources reach.
    void keep_reached() {
        std::vector<bool> reached(kept_.size());
        repeat([&](std::size_t b) {
            if (!kept_[b] || reached[b] || fed(b, reached) < inputs(b)) return false;
            return bool(reached[b] = true);
        });
        kept_ = std::move(reached);
    }
    FlowgraphSpec spec(bool with_messages) const {
        FlowgraphSpec part;
        part.name = read_.spec.name;
        part.file = read_.spec.file;
        part.parameters = read_.spec.parameters;
        std::vector<int> number(kept_.size(), -1);
        for (std::size_t b = 0; b < kept_.size(); ++b) {
            if (!kept_[b]) continue;
            number[b] = int(part.blocks.size());
            part.blocks.push_back(read_.spec.blocks[b]);
        }
        const auto add = [&](const std::vector<Connection>& from, std::vector<Connection>& to) {
            for (Connection c : from) {
                c.from.block = number[std::size_t(c.from.block)];
                c.to.block = number[std::size_t(c.to.block)];
                if (c.from.block >= 0 && c.to.block >= 0) to.push_back(std::move(c));
            }
        };
        add(read_.spec.streams, part.streams);
        if (with_messages) add(read_.spec.messages, part.messages);
        return part;
    }

private:
    /// Until `change` changes no block any more.
    template <class Change>
    void repeat(Change change) const {
        for (bool again = true; again;) {
            again = false;
            for (std::size_t b = 0; b < kept_.size(); ++b) again = change(b) || again;
        }
    }
    int inputs(std::size_t b) const {
        int count = 0;
        for (const PortInfo& port : read_.ports[b])
            if (port.input && !port.message) count += port.group ? port.size : 1;
        return count;
    }
    int fed(std::size_t b, const std::vector<bool>& by) const {
        if (feeders_.empty())
            for (const Connection& c : read_.spec.streams)
                feeders_[std::size_t(c.to.block)].push_back(std::size_t(c.from.block));
        const auto own = feeders_.find(b);
        return own == feeders_.end()
                   ? 0
                   : int(std::count_if(own->second.begin(), own->second.end(), [&](std::size_t from) { return by[from]; }));
    }

    const PartlyRead& read_;
    std::vector<bool> kept_;
    mutable std::map<std::size_t, std::vector<std::size_t>> feeders_;
};

}  // namespace

FlowgraphSpec right_part(const PartlyRead& read, bool acyclic) {
    RightPart part(read);
    part.keep_fed();
    if (acyclic) part.keep_reached();
    return part.spec(!acyclic);
}

}  // namespace flowspan::graph
