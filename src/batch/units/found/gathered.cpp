#include "batch/units/found/gathered.hpp"

#include "graph/shipped/shipped.hpp"
#include "io/found/once.hpp"

#include <filesystem>
#include <unordered_map>

#include <fmt/format.h>

namespace flowspan::batch {
namespace fs = std::filesystem;
namespace {

class Gatherer {
public:
    Gatherer(const UnitsRequest& request, const std::vector<Sweep>& sweeps, Diagnostics& found)
        : request_(request), sweeps_(sweeps), found_(found) {}

    Gathered gather() {
        io::Recordings named = io::find_recordings(request_.words, found_);
        gathered_.folders = std::move(named.folders);
        for (std::string& path : named.paths) add_recording(std::move(path));
        if (!request_.list.empty()) read();
        if (about_all_.empty()) about_all_.emplace_back(Unit{}, 0);
        for (std::uint32_t k = 0; k < named.paths.size(); ++k)
            for (const auto& [unit, line] : about_all_) add_unit(unit, k, line);
        gathered_.folders.insert(finder_.folders().begin(), finder_.folders().end());
        gathered_.notes = std::move(named.notes);
        const std::vector<std::string> more = finder_.passed().notes();
        gathered_.notes.insert(gathered_.notes.end(), more.begin(), more.end());
        return std::move(gathered_);
    }

private:
    std::uint32_t add_recording(std::string path) {
        gathered_.recordings.push_back({std::move(path)});
        return std::uint32_t(gathered_.recordings.size() - 1);
    }
    void add_unit(Unit unit, std::uint32_t recording, int line) {
        unit.recording = gathered_.recordings[recording].path;
        gathered_.units.push_back(std::move(unit));
        gathered_.origins.push_back({recording, line});
    }

    void read() {
        try {
            list_ = read_list_text(request_.list);
        } catch (const Failure& failure) {
            return found_.push_back({{}, "--units", "a list that can be read", failure.what(), "", {}});
        } catch (const Refused& refused) { return append_to_found(refused.diagnostics()); }
        std::error_code none;
        const bool is_stream = !fs::is_regular_file(request_.list, none);
        gathered_.list_folder =
            is_stream ? fs::current_path().string() : fs::path(io::absolute_path(request_.list)).parent_path().string();
        Elsewhere elsewhere;
        for (const Sweep& one : sweeps_) elsewhere.emplace_back(one.key, "--sweep");
        read_list(
            list_, elsewhere, [this](ListedUnit&& one) { take(std::move(one)); }, found_);
        if (!about_all_.empty() && request_.words.empty())
            found_.push_back(
                {list_.position(about_all_at_), "recording", "a recording here, or words that name some", "neither", "", {}});
        list_.text = {};
    }
    void append_to_found(const Diagnostics& more) { found_.insert(found_.end(), more.begin(), more.end()); }

    void take(ListedUnit&& one) {
        if (!one.unit.graph.empty()) one.unit.graph = graph(one);
        if (one.unit.recording.empty()) {
            if (about_all_.empty()) about_all_at_ = one.at;
            about_all_.emplace_back(std::move(one.unit), one.at.line);
            return;
        }
        const std::vector<std::uint32_t>& recordings = recordings_of(one);
        for (std::size_t k = 0; k < recordings.size(); ++k)
            add_unit(k + 1 < recordings.size() ? one.unit : std::move(one.unit), recordings[k], one.at.line);
    }

    /// Lists name the same recordings often.
    const std::vector<std::uint32_t>& recordings_of(const ListedUnit& one) {
        const auto [at, fresh] = known_.try_emplace(one.unit.recording);
        if (!fresh || found_.size() >= most_list_mistakes) return at->second;
        const std::size_t wrong = found_.size();
        std::vector<std::string> notes;
        std::vector<io::Candidate> all = finder_.look({one.unit.recording, {}, gathered_.list_folder});
        for (std::string& path : io::each_once(std::move(all), notes)) at->second.push_back(number_of(std::move(path)));
        for (std::size_t k = wrong; k < found_.size(); ++k) {
            if (!found_[k].at.file.empty()) continue;  // it stands in a list of words, or in a collection
            found_[k].at = list_.position(one.recording_at);
            found_[k].key = "recording";
        }
        return at->second;
    }
    std::uint32_t number_of(std::string path) {
        if (numbers_.empty())
            for (std::uint32_t k = 0; k < gathered_.recordings.size(); ++k) numbers_.emplace(gathered_.recordings[k].path, k);
        const auto [at, fresh] = numbers_.try_emplace(path, std::uint32_t(gathered_.recordings.size()));
        if (fresh) add_recording(std::move(path));
        return at->second;
    }

    /// Its absolute path; "" for that of the batch.
    std::string graph(const ListedUnit& one) {
        const auto [at, fresh] = graphs_.try_emplace(one.unit.graph);
        if (!fresh) return at->second;
        const fs::path written = graph::graph_file_of(one.unit.graph, gathered_.list_folder);
        const std::string path =
            io::absolute_path((written.is_absolute() ? written : gathered_.list_folder / written).string());
        std::error_code none;
        if (!fs::is_regular_file(path, none))
            found_.push_back({list_.position(one.graph_at),
                              "graph",
                              "a graph file that is there",
                              one.unit.graph,
                              graph::hint_for_graph(one.unit.graph),
                              {}});
        else if (request_.graph.empty() || !fs::equivalent(path, request_.graph, none))
            at->second = path;
        return at->second;
    }

    const UnitsRequest& request_;
    const std::vector<Sweep>& sweeps_;
    Diagnostics& found_;
    io::Finder finder_{found_};
    ListText list_;
    Gathered gathered_;
    std::vector<std::pair<Unit, int>> about_all_;  // lines without a recording
    TextPlace about_all_at_;
    std::unordered_map<std::string, std::vector<std::uint32_t>> known_;  // by what is written
    std::unordered_map<std::string, std::uint32_t> numbers_;             // of recordings, by path
    std::unordered_map<std::string, std::string> graphs_;
};

}  // namespace

std::string Gathered::name_of_graph(const std::string& path) const {
    const std::string before = list_folder + "/";
    return path.starts_with(before) ? path.substr(before.size()) : path;
}

Gathered gather(const UnitsRequest& request, const std::vector<Sweep>& sweeps, Diagnostics& found) {
    return Gatherer(request, sweeps, found).gather();
}

}  // namespace flowspan::batch
