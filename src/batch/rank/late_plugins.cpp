#include "batch/rank/late_plugins.hpp"

#include <utility>

namespace flowspan::batch {

Value::List LatePlugins::offer(const std::vector<std::string>& files) {
    Value::List offers;
    for (run::PluginContent& content : run::PluginContent::of(files)) {
        offers.emplace_back(Value::List{std::int64_t(offered_.size()), content.offered.value()});
        offered_.push_back(std::move(content));
    }
    return offers;
}

void LatePlugins::told(const Value::List& offers) {
    plugins_.clear();
    told_ = true;
    for (const Value& one : offers) {
        const auto number = std::size_t(one.list().at(0).integer());
        run::OfferedPlugin offered = run::OfferedPlugin::from(one.list().at(1));
        if (!run::is_lacking(offered.name)) {
            plugins_.push_back({offered.name, offered.name});
            continue;
        }
        copies_.emplace(number, run::PluginCopy(std::move(offered)));
        ask(number);
    }
}

void LatePlugins::ask(std::size_t number) const {
    send_(0, run::Word::lacks_plugin, Value::List{std::int64_t(number), std::int64_t(copies_.at(number).bytes())});
}

bool LatePlugins::take(const run::ControlMessage& message) {
    if (message.word == run::Word::lacks_plugin) {
        const auto number = std::size_t(message.content.list().at(0).integer()),
                   at = std::size_t(message.content.list().at(1).integer());
        send_(message.from, run::Word::plugin,
              Value::List{std::int64_t(number), offered_.at(number).bytes.substr(at, run::plugin_piece_bytes)});
        return true;
    }
    if (message.word != run::Word::plugin) return false;
    const auto number = std::size_t(message.content.list().at(0).integer());
    run::PluginCopy& copy = copies_.at(number);
    copy.add(message.content.list().at(1).string());
    if (!copy.complete()) {
        ask(number);
        return true;
    }
    plugins_.push_back(copy.plugin());
    copies_.erase(number);
    return true;
}

std::optional<std::vector<run::PluginFile>> LatePlugins::arrived() {
    if (!told_ || arriving()) return std::nullopt;
    told_ = false;
    return std::exchange(plugins_, {});
}

}  // namespace flowspan::batch
