#include "io/record/clear.hpp"

#include "io/claim/folder.hpp"
#include "io/publish/tree.hpp"
#include "io/record/record.hpp"

#include <unistd.h>

#include <algorithm>

namespace flowspan::io {
namespace {

bool has_record(const std::vector<std::string>& folders, const std::string& run) {
    return std::any_of(folders.begin(), folders.end(), [&](const auto& folder) { return is_there(record_path(folder, run)); });
}

}  // namespace

std::vector<std::string> folders_of(const Claims& claims) {
    std::vector<std::string> folders;
    for (const auto& [folder, claim] : claims) folders.push_back(folder);
    return folders;
}

void remove_parts(const std::vector<std::string>& folders, const std::string& run, std::optional<int> rank) {
    if (has_record(folders, run)) return;
    for (const std::string& folder : folders) {
        for (const std::string& name : names_in(folder)) {
            const auto part = PartName::from(name);
            if (part && part->run == run && (!rank || part->rank == *rank)) remove_product(folder + "/" + name);
        }
    }
}

void remove_traces(const std::vector<std::string>& folders, const std::string& run) {
    if (has_record(folders, run)) return;
    remove_parts(folders, run);
    for (const std::string& folder : folders) unlink((folder + "/" + own_name(run, "lock")).c_str());
}

}  // namespace flowspan::io
