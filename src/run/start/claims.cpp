#include "run/start/claims.hpp"

#include "core/files/file_kind.hpp"
#include "core/process/alive.hpp"
#include "io/claim/folder.hpp"
#include "io/publish/tree.hpp"
#include "run/names/endings.hpp"
#include "run/start/outside.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t shown_products = 10;

std::string joined(const std::string& folder, const std::string& name) {
    return folder == "." ? name : (fs::path(folder) / name).string();
}

/// What leads to one file has one name, links followed.
std::string file_of(const std::string& path) {
    std::error_code error;
    const fs::path found = fs::weakly_canonical(fs::absolute(path), error);
    return (error ? fs::absolute(path).lexically_normal() : found).string();
}

/// The search for mistakes, block by block.
class Names {
public:
    Names(const runtime::Flowgraph& graph, const JobRequest& request, const std::vector<std::string>& inputs)
        : graph_(graph), request_(request) {
        for (const std::string& input : inputs) inputs_.emplace(file_of(input), input);
        if (!request.graph_file.empty()) sources_.insert(file_of(request.graph_file));
        if (const auto* outside = dynamic_cast<const RememberedOutside*>(request.read.outside.get()))
            for (const std::string& included : outside->files()) sources_.insert(file_of(included));
    }

    Diagnostics run() {
        const auto products = graph_.products();
        const auto patterns = graph_.product_patterns();
        auto p = products.begin();
        auto q = patterns.begin();
        for (int b = 0; b < graph_.size(); ++b) {
            const auto first = p;
            const auto first_pattern = q;
            still_here();
            for (; p != products.end() && p->first == b; ++p) look_at(b, p->second);
            for (; q != patterns.end() && q->first == b; ++q) look_at(b, q->second);
            if (auto wrong = wrong_ending(graph_, b)) found_.push_back(std::move(*wrong));
            for (auto it = first; it != p; ++it) add(b, it->second);
            for (auto it = first_pattern; it != q; ++it) folder(it->second.folder).add(it->second.name, b);
        }
        look_at_option("--report", request_.report);
        look_at_option("--control", request_.control);
        return std::move(found_);
    }

private:
    io::Names& folder(const std::string& given) {
        auto known = canonical_.find(given);
        if (known == canonical_.end()) known = canonical_.emplace(given, io::canonical_folder(given)).first;
        return folders_[known->second];
    }
    void refuse(int block, std::string expected, std::string got, std::string hint = "") {
        found_.push_back({graph_.block(block).context().at,
                          "blocks." + graph_.block(block).name(),
                          std::move(expected),
                          std::move(got),
                          std::move(hint),
                          {}});
    }
    void check_length(int block, std::size_t bytes, const std::string& shown) {
        if (bytes > io::longest_product_name)
            refuse(block, fmt::format("a file name of at most {} bytes", io::longest_product_name),
                   fmt::format("{} bytes in {}", bytes, shown));
    }
    void clash(int block, const std::string& shown, const std::string& in, const io::Names::Clash& other, bool same) {
        const std::string& who = graph_.block(other.second).name();
        refuse(block, "a product of its own",
               same ? fmt::format("{}, which {} writes too", shown, who)
                    : fmt::format("{}, which may be {} of {}", shown, joined(in, other.first), who),
               "put {index} or another placeholder into the path");
    }
    void look_at(int block, const std::string& path) {
        const std::string name = io::name_of(path);
        std::error_code ignored;
        if (name.empty() || name == "." || name == "..")
            return refuse(block, "a file to write", name.empty() ? path + ", which ends in /" : path + ", a folder");
        if (fs::is_directory(path, ignored) && !io::is_folder_of_a_sink(path))
            return refuse(block, "a file to write", path + ", a folder");
        if (!takes_its_name_at_the_end(path)) return;
        check_length(block, name.size(), path);
        refuse_our_own(block, path);
        const std::string in = io::folder_of(path);
        if (const auto other = folder(in).clash(name)) clash(block, path, in, *other, other->first == name);
        if (!own_.insert({block, path}).second)
            refuse(block, "a product of its own", fmt::format("{}, which {} writes too", path, graph_.block(block).name()));
        const std::string file = file_of(path);
        look_for_folders(block, path, file);
        if (inputs_.contains(file)) refuse(block, "a product that is no input", path);
        if (sources_.contains(file)) refuse(block, "a product that is no input", path + ", of which the graph is read");
    }
    /// A product may be a folder: then no other lies in it.
    void look_for_folders(int block, const std::string& path, const std::string& file) {
        const auto refuse_it = [&](const std::string& outer, const std::string& inner) {
            refuse(block, "a product that lies in no other", fmt::format("{}, and {} in it", outer, inner));
        };
        for (fs::path above = fs::path(file).parent_path(); above.has_relative_path(); above = above.parent_path())
            if (const auto other = files_.find(above.string()); other != files_.end()) refuse_it(other->second, path);
        const auto below = files_.lower_bound(file + "/");
        if (below != files_.end() && below->first.starts_with(file + "/")) refuse_it(path, below->second);
        files_.emplace(file, path);
    }
    /// Neither its name nor a folder on the way.
    void refuse_our_own(int block, const std::string& path) {
        for (const fs::path& step : fs::path(path).lexically_normal())
            if (io::looks_like_our_own(step.string())) return refuse(block, "a name that no run keeps for itself", path);
    }
    void look_at(int block, const ProductPattern& pattern) {
        const std::string shown = joined(pattern.folder, io::text_of(pattern.name));
        check_length(block, io::longest_name(pattern.name), shown);
        refuse_our_own(block, shown);
        look_for_folders(block, shown, file_of(shown));
        if (const auto other = folder(pattern.folder).clash(pattern.name)) clash(block, shown, pattern.folder, *other, false);
        for (const auto& [file, input] : inputs_)
            if (fs::path(file).parent_path() == io::canonical_folder(pattern.folder) &&
                io::matches(pattern.name, io::name_of(file)))
                refuse(block, "products that are no input", fmt::format("{}, which may be {}", shown, input));
    }
    void add(int block, const std::string& path) {
        if (takes_its_name_at_the_end(path)) folder(io::folder_of(path)).add(io::name_of(path), block);
    }
    /// A file of the run itself.
    void look_at_option(const std::string& option, const std::string& path) {
        if (path.empty() || path == "-") return;
        const auto refuse_it = [&](std::string expected, std::string got) {
            found_.push_back({{}, option, std::move(expected), std::move(got), "give another path", {}});
        };
        std::error_code ignored;
        if (io::name_of(path).empty() || fs::is_directory(path, ignored))
            return refuse_it("a file to write", path + ", a folder");
        if (option == "--report" && !takes_its_name_at_the_end(path)) return;
        if (io::name_of(path).size() > io::longest_product_name)
            return refuse_it(fmt::format("a file name of at most {} bytes", io::longest_product_name),
                             fmt::format("{} bytes in {}", io::name_of(path).size(), path));
        const std::string file = file_of(path), in = io::folder_of(path);
        if (const auto other = folder(in).clash(io::name_of(path)))
            refuse_it("a file of its own",
                      fmt::format("{}, which {} writes", path,
                                  other->second < graph_.size() ? graph_.block(other->second).name() : "--report"));
        else if (inputs_.contains(file) || sources_.contains(file))
            refuse_it("a file that the run does not read", path);
        else if (io::looks_like_our_own(io::name_of(path)))
            refuse_it("a name that no run keeps for itself", path);
        folder(in).add(io::name_of(path), graph_.size());
    }

    const runtime::Flowgraph& graph_;
    const JobRequest& request_;
    std::map<std::string, std::string> inputs_, canonical_, files_;
    std::set<std::string> sources_;
    std::set<std::pair<int, std::string>> own_;
    std::map<std::string, io::Names> folders_;
    Diagnostics found_;
};

}  // namespace

bool takes_its_name_at_the_end(const std::string& path) { return !is_written_in_place(path); }

io::Claims claims_of(const runtime::Flowgraph& graph, const JobRequest& request, const std::vector<int>& rank_of, int rank) {
    io::Claims claims;
    std::map<std::string, io::Claim*> known;
    const auto claim_on = [&](const std::string& folder, bool own) -> io::Claim& {
        io::Claim*& claim = known[folder];
        if (claim == nullptr) {
            claim = &claims[io::canonical_folder(folder)];
            if (claim->folder.empty()) claim->folder = folder;
        }
        claim->elsewhere = claim->elsewhere && !own;
        return *claim;
    };
    const auto runs_here = [&](int block) { return rank_of[std::size_t(block)] == rank; };
    for (const auto& [block, path] : graph.products())
        if (takes_its_name_at_the_end(path))
            claim_on(io::folder_of(path), runs_here(block)).names.add(io::name_of(path), block);
    for (const auto& [block, pattern] : graph.product_patterns()) {
        io::Claim& claim = claim_on(pattern.folder, runs_here(block));
        claim.names.add(pattern.name, block);
        if (pattern.numbered) claim.numbered.add(pattern.name, block);
    }
    if (rank == 0 && !request.report.empty() && request.report != "-" && takes_its_name_at_the_end(request.report))
        claim_on(io::folder_of(request.report), true).names.add(io::name_of(request.report), graph.size());
    return claims;
}

Diagnostics mistakes_of_names(const runtime::Flowgraph& graph, const JobRequest& request,
                              const std::vector<std::string>& inputs) {
    Diagnostics found = Names(graph, request, inputs).run();
    if (!found.empty()) graph::add_uses(graph.spec(), found);
    return found;
}

namespace {

/// Names of `claims` that are there, the report's apart.
struct Existing {
    std::set<std::string> products;
    bool report = false;
};

Existing look_for_existing(const io::Claims& claims, const JobRequest& request) {
    Existing found;
    const std::string report = request.report.empty() ? "" : file_of(request.report);
    for (const auto& [folder, claim] : claims) {
        for (const std::string& name : io::names_in(folder)) {
            if (io::looks_like_our_own(name) || !claim.names.clash(name)) continue;
            std::error_code ignored;
            const auto kind = fs::symlink_status(fs::path(folder) / name, ignored).type();
            if (kind != fs::file_type::regular && kind != fs::file_type::symlink &&
                !io::is_folder_of_a_sink((fs::path(folder) / name).string()))
                continue;
            if (!report.empty() && (fs::path(folder) / name).string() == report)
                found.report = true;
            else
                found.products.insert(joined(claim.folder, name));
        }
    }
    return found;
}

}  // namespace

std::vector<std::string> names_of_existing(const io::Claims& claims, const JobRequest& request) {
    const std::set<std::string> there = look_for_existing(claims, request).products;
    return {there.begin(), there.end()};
}

Diagnostics existing_products(const io::Claims& claims, const JobRequest& request) {
    Diagnostics found;
    if (request.overwrite) return found;
    const Existing existing = look_for_existing(claims, request);
    const std::set<std::string>& there = existing.products;
    if (!there.empty()) {
        const bool one = there.size() == 1;
        Diagnostic all{{},
                       "",
                       "products that do not exist yet",
                       one ? *there.begin() : fmt::format("{} that do", there.size()),
                       "give --overwrite, or another folder with --out",
                       {}};
        for (const std::string& path : there) {
            if (one || all.context.size() == shown_products) break;
            all.context.push_back(path);
        }
        if (there.size() > shown_products) all.context.push_back(fmt::format("and {} more", there.size() - shown_products));
        found.push_back(std::move(all));
    }
    if (existing.report)
        found.push_back(
            {{}, "--report", "a file that does not exist yet", request.report, "give --overwrite to replace it", {}});
    return found;
}

void check_blocked(const io::Recovered& recovered, const io::Claims& claims, std::vector<std::string>& warnings) {
    std::string wanted;
    for (const io::Blocked& blocked : recovered.blocked) {
        const auto claim = claims.find(io::canonical_folder(blocked.folder));
        if (claim != claims.end() && claim->second.names.clash(blocked.name))
            wanted += (wanted.empty() ? "" : "\n") + blocked.text();
        else
            warnings.push_back(blocked.text());
    }
    if (!wanted.empty()) throw Failure(ExitCode::file, wanted);
}

}  // namespace flowspan::run
