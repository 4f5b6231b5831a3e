#include "blocks/sources/as_told.hpp"

#include "core/type_names.hpp"
#include "io/formats/datatype.hpp"
#include "io/names/pattern.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/first_warnings.hpp"
#include "io/series/series.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

namespace flowspan::blocks {
namespace {

bool has_channels(const RecordingFacts& r) {
    return r.format == "wav" || r.format == "flac" || r.format == "ogg" || r.format == "npy";
}

void see_as_real(RecordingFacts& r) {
    if (!is_complex(r.type)) return;
    r.type = io::real_of(r.type);
    r.channels *= 2;
}

}  // namespace

AsTold::AsTold(RecordingFacts recording, const Told& told) : AsTold(std::move(recording), told, true) {}

AsTold::AsTold(RecordingFacts recording, const Told& told, bool first)
    : r_(std::move(recording)),
      told_(told),
      named_(r_.from_name.empty() ? io::Named() : io::read_name(std::filesystem::path(r_.path).filename().string())) {
    if (r_.files) {
        tell_each();
        return;
    }
    if (r_.data_path.empty()) told_.path.refuse("a recording with samples", {}, "its header says `core:metadata_only`");
    if (told_.pattern.given()) apply_pattern();
    if (told_.channels.given()) apply_channels();
    apply_datatype();
    if (told_.sample_rate.given()) apply_sample_rate();
    if (told_.center_frequency.given()) apply_center_frequency();
    if (told_.datetime.given() && first) apply_datetime();
}

void AsTold::tell_each() {
    io::Series series;
    io::FirstWarnings first;
    std::size_t told = 0;
    for (io::FilesInOrder files(r_.files); files.next(); ++told) {
        const AsTold one(files.file(), told_, told == 0);
        typed_ = typed_ && one.typed_;
        good_ = one.good_;
        for (const std::string& warning : one.warnings_) first.add(warning);
        if (!good_ || !typed_) return first.append_to(warnings_);
        series.add(one.r_);
    }
    first.append_to(warnings_);
    r_ = series.join(r_);
}

void AsTold::wrong(const ParameterBase& parameter, const std::string& expected, const std::string& hint) {
    good_ = false;
    parameter.wrong(expected, {}, hint);
}

void AsTold::contradicts(const ParameterBase& parameter, const std::string& said) {
    wrong(parameter, "nothing that contradicts the recording's header, which says " + said);
}

void AsTold::warn_of_name(const std::string& says, const ParameterBase& parameter, const std::string& counts) {
    warnings_.push_back(fmt::format("the name of {} says {}: `{}: {}` counts", r_.path, says, parameter.name(), counts));
}

void AsTold::apply_pattern() {
    const std::string name = std::filesystem::path(r_.path).filename().string();
    std::optional<io::Named> named;
    try {
        named = io::match_name(told_.pattern.get(), name);
    } catch (const std::invalid_argument& mistake) {
        wrong(told_.pattern, mistake.what());
        return;
    }
    if (!named) {
        wrong(told_.pattern, "a pattern that fits " + name, "it must fit all of it, or all but the extension; `*` is any text");
        return;
    }
    named_ = *named;
    const std::size_t known = r_.warnings.size();
    const RecordingFacts before = r_;
    io::forget_name(r_);
    if (before.is_from_name("datatype") && !named_.datatype) {  // as its extension says
        r_.type = before.type, r_.big_endian = before.big_endian, r_.length = before.length;
        r_.from_name.emplace_back("datatype");
    }
    io::complete_by_name(r_, named_);
    if (named_.datatype && r_.type == SampleType::any) {
        r_.type = named_.datatype->type;
        r_.big_endian = named_.datatype->big_endian;
        r_.from_name.emplace_back("datatype");
    } else if (named_.datatype && *named_.datatype != io::Datatype{r_.type, r_.big_endian}) {
        r_.warnings.push_back(fmt::format("its name says {}, its header {}: the header counts",
                                          io::sigmf_datatype(named_.datatype->type, named_.datatype->big_endian),
                                          io::sigmf_datatype(r_.type, r_.big_endian)));
    }
    for (std::size_t k = known; k < r_.warnings.size(); ++k) warnings_.push_back(r_.path + ": " + r_.warnings[k]);
}

void AsTold::apply_channels() {
    const bool real = told_.channels.get() == "real";
    if (!has_channels(r_)) {
        wrong(told_.channels, "a recording whose header says channels (WAV, FLAC, Ogg or .npy)");
    } else if (real) {
        see_as_real(r_);
        forget_frequency_of_name();
    } else if (!is_complex(r_.type) && r_.channels % 2 != 0) {
        wrong(told_.channels, fmt::format("pairs of channels, of which the recording has {}", r_.channels));
    } else if (!is_complex(r_.type)) {
        r_.type = io::complex_of(r_.type);
        r_.channels /= 2;
        const auto said = io::read_name(std::filesystem::path(r_.path).filename().string()).frequency;
        if (!said || r_.frequency || told_.pattern.given()) return;
        named_.frequency = said;
        r_.frequency = said->value;
        for (Capture& capture : r_.captures) capture.frequency = r_.frequency;
        r_.from_name.emplace_back("frequency");
    }
}

/// Of real samples it is that of a dial.
void AsTold::forget_frequency_of_name() {
    if (std::erase(r_.from_name, "frequency") == 0) return;
    r_.frequency.reset();
    for (Capture& capture : r_.captures) capture.frequency.reset();
}

void AsTold::apply_datatype() {
    const auto& datatype = told_.datatype;
    if (!datatype.given()) {
        if (r_.format == "raw" && r_.type != SampleType::any) r_ = io::as_datatype(r_, {r_.type, r_.big_endian});
        return;
    }
    const auto type = io::parse_datatype(datatype.get());
    typed_ = type.has_value();
    const io::Datatype known{r_.type, r_.big_endian};
    if (!type) {
        wrong(datatype, "a sample type such as cf32, ci16, cu8 or ci16_be", hint_of_type(datatype.get()));
    } else if (r_.format == "raw") {
        if (r_.is_from_name("datatype") && *type != known)
            warn_of_name(io::sigmf_datatype(r_.type, r_.big_endian), datatype, datatype.get());
        r_ = io::as_datatype(r_, *type);
    } else if (has_channels(r_) && is_complex(r_.type) && *type == io::Datatype{io::real_of(r_.type), r_.big_endian}) {
        see_as_real(r_);
        forget_frequency_of_name();
    } else if (*type != known) {
        contradicts(datatype, io::sigmf_datatype(r_.type, r_.big_endian));
    }
}

void AsTold::apply_sample_rate() {
    const Rational rate = Rational::nearest(told_.sample_rate);
    if (!r_.is_from_name("sample_rate")) {
        if (r_.sample_rate && rate != *r_.sample_rate) contradicts(told_.sample_rate, r_.sample_rate->text() + " Hz");
    } else if (named_.rate && io::differs(*named_.rate, rate.value())) {
        warn_of_name(io::hertz_text(named_.rate->value), told_.sample_rate, io::hertz_text(rate.value()));
    }
    r_.sample_rate = rate;
}

void AsTold::apply_center_frequency() {
    const double frequency = told_.center_frequency;
    if (!r_.is_from_name("frequency")) {
        if (r_.frequency && frequency != *r_.frequency)
            contradicts(told_.center_frequency, fmt::format("{:.12g} Hz", *r_.frequency));
    } else {
        if (named_.frequency && io::differs(*named_.frequency, frequency))
            warn_of_name(io::hertz_text(named_.frequency->value), told_.center_frequency, io::hertz_text(frequency));
        for (Capture& capture : r_.captures) capture.frequency = frequency;
    }
    r_.frequency = frequency;
}

/// Of the first sample.
void AsTold::apply_datetime() {
    Time utc;
    int digits = 0;
    try {
        utc = parse_rfc3339(told_.datetime.get(), &digits);
    } catch (const std::invalid_argument&) {
        wrong(told_.datetime, "UTC as 2026-01-31T12:00:00Z");
        return;
    }
    if (r_.captures.empty()) r_.captures.emplace_back().frequency = r_.frequency;
    Capture& first = r_.captures.front();
    if (first.utc && *first.utc != utc && !r_.is_from_name("datetime")) contradicts(told_.datetime, rfc3339(*first.utc));
    if (first.utc && *first.utc != utc && r_.is_from_name("datetime"))
        warn_of_name(rfc3339(*first.utc), told_.datetime, rfc3339(utc));
    first.utc = utc;
    first.utc_digits = digits;
}

}  // namespace flowspan::blocks
