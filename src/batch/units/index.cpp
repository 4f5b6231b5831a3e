#include "batch/units/index.hpp"

#include <flowspan/diagnostic.hpp>

#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace flowspan::batch {
namespace fs = std::filesystem;

std::string index_line(const Unit& unit, std::string_view state, const std::vector<std::string>& products) {
    Value line = unit.value();
    line["state"] = state;
    line["folder"] = unit.folder;
    line.map().try_emplace("parameters", Value::Map{});
    Value::List paths;
    for (const std::string& one : products) paths.emplace_back(unit.folder + "/" + one);
    line["products"] = std::move(paths);
    return line.json();
}

Index::Index(const std::string& out, const std::string& tag)
    : path_((fs::path(out) / "index.jsonl").string()),
      part_((fs::path(out) / ".flowspan" / ("index-" + tag + ".part")).string()) {
    std::error_code failed;
    fs::create_directories(fs::path(part_).parent_path(), failed);
    if (failed) throw file_failure("write", part_, failed.value());
    file_.reset(std::fopen(part_.c_str(), "we"));
    if (file_ == nullptr) throw file_failure("write", path_, errno);
}

Index::~Index() {
    if (file_ != nullptr) ::unlink(part_.c_str());
}

void Index::write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) throw file_failure("write", path_, errno);
}

void Index::add(const Unit& unit, std::string_view state, const std::vector<std::string>& products) {
    write(index_line(unit, state, products));
    write("\n");
}

void Index::publish() {
    // (it can be made anew from the journal, but half of one must not take the name)
    if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) throw file_failure("write", path_, errno);
    if (std::rename(part_.c_str(), path_.c_str()) != 0) throw file_failure("write", path_, errno);
    file_.reset();
}

}  // namespace flowspan::batch
