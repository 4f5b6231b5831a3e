// What the name of a recording says, as recorders and people write it.
#pragma once

#include "io/formats/datatype.hpp"

#include <flowspan/recording.hpp>

#include <optional>
#include <string>
#include <vector>

namespace flowspan::io {

/// A number of a name; `unit`: that of its last digit, so "433920kHz" says nothing about 500 Hz.
struct NamedNumber {
    double value = 0, unit = 0;
};

struct Named {
    std::optional<Datatype> datatype;
    std::optional<NamedNumber> rate, frequency;  // samples per second, Hz
    std::optional<Time> utc;
    int utc_digits = 0;               // behind the point of the seconds
    bool zone_guessed = false;        // nothing says that it is UTC
    std::vector<std::string> doubts;  // what could be read in several ways: sentences for people
};

/// Reads a file's name without its folder. Nonsense (the 13th month, 0 samples per second) is no statement.
///
/// Names of Gqrx, SatDump, SDR Console and KiwiSDR by their own rules. Of others: rates and frequencies as numbers with a unit
/// ("2.4Msps", "2400000SPS", "433.92MHz"), as rtl_433 writes them ("433.92M_250k"), or behind "fs", "sr", "rate", "fc"; a date
/// with a time; a type, as the extension or a SigMF name ("ci16_le").
Named read_name(const std::string& name);
/// Whether it says a datatype; quick, for folders of many files.
bool says_type(const std::string& name);

/// Fills in what a recording's header does not say, and warns where it says something else. `datatype` is left alone.
void complete_by_name(RecordingFacts& recording, const Named& named);

/// The same of audio files: real samples are what was heard, and a frequency in their name that of a dial.
void complete_audio_by_name(RecordingFacts& recording);
/// Takes away what only its name says.
void forget_name(RecordingFacts& recording);

/// Whether a name and somebody else say different things.
bool differs(const NamedNumber& named, double said);

/// A frequency or rate for people: "433920000 Hz".
std::string hertz_text(double hz);

}  // namespace flowspan::io
