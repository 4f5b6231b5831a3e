#include "batch/work/compute.hpp"

#include "batch/journal/lines/kinds.hpp"
#include "batch/keep/cache.hpp"
#include "batch/work/key.hpp"
#include "core/files/stand_in.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/process/peak.hpp"
#include "io/claim/names.hpp"
#include "io/record/clear.hpp"
#include "run/signs/attended.hpp"
#include "run/start/claims.hpp"
#include "run/start/startup.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// One unit, from its task to its answer.
class Attempt {
public:
    Attempt(run::Team& team, const Registry& registry, const Task& task, const ComputeHooks& hooks)
        : team_(team), registry_(registry), task_(task), hooks_(hooks), cache_(task.cache, task.cache_limit) {}

    void run(Answer& answer) {
        run::JobHooks hooks;
        hooks.progress = hooks_.progress;
        hooks.log = hooks_.log;
        hooks.dropped = hooks_.dropped;
        hooks.leaving = hooks_.leaving;
        hooks.planned = [this](const run::Started& started) { return is_to_be_made(started); };
        const StandIns stand_ins(files_of(task_.copies));
        const run::JobResult result = run::run_unit(team_, registry_, request(), hooks);
        if (result.code != ExitCode::done) return failed(result, answer);
        if (team_.communicator().rank() != 0) return;
        if (unchanged_) {
            answer.what = Answer::What::unchanged;
        } else if (cached_) {
            answer.what = Answer::What::made;
            content_.check();
            answer.cached = true;
            answer.parts = std::move(cached_->parts);
            answer.samples = cached_->samples;
        } else {
            answer.what = Answer::What::made;
            know_content(result.hashes);
            for (const auto& product : result.made) answer.parts.push_back({product.path, product.part, product.bytes});
            answer.samples = result.samples;
            if (!task_.cache.empty()) cache_.put(key_, task_.out, task_.run, {answer.parts, answer.samples}, warn());
        }
        answer.key = key_;
        answer.content = content_.value();
    }

private:
    run::JobRequest request() const {
        run::JobRequest r;
        r.graph_file = task_.graph_file;
        r.graph_text = task_.graph_text;
        r.seen = task_.seen;
        r.read.overrides = task_.overrides;
        r.read.ranks_text = task_.ranks_text;
        r.read.ranks_file = task_.ranks_file;
        r.read.ranks_auto = task_.ranks_auto;
        r.read.ranks_fold = true;
        r.from = task_.from;
        r.duration = task_.duration;
        r.out = task_.out;
        r.isa = task_.isa;
        r.fft = task_.fft;
        r.memory_limit = task_.memory_limit;
        r.read.device = task_.device;
        r.device_chunk = task_.device_chunk;
        r.readers = task_.readers;
        r.device_memory_limit = task_.device_memory_limit;
        r.log_level = task_.log_level;
        r.patience_s = task_.patience_s;
        r.hands_over = true;
        r.hash_inputs = !key_comes_first();
        r.run_id = task_.run;
        return r;
    }

    /// Of products that are there it is asked whether they would come out the same, and others may be in the cache: then the
    /// key must be known first. Of copies the content is known.
    bool key_comes_first() const { return !task_.known_key.empty() || !task_.cache.empty() || !task_.copies.empty(); }

    /// Before any block does anything: what would come out, and whether that is there.
    bool is_to_be_made(const run::Started& started) {
        check_products(*started.graph, task_.out);
        for (const Recording& r : started.recordings)
            if (!r.files) data_[r.path] = r.data_path;
        origin_ = origin_of(*started.graph, registry_, task_.out,
                            [&](const std::string& recording) { return started.files_of.at(recording); });
        agreement_ = started.agreement;
        if (!key_comes_first()) {
            content_ = Content::begin(started.inputs);
            return true;
        }
        content_ = Content::read(started.inputs, Content::from(task_.known_content));
        key_ = key_of(origin_, content_, agreement_);
        check_copies();
        unchanged_ = !task_.known_key.empty() && key_ == task_.known_key;
        if (!unchanged_ && !task_.cache.empty()) cached_ = cache_.take(key_, task_.out, task_.run, warn());
        return !unchanged_ && !cached_;
    }
    /// (Ranks of a team may be on other hosts.)
    static std::map<std::string, std::string> files_of(const std::map<std::string, Task::Copy>& copies) {
        std::map<std::string, std::string> files;
        for (const auto& [path, copy] : copies)
            if (::access(copy.file.c_str(), R_OK) == 0) files[path] = copy.file;
        return files;
    }
    /// The key is about what is read.
    void check_copies() const {
        for (const auto& [path, copy] : task_.copies) {
            const std::string hash = content_.hash_of(path);
            if (!hash.empty() && hash != copy.hash)
                throw Failure(ExitCode::file, fmt::format("{} has changed since it was copied", path));
        }
    }
    Cache::Warn warn() const {
        return [this](const std::string& text) {
            if (hooks_.log) hooks_.log(run::LogLine{run::LogLevel::warning, 0, "", "", "", text});
        };
    }

    /// What sources have read whole is known by now.
    void know_content(const std::map<std::string, std::string>& hashes) {
        std::map<std::string, std::string> of_files;
        for (const auto& [recording, hash] : hashes)
            if (const auto data = data_.find(recording); data != data_.end()) of_files[data->second] = hash;
        content_.complete(of_files);
        key_ = key_of(origin_, content_, agreement_);
    }

    static void failed(const run::JobResult& result, Answer& answer) {
        answer.cause = result.cause;
        if (!result.diagnostics.empty()) {
            answer.cause.clear();
            for (const Diagnostic& d : result.diagnostics) answer.cause += (answer.cause.empty() ? "" : "\n") + d.text();
        }
        answer.code = result.code;
        answer.may_be_tried_again = result.diagnostics.empty() && result.code != ExitCode::usage;
    }

    run::Team& team_;
    const Registry& registry_;
    const Task& task_;
    const ComputeHooks& hooks_;
    std::map<std::string, std::string> data_;  // of recordings of one file: that of their samples
    Origin origin_;
    Value agreement_;
    Content content_;
    std::string key_;
    bool unchanged_ = false;
    Cache cache_;
    std::optional<Cache::Taken> cached_;
};

}  // namespace

void check_products(const runtime::Flowgraph& graph, const std::string& out) {
    auto all = graph.products();
    for (const auto& [block, pattern] : graph.product_patterns())
        all.emplace_back(block, (std::filesystem::path(pattern.folder) / io::text_of(pattern.name)).string());
    for (const auto& [block, path] : all) {
        if (path.starts_with(out + "/") || !run::takes_its_name_at_the_end(path)) continue;
        throw Refused(Diagnostic{graph.block(block).context().at,
                                 "blocks." + graph.block(block).name(),
                                 "products below the unit's own folder",
                                 path,
                                 "all units would write this one: give a relative path",
                                 {}});
    }
}

Answer compute(run::Team& team, const Registry& registry, const Task& task, const ComputeHooks& hooks) {
    Answer answer;
    answer.unit = task.unit;
    answer.run = task.run;
    const auto begun = Clock::now();
    answer.began = line::now_s();
    const double cpu = cpu_seconds();
    begin_peak();
    try {
        Attempt(team, registry, task, hooks).run(answer);
    } catch (const std::exception& e) {
        const Failure failure = failure_of(e);
        answer.what = Answer::What::failed;
        answer.cause = failure.what();
        answer.code = failure.code();
    } catch (const run::ToldToLeave&) { throw; } catch (...) {
        answer.what = Answer::What::failed;
        answer.cause = "a block threw what is no exception of the standard library";
        answer.code = ExitCode::block;
    }
    const bool speaks = team.communicator().rank() == 0;
    if (answer.what == Answer::What::failed && speaks) io::remove_parts({task.out}, task.run);
    answer.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    answer.cpu_s = cpu_seconds() - cpu;
    answer.peak_bytes = peak_bytes();
    return answer;
}

}  // namespace flowspan::batch
