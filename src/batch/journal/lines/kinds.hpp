// The kinds of lines of a journal: what each says. docs/batches.md has the table.
#pragma once

#include "batch/journal/lines/fields.hpp"
#include "batch/unit.hpp"

#include <flowspan/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::batch {

/// Short for a unit, in journals: the number of the start that described it, and the how manieth it described. Two starts that
/// write at once never mean different units by one.
struct UnitId {
    std::uint32_t start = 0, number = 0;
    std::string text() const;  // "7.12"
    /// Throws std::invalid_argument.
    static UnitId from(std::string_view text);
    std::uint64_t packed() const { return std::uint64_t(start) << 32 | number; }
    friend bool operator==(const UnitId&, const UnitId&) = default;
};

/// A file of a unit: its name below the unit's folder, and who wrote it. Beside it stood its part, `.NAME.RUN.RANK.BLOCK.part`.
struct MadeFile {
    std::string name;
    std::uint64_t bytes = 0;
    int rank = 0, block = 0;

    /// Of a part as the run's publisher names it, both below the unit's folder. Throws std::invalid_argument where that is not
    /// the part of this name.
    static MadeFile of(std::string name, std::string_view part, std::uint64_t bytes);
    std::string part(const std::string& run) const;
    Value value() const;
    /// Throws std::invalid_argument, also where the name leads out of the unit's folder or is one that runs keep for
    /// themselves.
    static MadeFile from(std::string_view json);
    friend bool operator==(const MadeFile&, const MadeFile&) = default;
};

std::vector<MadeFile> files_of(std::string_view list);

/// Whether it can be the folder of a unit: relative, and no component is hidden, or leads elsewhere.
bool is_unit_folder(std::string_view folder);
/// Whether it can be the id of an attempt: what stands in the names of parts.
bool is_attempt_id(const std::string& run);

/// `from` throws std::invalid_argument where a line does not say what it must.
namespace line {

/// Of lines.
double now_s();

/// A graph of a start, by what units call it ("": that of the batch), the parameter that recordings go to, and its text's hash.
struct GraphUsed {
    std::string name, input, hash;
    friend bool operator==(const GraphUsed&, const GraphUsed&) = default;
};

struct Begin {
    std::string run, flowspan, host;
    std::int64_t pid = 0;
    double time = 0;  // in seconds since 1970, here and below
    std::vector<std::string> command;
    std::string root;
    int part = 0, parts = 0;  // K/N; 0: without
    std::string graph, graph_hash, level;
    std::vector<std::string> plugins;
    // What repeats a unit by itself; missing in journals of before.
    std::string folder{};            // where it was started
    std::vector<std::string> set{};  // KEY=VALUE
    std::string isa{}, fft{};
    std::vector<std::string> plugin_files{};
    std::vector<GraphUsed> graphs{};
    std::string fingerprint{};  // of what kernels and libraries compute
    Value value() const;
    static Begin from(const Fields& f);
    friend bool operator==(const Begin&, const Begin&) = default;
};

/// The unit in such a line.
Unit unit_of(const Fields& f);

struct Described {
    UnitId id;
    Unit unit;
    Value value() const;
    static Described from(const Fields& f);
};

/// What an attempt took; 0: not known, as in journals of before.
struct Measured {
    int rank = -1;
    double began = 0, seconds = 0, cpu_s = 0;  // `began`: since 1970
    std::uint64_t peak_bytes = 0;              // of the memory of the process
    void add_to(Value& line) const;
    static Measured from(const Fields& f);
    friend bool operator==(const Measured&, const Measured&) = default;
};

struct Start {
    UnitId unit;
    std::string run;
    int attempt = 1, rank = 0;
    std::string host;
    double time = 0;
    Value value() const;
    static Start from(const Fields& f);
};

struct Commit {
    UnitId unit;
    std::string run, key;
    Value content;
    std::string fingerprint;
    std::vector<MadeFile> products;
    double seconds = 0;
    std::int64_t samples = 0;
    Measured measured{};
    bool cached = false;  // taken from the cache; missing in journals of before
    Value value() const;
    static Commit from(const Fields& f);
};

struct Done {
    UnitId unit;
    std::string run;
    Value value() const;
    static Done from(const Fields& f);
};

/// `run`: of its start; "": there was none.
struct Unchanged {
    UnitId unit;
    std::string run, key;
    Value content;
    std::string fingerprint;
    Value value() const;
    static Unchanged from(const Fields& f);
};

/// Of a commit, too, where what it is about is gone. `unclean`: its parts may be left.
struct Failed {
    UnitId unit;
    std::string run;
    int attempt = 1;
    std::string cause;
    int code = 0, rank = -1;
    std::string host{}, fingerprint{};
    bool again = false, suspect = false, unclean = false;
    Measured measured{};
    Value value() const;
    static Failed from(const Fields& f);
};

/// A person asks to try it again, or has had its products removed. `request`: the name of the file that asked; "": none.
struct Asked {
    std::string is;  // "retry", "delete"
    UnitId unit;
    std::string request;
    Value value() const;
    static Asked from(const Fields& f);
};

/// No part is left of what earlier starts handed out and nobody committed.
struct Cleared {
    Value value() const { return Value::Map{{"is", "cleared"}}; }
};

struct End {
    int code = 0;
    Value counts;
    Value value() const { return Value::Map{{"is", "end"}, {"code", code}, {"counts", counts}}; }
};

}  // namespace line
}  // namespace flowspan::batch
