#include "run/report/report_file.hpp"

#include "io/publish/product.hpp"
#include "run/signs/signals.hpp"
#include "run/start/claims.hpp"

#include <flowspan/diagnostic.hpp>

#include <unistd.h>

#include <filesystem>
#include <span>

namespace flowspan::run {

ReportFile::ReportFile(const std::string& path, const std::string& run_id, int block, double patience_s)
    : path_(path),
      part_(path),
      waits_(patience_s, [] { return Signals::stop_asked() || Signals::ended_by() != 0 || Signals::told_to_leave(); }) {
    if (takes_its_name_at_the_end(path))
        part_ = (std::filesystem::path(path).parent_path() / io::PartName{io::name_of(path), run_id, 0, block}.text()).string();
    file_ = File::create(part_, path);
}

ReportFile::~ReportFile() {
    if (!part_.empty() && part_ != path_) ::unlink(part_.c_str());
}

void ReportFile::write(const std::string& text) {
    const io::WaitsEndBy waits(waits_);
    file_.append(std::as_bytes(std::span(text)));
    for (const auto& [path, lost] : waits_.lost()) throw Failure(ExitCode::file, "cannot write " + path + ": " + lost.why);
    file_.close();
    if (part_ != path_) io::rename_durably(part_, path_);
    part_.clear();
}

}  // namespace flowspan::run
