// A recording as the parameters of its source complete it.
#pragma once

#include <flowspan/parameter.hpp>
#include <flowspan/recording.hpp>

#include "io/names/name.hpp"

#include <string>
#include <vector>

namespace flowspan::blocks {

/// What a source is told of a recording. What contradicts its header is a mistake of the parameter, what contradicts its name a
/// warning that names both.
struct Told {
    const Parameter<InputPath>& path;
    const Parameter<std::string>&pattern, &datatype, &channels, &datetime;
    const Parameter<double>&sample_rate, &center_frequency;
};

class AsTold {
public:
    /// Of several files each is told, but for `datetime`, which is about the first.
    AsTold(RecordingFacts recording, const Told& told);
    const RecordingFacts& recording() const { return r_; }
    /// Whether it is known what samples there are.
    bool typed() const { return r_.type != SampleType::any && typed_; }
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    AsTold(RecordingFacts recording, const Told& told, bool first);
    void tell_each();
    void wrong(const ParameterBase& parameter, const std::string& expected, const std::string& hint = {});
    void contradicts(const ParameterBase& parameter, const std::string& said);
    void apply_pattern();
    void apply_channels();
    void apply_datatype();
    void apply_sample_rate();
    void apply_center_frequency();
    void apply_datetime();
    void forget_frequency_of_name();
    void warn_of_name(const std::string& says, const ParameterBase& parameter, const std::string& counts);

    RecordingFacts r_;
    Told told_;
    io::Named named_;  // what its name says, as far as it counts
    std::vector<std::string> warnings_;
    bool typed_ = true, good_ = true;
};

}  // namespace flowspan::blocks
