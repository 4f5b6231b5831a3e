// Plug-ins that come while a batch runs: hosts that lack them ask rank 0 for copies, a piece at a time.
#pragma once

#include "run/plugins/share.hpp"
#include "run/star/control_star.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

class LatePlugins {
public:
    using Send = std::function<void(int rank, run::Word word, const Value& content)>;
    explicit LatePlugins(Send send) : send_(std::move(send)) {}

    /// On rank 0: what `refresh` is to say of these files, which all are kept for.
    Value::List offer(const std::vector<std::string>& files);
    /// Of rank 0: what it has offered. They have arrived at once where none is lacking.
    void told(const Value::List& offers);
    /// A piece, or a wish for one; false: it is for somebody else.
    bool take(const run::ControlMessage& message);
    /// Some are on their way.
    bool arriving() const { return !copies_.empty(); }
    /// All that was told of last is here: once.
    std::optional<std::vector<run::PluginFile>> arrived();

private:
    void ask(std::size_t number) const;

    Send send_;
    std::vector<run::PluginContent> offered_;        // rank 0
    std::map<std::size_t, run::PluginCopy> copies_;  // by number, on their way
    std::vector<run::PluginFile> plugins_;
    bool told_ = false;
};

}  // namespace flowspan::batch
