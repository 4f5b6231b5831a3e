// `flowspan new-block NAME`: a project outside this tree, with a block, its test, a program and a graph.
#include "cli/cli.hpp"
#include "cli/library/new_block_files.hpp"

#include <flowspan/version.hpp>

#include <dlfcn.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

namespace fs = std::filesystem;

void check_name(const std::string& name, const Registry& registry) {
    bool good = !name.empty() && name[0] >= 'a' && name[0] <= 'z' && name != "true" && name != "false";
    for (const char c : name) good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
    if (!good)
        throw Refused(
            Diagnostic{{}, "NAME", "lower-case letters, digits and _, a letter first", name, "as in `phase_unwrap`", {}});
    if (registry.find(name) != nullptr)
        throw Refused(Diagnostic{{}, "NAME", "a block type that is not there yet", name, "`flowspan blocks` lists them", {}});
}

std::string camel_case(const std::string& name) {
    std::string text;
    bool upper = true;
    for (const char c : name) {
        if (c != '_') text += upper && c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
        upper = c == '_';
    }
    return text;
}

std::string filled_in(std::string_view text, const std::string& name) {
    const std::pair<std::string_view, std::string> words[] = {
        {"@name@", name}, {"@Name@", camel_case(name)}, {"@version@", version}};
    std::string result(text);
    for (const auto& [word, value] : words) {
        for (std::size_t at = 0; (at = result.find(word, at)) != std::string::npos; at += value.size())
            result.replace(at, word.size(), value);
    }
    return result;
}

/// What cmake must be told to find this flowspan: the package lies beside the library or below its folder.
std::string package_option() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&add_new_block), &info) == 0 || info.dli_fname == nullptr) return {};
    const fs::path folder = fs::weakly_canonical(info.dli_fname).parent_path();
    for (const char* usual : {"/usr/lib", "/usr/local/lib"}) {
        if (folder.string().starts_with(usual)) return {};
    }
    for (const fs::path& package : {folder / "cmake" / "flowspan", folder}) {
        if (fs::exists(package / "flowspanConfig.cmake")) return " -Dflowspan_DIR=" + package.string();
    }
    return {};
}

int new_block(const Registry& registry, const std::string& name, const std::string& out) {
    check_name(name, registry);
    const fs::path folder = out.empty() ? name : out;
    if (fs::exists(folder))
        throw Refused(
            Diagnostic{{}, "--out", "a folder that does not exist yet", folder.string(), "give another with --out", {}});
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw file_failure("create", folder.string(), error.value());
    std::string names;
    for (const TemplateFile& file : new_block_files()) {
        const fs::path path = folder / filled_in(file.name, name);
        std::ofstream to(path);
        to << filled_in(file.content, name);
        to.close();
        if (!to) throw file_failure("write", path.string(), errno);
        names += (names.empty() ? "" : ", ") + path.filename().string();
    }
    const std::string at = folder.string();
    fmt::print("{} holds {}\n", at, names);
    fmt::print("cmake -S {0} -B {0}/build{1} && cmake --build {0}/build && ctest --test-dir {0}/build\n", at, package_option());
    fmt::print("flowspan run {0}/{1}.yaml --plugin {0}/build/{1}_plugin.so\n", at, name);
    return 0;
}

}  // namespace

void add_new_block(CLI::App& app, const run::Library& library, int& code) {
    auto name = std::make_shared<std::string>();
    auto out = std::make_shared<std::string>();
    CLI::App* sub = app.add_subcommand("new-block", "Writes a project of your own with a block, its test and a graph");
    sub->add_option("NAME", *name, "The block's type, as in `phase_unwrap`")->required();
    sub->add_option("--out", *out, "The folder to make (default: NAME)")->type_name("DIR");
    sub->callback([name, out, &library, &code] { code = new_block(library.registry(), *name, *out); });
}

}  // namespace flowspan::cli
