#include "batch/report/report.hpp"

#include "io/publish/product.hpp"
#include "run/start/claims.hpp"
#include "run/start/startup.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace flowspan::batch {
namespace {

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

void write_report(const std::string& file, const ReportHead& head, const std::vector<PartLedger>& parts) {
    const bool screen = file == "-", at_the_end = !screen && run::takes_its_name_at_the_end(file);
    const std::string part =
        at_the_end
            ? (std::filesystem::path(file).parent_path() / io::PartName{io::name_of(file), run::new_run_id(), 0, 0}.text())
                  .string()
            : file;
    std::unique_ptr<std::FILE, Close> own(screen ? nullptr : std::fopen(part.c_str(), "we"));
    if (!screen && own == nullptr) throw file_failure("create", file, errno);
    std::FILE* const to = screen ? stdout : own.get();
    const Put put = [&](std::string_view text) {
        if (std::fwrite(text.data(), 1, text.size(), to) != text.size()) throw file_failure("write", file, errno);
    };
    try {
        file.ends_with(".html") ? put_page(head, parts, put) : put_json(head, parts, put);
        if (std::fflush(to) != 0) throw file_failure("write", file, errno);
        own.reset();
        if (at_the_end) io::rename_durably(part, file);
    } catch (...) {
        if (at_the_end) ::unlink(part.c_str());
        throw;
    }
}

}  // namespace flowspan::batch
