#include "batch/worker/ends.hpp"

#include "core/mistakes/sane.hpp"
#include "core/numbers/quantity.hpp"
#include "run/signs/signals.hpp"

#include <flowspan/units.hpp>

#include <csignal>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t longest_words = 500;

std::string sentence(const Report& report, const Circumstances& c) {
    const std::string memory = fmt::format(", at {} MiB", report.peak_bytes >> 20) + in_place(c.place);
    const bool killed = report.by_signal && report.number == SIGKILL;
    if (killed && report.group_killed) return "the out-of-memory killer ended the worker" + memory;
    if (killed && report.host_killed)
        return "the worker was ended by SIGKILL while the out-of-memory killer of the host was at work" + memory;
    std::string text = report.by_signal ? "the worker was ended by " + run::name_of_signal(report.number)
                                        : fmt::format("the worker left with exit code {}", report.number);
    if (c.within_message) text += " in the middle of a message";
    text += in_place(c.place);
    if (!c.last_words.empty()) text += "; its last words: " + sane(c.last_words, longest_words);
    if (c.refused_beyond == 0) return text;
    return fmt::format("out of memory: it needs more than --unit-memory {}: {}",
                       format_quantity(double(c.refused_beyond), byte), text);
}

}  // namespace

Report Report::from(const Value& end) {
    const Value* signal = end.find("signal");
    return {signal != nullptr,
            int((signal != nullptr ? *signal : end.at("exit")).integer()),
            end.at("group").integer() > 0,
            end.at("host").integer() > 0,
            std::uint64_t(end.at("peak_bytes").integer()),
            end.at("cpu_s").real()};
}

Ended explain(const Report& report, const Circumstances& circumstances) {
    Ended end;
    const bool of_memory = report.number == SIGKILL && (report.group_killed || report.host_killed);
    end.how = !report.by_signal ? Ended::How::left : of_memory ? Ended::How::memory : Ended::How::signal;
    end.number = report.number;
    end.text = sentence(report, circumstances);
    end.peak_bytes = report.peak_bytes;
    end.cpu_s = report.cpu_s;
    return end;
}

std::string in_place(const std::string& place) { return place.empty() ? "" : ", in " + sane(place, longest_words); }

}  // namespace flowspan::batch
