#include "run/plugins/share.hpp"

#include "core/files/text.hpp"
#include "io/publish/digest.hpp"
#include "run/agree/together.hpp"
#include "run/signs/attended.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

/// How the ranks stand: what each has still to be sent, and the copies that it has.
class Sharing {
public:
    Sharing(comm::Communicator& communicator, double patience_s, const std::function<void(int code)>& leaving,
            const std::vector<std::string>& files)
        : communicator_(communicator), patience_s_(patience_s), leaving_(leaving), root_(communicator.rank() == 0) {
        if (root_) content_ = PluginContent::of(files);
        names_ = files;
    }

    std::vector<PluginFile> run() {
        tell();
        while (send_to_some()) look_at_copies();
        std::vector<PluginFile> plugins;
        for (std::size_t k = 0; k < names_.size(); ++k)
            plugins.push_back(found_[k].file.empty() ? PluginFile{names_[k], names_[k]} : found_[k]);
        return plugins;
    }

private:
    void tell() {
        Value::List offers;
        for (const PluginContent& c : content_) offers.push_back(c.offered.value());
        const Value told = unpacked(communicator_.broadcast(
            root_ ? packed(Value::Map{{"names", Value::List(names_.begin(), names_.end())}, {"offers", offers}}) : ""));
        names_.clear();
        for (const Value& name : told.at("names").list()) names_.push_back(name.string());
        found_.resize(names_.size());
        for (const Value& offer : told.at("offers").list()) {
            offers_.push_back(OfferedPlugin::from(offer));
            if (is_lacking(offers_.back().name)) lacking_.insert(offers_.size() - 1);
        }
    }

    /// To the first rank of each host that lacks something. False: nobody does.
    bool send_to_some() {
        if (offers_.empty()) return false;
        Value::List own;
        for (const std::size_t k : lacking_) own.emplace_back(std::int64_t(k));
        std::set<std::size_t> wanted;
        std::set<std::string> served;
        bool receives = false;
        int rank = 0;
        for (const std::string& text : communicator_.all_gather(packed(Value::List{communicator_.host(), own}))) {
            const Value said = unpacked(text);
            const int r = rank++;
            if (said.list().at(1).list().empty() || !served.insert(said.list().at(0).string()).second) continue;
            for (const Value& k : said.list().at(1).list()) wanted.insert(std::size_t(k.integer()));
            receives = receives || r == communicator_.rank();
        }
        if (wanted.empty()) return false;
        const auto some = communicator_.split(root_ || receives ? 0 : -1);
        made_.clear();
        if (some == nullptr) return true;
        Attended attended(*some, patience_s_, leaving_);
        for (const std::size_t k : wanted) send(attended, k);
        attended.over();
        return true;
    }

    void send(comm::Communicator& some, std::size_t k) {
        const bool takes = lacking_.contains(k);
        PluginCopy copy(offers_[k]);
        for (std::uint64_t at = 0; at < offers_[k].bytes; at += plugin_piece_bytes) {
            const std::string piece =
                some.broadcast(root_ ? content_.at(k).bytes.substr(std::size_t(at), plugin_piece_bytes) : "");
            if (takes) copy.add(piece);
        }
        if (!takes) return;
        take(k, copy.plugin());
        made_[k] = found_of(k);
    }

    /// Ranks of one host take what one of them was sent, where they see it: those in other containers do not.
    void look_at_copies() {
        Value::Map own;
        for (const auto& [k, plugin] : made_)
            if (plugin.trouble.empty()) own[std::to_string(k)] = plugin.file;
        for (const std::string& text : communicator_.all_gather(packed(Value::List{communicator_.host(), own}))) {
            const Value said = unpacked(text);
            if (said.list().at(0).string() != communicator_.host()) continue;
            for (const auto& [key, file] : said.list().at(1).map()) {
                const std::size_t k = std::stoul(key);
                if (lacking_.contains(k) && is_this(offers_[k], file.string())) take(k, {offers_[k].name, file.string()});
            }
        }
    }
    static bool is_this(const OfferedPlugin& offered, const std::string& file) {
        try {
            return io::sha256(read_text(file, most_plugin_bytes)) == offered.hash;
        } catch (const Failure&) { return false; }
    }

    void take(std::size_t k, PluginFile plugin) {
        lacking_.erase(k);
        for (std::size_t n = 0; n < names_.size(); ++n)
            if (names_[n] == offers_[k].name) found_[n] = plugin;
    }
    PluginFile found_of(std::size_t k) const {
        return found_[std::size_t(std::find(names_.begin(), names_.end(), offers_[k].name) - names_.begin())];
    }

    comm::Communicator& communicator_;
    double patience_s_;
    const std::function<void(int code)>& leaving_;
    bool root_;
    std::vector<std::string> names_;
    std::vector<PluginContent> content_;  // rank 0
    std::vector<OfferedPlugin> offers_;
    std::vector<PluginFile> found_;             // copies, by name
    std::set<std::size_t> lacking_;             // offers
    std::map<std::size_t, PluginFile> made_{};  // of this round, here
};

}  // namespace

Value OfferedPlugin::value() const { return Value::List{name, std::int64_t(bytes), hash}; }

OfferedPlugin OfferedPlugin::from(const Value& v) {
    return {v.list().at(0).string(), std::uint64_t(v.list().at(1).integer()), v.list().at(2).string()};
}

std::vector<PluginContent> PluginContent::of(const std::vector<std::string>& files) {
    std::vector<PluginContent> all;
    std::set<std::string> names;
    for (const std::string& file : files) {
        if (!names.insert(file).second) continue;
        try {
            std::string bytes = read_text(file, most_plugin_bytes);
            if (bytes.empty() || bytes.size() > most_plugin_bytes) continue;
            OfferedPlugin offered{file, bytes.size(), io::sha256(bytes)};
            all.push_back({std::move(offered), std::move(bytes)});
        } catch (const Failure&) {}  // whoever loads it says why
    }
    return all;
}

bool is_lacking(const std::string& name) {
    struct stat ignored {};
    return ::stat(name.c_str(), &ignored) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

void PluginCopy::add(const std::string& piece) {
    if (file_ < 0 && trouble_.empty()) {
        file_ = ::memfd_create("flowspan plug-in", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (file_ < 0) trouble_ = fmt::format("no file of memory for it: {}", std::strerror(errno));
    }
    std::size_t done = 0;
    while (trouble_.empty() && done < piece.size()) {
        const ssize_t n = ::write(file_, piece.data() + done, piece.size() - done);
        if (n < 0 && errno != EINTR)
            trouble_ = fmt::format("a file of memory for it cannot be written: {}", std::strerror(errno));
        if (n > 0) done += std::size_t(n);
    }
    got_ += piece.size();
}

PluginFile PluginCopy::plugin() {
    const std::string file = fmt::format("/proc/{}/fd/{}", getpid(), file_);
    if (trouble_.empty()) {
        (void)::fcntl(file_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
        try {
            if (io::sha256(read_text(file, most_plugin_bytes)) != offered_.hash) trouble_ = "what came is not what was sent";
        } catch (const Failure& failure) { trouble_ = failure.what(); }
    }
    return {offered_.name, file, trouble_};
}

std::vector<PluginFile> share_plugins(comm::Communicator& communicator, double patience_s,
                                      const std::function<void(int code)>& leaving, const std::vector<std::string>& files) {
    if (communicator.size() == 1) {
        std::vector<PluginFile> own;
        for (const std::string& file : files) own.push_back({file, file});
        return own;
    }
    Attended attended(communicator, patience_s, leaving);
    std::vector<PluginFile> plugins = Sharing(attended, patience_s, leaving, files).run();
    attended.over();
    return plugins;
}

}  // namespace flowspan::run
