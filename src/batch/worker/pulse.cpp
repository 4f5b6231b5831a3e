#include "batch/worker/pulse.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

[[noreturn]] void cannot() {
    throw Failure(ExitCode::communication, fmt::format("cannot make a page for a worker: {}", std::strerror(errno)));
}

}  // namespace

Descriptor pulse_file() {
    Descriptor file(memfd_create("flowspan worker", MFD_CLOEXEC));
    if (!file || ftruncate(file.get(), sizeof(PulsePage)) != 0) cannot();
    return file;
}

Pulse Pulse::of(const Descriptor& file) {
    void* page = mmap(nullptr, sizeof(PulsePage), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (page == MAP_FAILED) cannot();
    Pulse pulse;
    pulse.page_ = static_cast<PulsePage*>(page);  // zeros are what its members begin with
    return pulse;
}

Pulse::~Pulse() {
    if (page_ != nullptr) munmap(page_, sizeof(PulsePage));
}

void Pulse::set_place(std::string_view text) {
    const std::size_t n = std::min(text.size(), page_->place.size() - 1);
    for (std::size_t i = 0; i < n; ++i) page_->place[i].store(text[i], std::memory_order_relaxed);
    page_->place[n].store('\0', std::memory_order_relaxed);
    beat();
}

std::string Pulse::place() const {
    std::string text;
    for (const auto& c : page_->place) {
        const char byte = c.load(std::memory_order_relaxed);
        if (byte == '\0') break;
        text += byte;
    }
    return text;
}

}  // namespace flowspan::batch
