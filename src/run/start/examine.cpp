#include "run/start/examine.hpp"

#include "core/files/file_kind.hpp"
#include "core/mistakes/collect.hpp"
#include "core/numbers/quantity.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/series.hpp"
#include "io/sigmf/beside.hpp"
#include "partition/parts.hpp"
#include "run/start/claims.hpp"
#include "run/start/outside.hpp"
#include "run/start/startup.hpp"
#include "runtime/flowgraph/partly_right.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

namespace fs = std::filesystem;

/// The parameter that named the file is where a person will look.
void place(Diagnostic& d, const ParameterBase& parameter, const graph::FlatBlock& flat) {
    d.at = parameter.position();
    d.key = fmt::format("blocks.{}.{}", flat.name, parameter.name());
    if (const auto given = flat.settings.find(parameter.name()); given != flat.settings.end())
        d.context = given->second.context;
}

/// The header of a recording is added to the facts. False: it cannot be read, and what is wrong with it is in `found`;
/// `place(diagnostic)` says where the graph names it.
template <class Place>
bool read_header(const std::string& path, Facts& facts, Diagnostics& found, Place place) {
    try {
        return collect(found, [&] { facts.add(io::read_recording(path), path); });
    } catch (const Failure& e) {
        Diagnostic d = unreadable(e);
        place(d);
        found.push_back(std::move(d));
        return false;
    }
}

/// `--duration` for a source that makes its samples: its `length`, from samples or from a time and its rate.
std::optional<std::string> length_for(const Block& block, const std::string& duration, Diagnostics& found) {
    if (parse_integer(duration)) return duration;
    const ParameterBase* rate = block.parameter("sample_rate");
    const auto seconds = read_quantity(duration, second);
    if (!seconds || rate == nullptr || !rate->given()) {
        found.push_back({{},
                         "--duration",
                         fmt::format("samples, or a time that {} can count by its sample rate", block.name()),
                         duration,
                         "",
                         {}});
        return std::nullopt;
    }
    const double samples = *seconds * rate->value().real();
    constexpr double most = 0x1p62;
    if (std::abs(samples) > most) {
        found.push_back(
            {{}, "--duration", "at most 2^62 samples", fmt::format("{}, {:.3g} samples", duration, samples), "", {}});
        return std::nullopt;
    }
    return fmt::format("{}", std::llround(samples));
}

/// `--from` and `--duration` as overrides of one source.
void add_source_range(JobRequest& request, const Block& source, Diagnostics& found) {
    const bool reads = source.parameter("from") != nullptr;
    if (!request.from.empty() && !reads) {
        found.push_back(
            {{}, "--from", "sources that read recordings", fmt::format("{}, which makes its samples", source.name()), "", {}});
    } else if (!request.from.empty()) {
        request.read.overrides.push_back({source.name() + ".from", request.from, "--from " + request.from});
    }
    if (request.duration.empty()) return;
    const std::string option = "--duration " + request.duration;
    if (reads) {
        request.read.overrides.push_back({source.name() + ".duration", request.duration, option});
    } else if (source.parameter("length") != nullptr) {
        if (auto length = length_for(source, request.duration, found))
            request.read.overrides.push_back({source.name() + ".length", std::move(*length), option});
    }
}

}  // namespace

Facts read_facts(const std::vector<std::string>& paths, const runtime::Flowgraph& graph) {
    Diagnostics found;
    Facts facts;
    for (const std::string& path : paths)
        read_header(path, facts, found, [&](Diagnostic& d) {
            for (int b = 0; b < graph.size(); ++b)
                for (const ParameterBase* p : graph.block(b).parameters())
                    if (p->declaration().kind == ParameterKind::input_path && p->given() && p->value().string() == path)
                        place(d, *p, graph.spec().blocks[std::size_t(b)]);
        });
    if (!found.empty()) throw Refused(std::move(found), ExitCode::file);
    return facts;
}

void add_range_overrides(JobRequest& request, const runtime::Flowgraph& graph) {
    Diagnostics found;
    for (int b = 0; b < graph.size(); ++b) {
        const Block& block = graph.block(b);
        if (block.inputs().empty() && !block.outputs().empty()) add_source_range(request, block, found);
    }
    request.from.clear();
    request.duration.clear();
    if (!found.empty()) throw Refused(std::move(found));
}

std::map<std::string, Value> placeholders(const Facts& facts, const std::vector<std::string>& recordings) {
    std::map<std::string, Value> values;
    if (recordings.empty()) return values;
    const Recording* const first = facts.find(recordings[0]);
    values["recording"] = first == nullptr ? std::string() : first->name;
    return values;
}

void describe(runtime::Flowgraph& graph, const runtime::DescribeOptions& options) {
    saying_more([&] { graph.describe(options); }, [&](Diagnostics& found) { graph::add_uses(graph.spec(), found); });
}

std::vector<std::string> input_files(const Facts& facts, const std::vector<std::string>& recordings) {
    std::vector<std::string> inputs;
    for (const std::string& r : recordings) {
        const Recording& recording = facts.recording(r);
        if (!io::is_archive(recording) && !recording.files && kind_of(r) != FileKind::folder)
            inputs.push_back(r);  // (its path may name what lies within)
        for (std::string& file : io::data_files(recording)) inputs.push_back(std::move(file));
    }
    return inputs;
}

namespace {

/// What no ring can hold, of blocks that could be described.
void check_limits(const runtime::Flowgraph& graph, Diagnostics& found) {
    std::map<std::string, const graph::FlatBlock*> described;
    for (int b = 0; b < graph.size(); ++b)
        if (graph.is_described(b)) described.emplace("blocks." + graph.block(b).name(), &graph.spec().blocks[std::size_t(b)]);
    Diagnostics limits;
    collect(limits, [&] { partition::check_limits(graph.described()); });
    std::erase_if(limits, [&](const Diagnostic& d) { return !described.contains(d.key); });
    for (Diagnostic& d : limits) d.at = described.at(d.key)->at;
    graph::add_uses(graph.spec(), limits);
    append(found, limits);
}

Examined examined(const Registry& registry, const JobRequest& asked) {
    JobRequest request = asked;
    request.read.outside = std::make_shared<RememberedOutside>(registry, asked.seen, true);
    Examined e;
    e.graph = std::make_unique<runtime::Flowgraph>(registry, request.graph_text, request.graph_file, request.read);
    if (!request.from.empty() || !request.duration.empty()) {
        add_range_overrides(request, *e.graph);
        e.graph = std::make_unique<runtime::Flowgraph>(registry, request.graph_text, request.graph_file, request.read);
    }
    const auto recordings = e.graph->recordings();
    e.facts = read_facts(recordings, *e.graph);
    describe(*e.graph, {e.facts, request.out, placeholders(e.facts, recordings), request.until_stopped});
    // (what is there already matters when it runs)
    Diagnostics found = mistakes_of_names(*e.graph, request, input_files(e.facts, recordings));
    check_limits(*e.graph, found);
    if (!found.empty()) throw Refused(std::move(found));
    return e;
}

/// All steps of `examined`, each on what is whole.
class Search {
public:
    Search(const Registry& registry, JobRequest request) : registry_(registry), request_(std::move(request)) {}

    void run(int ranks) {
        read();
        check_number(ranks);
        const auto recordings = partly_->recordings();
        const Facts facts = readable_facts(recordings);
        Diagnostics said;  // cycles
        graph_ = partly_->part(said);
        partly_->check_others(*graph_, facts, found);
        if (graph_->size() == 0) return;
        try {
            describe(*graph_, {facts, request_.out, placeholders(facts, recordings), request_.until_stopped});
        } catch (const Refused& refused) { append(refused.code() == ExitCode::file ? of_files : found, refused.diagnostics()); }
        check_limits(*graph_, found);
        append(found, mistakes_of_names(*graph_, request_, input_files(facts, graph_->recordings())));
        const std::vector<int> here(std::size_t(graph_->size()), 0);
        append(found, existing_products(claims_of(*graph_, request_, here, 0), request_));
    }
    Diagnostics found, of_files;

private:
    void read() {
        partly_ = std::make_unique<runtime::PartlyRight>(registry_, request_.graph_text, request_.graph_file, request_.read);
        append(found, partly_->found());
        graph_ = partly_->part(found);
        if (request_.from.empty() && request_.duration.empty()) return;
        collect(found, [&] { add_range_overrides(request_, *graph_); });
        partly_ = std::make_unique<runtime::PartlyRight>(registry_, request_.graph_text, request_.graph_file, request_.read);
        append(found, partly_->found());
    }
    /// Of those that cannot be read, what is wrong goes to `of_files`; what depends on them is in doubt.
    Facts readable_facts(const std::vector<std::string>& paths) {
        Facts facts;
        for (const std::string& path : paths) {
            const bool there = read_header(path, facts, of_files, [&](Diagnostic& d) {
                partly_->for_blocks_of(
                    path, [&](const Block&, const ParameterBase& p, const graph::FlatBlock& flat) { place(d, p, flat); });
            });
            if (!there) partly_->hide(path);
        }
        return facts;
    }
    void check_number(int ranks) {
        const graph::Assignment& assignment = partly_->assignment();
        const int named = ranks_wanted(assignment);
        const bool hidden = std::any_of(found.begin(), found.end(), [](const auto& d) { return d.key.starts_with("ranks"); });
        if (ranks > 1 && assignment.mode == graph::Assignment::Mode::listed && named != ranks && !hidden)
            found.push_back(partition::wrong_number(assignment, named, ranks));
    }

    const Registry& registry_;
    JobRequest request_;
    std::unique_ptr<runtime::PartlyRight> partly_;
    std::unique_ptr<runtime::Flowgraph> graph_;
};

}  // namespace

Examined examine(const Registry& registry, const JobRequest& request, int ranks) {
    try {
        return examined(registry, request);
    } catch (const Refused& first) {
        JobRequest same = request;
        same.overwrite = true;
        throw all_mistakes(registry, same, first, ranks);
    }
}

Refused all_mistakes(const Registry& registry, const JobRequest& request, const Refused& first, int ranks) {
    JobRequest own = request;
    own.read.outside = std::make_shared<RememberedOutside>(registry, request.seen, true);
    Search search(registry, std::move(own));
    try {
        search.run(ranks);
    } catch (const std::exception&) {
        // What stops the search is, or follows from, what has been found.
    }
    const ExitCode code = search.found.empty() ? first.code() : ExitCode::usage;
    Diagnostics all = std::move(search.found);  // they come first: what is wrong with the graph is not a matter of one rank
    append(all, first.diagnostics());
    append(all, search.of_files);
    graph::sort_mistakes(all, request.graph_file);
    return Refused(std::move(all), code);
}

}  // namespace flowspan::run
