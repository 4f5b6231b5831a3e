// Runs and describes the graph around a block.
#include "comm/local/local.hpp"
#include "io/publish/digest.hpp"
#include "io/publish/tree.hpp"
#include "run/job/job.hpp"
#include "tests/unit/io/folder.hpp"
#include "tests/unit/run/blocks/every_block.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace flowspan::run::every_block {

std::string content(const std::string& folder) {
    std::map<std::string, std::string> files;
    if (!std::filesystem::exists(folder)) return "";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        files[entry.path().filename().string()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    std::string all;
    for (const auto& [name, bytes] : files) all += name + " " + bytes;
    return all;
}

Ran ran(const std::string& text, int ranks, std::uint64_t seed, const std::function<void(JobRequest& request)>& change) {
    const test::Folder folder;
    folder.write("recording.sigmf-data", std::string(120044, '\1'));
    folder.write("recording.sigmf-meta",
                 R"({"global": {"core:datatype": "ci16_le", "core:version": "1.2.0", "core:sample_rate": 1000000},
                     "captures": [], "annotations": []})");
    Seen seen;
    const Registry registry = registry_with(seen);
    JobRequest request;
    request.graph_file = folder / "graph.yaml";
    request.graph_text = text;
    request.out = folder / "out";
    request.chunk_seed = seed;
    request.log_level = 0;
    request.hash_products = true;
    std::mt19937_64 random(seed);
    if (ranks > 1) {  // every line of `blocks:` on a random rank, the first ones on one each
        std::vector<std::string> of(std::size_t(ranks), "");
        std::istringstream lines(text.substr(text.find("blocks:\n") + 8));
        std::size_t at = 0;
        for (std::string line; std::getline(lines, line) && line.starts_with("  ");) {
            const std::size_t rank = at < of.size() ? at : random() % of.size();
            ++at;
            of[rank] += (of[rank].empty() ? "" : ", ") + line.substr(2, line.find(':') - 2);
        }
        std::string assignment = "ranks:\n";
        for (std::size_t r = 0; r < of.size(); ++r)
            if (!of[r].empty()) assignment += fmt::format("  {}: \"{}\"\n", r, of[r]);
        request.read.ranks_text = assignment;
        request.read.ranks_file = "ranks.yaml";
        if (at < of.size()) request.read.ranks_fold = false, ranks = int(at);
    }
    if (change) change(request);
    Ran result;
    comm::run_local(ranks,
                    [&](comm::Communicator& c) {
                        const JobResult r = run_job(c, registry, request, {}, true);
                        if (c.rank() == 0) result.code = r.code, result.cause = r.cause, result.report = r.report;
                    },
                    {.eager_bytes = seed % 2 == 0 ? 0U : 4096U, .delay_seed = ranks > 1 ? seed : 0});
    result.seen = std::move(seen.of);
    result.seen["files"] = content(request.out);
    if (std::filesystem::exists(request.out)) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(request.out))
            if (io::is_folder_of_a_sink(entry.path().string()))
                result.hashes[entry.path().string()] = io::product_hash(entry.path().string());
            else if (entry.is_regular_file())
                result.hashes[entry.path().string()] = io::xxh128_of(entry.path().string());
    }
    return result;
}

void describe_graph(const std::string& text, Described& d) {
    d.registry = registry_with(d.seen);
    d.graph = std::make_unique<runtime::Flowgraph>(d.registry, text, "table.yaml", graph::ReadOptions{});
    d.graph->describe({.facts = {}, .out = ".", .placeholders = {}, .until_stopped = true});
    for (int b = 0; b < d.graph->size(); ++b)
        if (d.graph->spec().blocks[std::size_t(b)].name == "block") d.block = b;
}

void describe(const BlockType& type, Described& d) { describe_graph(graph_around(type, 0, "", plain), d); }

Value::Map parameters_of(const Described& d) {
    Value::Map parameters;
    for (const auto& [key, node] : d.graph->spec().blocks[std::size_t(d.block)].settings)
        parameters[key] = d.graph->block(d.block).parameter(key)->value();
    return parameters;
}

}  // namespace flowspan::run::every_block
