#include "io/sigmf/beside.hpp"

#include "io/formats/datatype.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/sigmf/archives/archive.hpp"
#include "io/sigmf/carried/kept.hpp"
#include "io/sigmf/dataset.hpp"
#include "io/sigmf/writer.hpp"

#include <filesystem>
#include <stdexcept>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

Value rate_value(const Rational& rate) { return rate.denominator() == 1 ? Value(rate.numerator()) : Value(rate.value()); }

/// As they are stored.
SampleType stored_type(const RecordingFacts& r) {
    if (r.stored != Stored::offset8) return r.type;
    return is_complex(r.type) ? SampleType::cu8 : SampleType::ru8;
}

Value::Map global_of(const RecordingFacts& r, SampleType type) {
    if (type == SampleType::any) throw std::invalid_argument("its samples have no type: give its source `datatype`");
    Value::Map global{
        {"core:datatype", sigmf_datatype(type, r.big_endian)}, {"core:version", "1.2.0"}, {"core:recorder", "flowspan"}};
    if (r.channels > 1) global["core:num_channels"] = r.channels;
    if (r.offset > 0) global["core:offset"] = r.offset;
    return global;
}

Value::Map capture_of(const Capture& capture, std::uint64_t offset) {
    Value::Map made{{"core:sample_start", capture.start + offset}};
    if (capture.utc) made["core:datetime"] = rfc3339(*capture.utc);
    if (capture.global_index) made["core:global_index"] = *capture.global_index;
    return made;
}

/// Of a file of which `r` says all: what lies around the samples.
void add_other_bytes(const RecordingFacts& r, SigmfHeader& header) {
    std::uint64_t other = 0;
    for (std::size_t k = 0; k < r.captures.size(); ++k) {
        if (r.captures[k].header_bytes == 0) continue;
        header.captures[k].map()["core:header_bytes"] = r.captures[k].header_bytes;
        other += r.captures[k].header_bytes;
    }
    other += r.length * size_of(r.type) * r.channels;
    if (r.data_bytes > other) header.global["core:trailing_bytes"] = r.data_bytes - other;
}

void drop_nulls(Value& object) {
    if (object.is<Value::Map>()) std::erase_if(object.map(), [](const auto& entry) { return entry.second.is_null(); });
}

/// What was read although the standard has it otherwise is written as the standard has it.
void conform(const Recording& r, SigmfHeader& header) {
    std::erase_if(header.global, [](const auto& entry) { return entry.second.is_null(); });
    header.global["core:datatype"] = sigmf_datatype(r.type, r.big_endian);
    if (const auto extensions = header.global.find("core:extensions");
        extensions != header.global.end() && !extensions->second.is<Value::List>())
        extensions->second = extensions_of(header.global);
    for (Value& annotation : header.annotations) drop_nulls(annotation);
    for (std::size_t k = 0; k < header.captures.size(); ++k) {
        drop_nulls(header.captures[k]);
        if (const auto& utc = r.captures[k].utc; utc && !read_time(header.captures[k].at("core:datetime").string())->conforms)
            header.captures[k].map()["core:datetime"] = rfc3339(*utc);
    }
}

/// What a header may leave open, and who reads the recording knows.
void complete(const RecordingFacts& known, SigmfHeader& header) {
    if (known.sample_rate) header.global.try_emplace("core:sample_rate", rate_value(*known.sample_rate));
    for (std::size_t k = 0; k < known.captures.size(); ++k) {
        if (k >= header.captures.size()) header.captures.emplace_back(capture_of(known.captures[k], known.offset));
        if (known.captures[k].frequency) header.captures[k].map().try_emplace("core:frequency", *known.captures[k].frequency);
    }
}

fs::path folder_of(const std::string& path) {
    std::error_code none;
    const fs::path folder = fs::absolute(path).parent_path(), resolved = fs::weakly_canonical(folder, none);
    return none ? folder.lexically_normal() : resolved;
}

void lead_to_data(const std::string& data_path, const std::string& meta_path, Value::Map& global) {
    for (const char* key : {"core:dataset", "core:metadata_only", "flowspan:dataset"}) global.erase(key);
    const fs::path data = fs::path(data_path).filename(), from = folder_of(meta_path);
    if (data_path.empty()) {
        global["core:metadata_only"] = true;
    } else if (const fs::path folder = folder_of(data_path); folder != from) {
        global["core:metadata_only"] = true;
        global["flowspan:dataset"] = (folder / data).lexically_relative(from).string();
    } else if (data != fs::path(sigmf_data_path(meta_path)).filename()) {
        global["core:dataset"] = data.string();
    }
}

}  // namespace

bool is_archive(const Recording& r) {
    if (r.format != "sigmf" || r.data_path.empty() || named_as(r.data_path) == NamedAs::sigmf_data) return false;
    const auto within = archive_path(r.path);
    return r.path == r.data_path || (within && within->name);  // (by what they begin with, files of any name are archives)
}

std::string why_nothing_leads_to(const Recording& r) {
    if (r.data_path == "-") return "they come in by stdin";
    if (!r.seeks) return "they are packed";
    if (is_archive(r)) return "they lie within an archive";
    if (r.stored == Stored::packed24) return "they have 24 bits, for which SigMF has no type";
    if (r.header.is<Value::Map>() && r.header.find("blocks") != nullptr) return "they lie in many chunks";
    if (r.format == "flac" || r.format == "ogg") return "they are compressed";
    if (r.format == "series" || r.format == "digital_rf") return "they lie in many files";
    return {};
}

SigmfHeader sigmf_beside(const Recording& r, const RecordingPlaces* read, const std::string& meta_path) {
    if (const std::string why = why_nothing_leads_to(r); !why.empty())
        throw std::invalid_argument("no header can lead to its samples: " + why);
    const RecordingFacts& known = read != nullptr ? read->recording : r;
    SigmfHeader header;
    if (r.format == "sigmf") {
        header.global = r.header.at("global").map();
        if (const Value* captures = r.header.find("captures"); captures && !captures->is_null())
            header.captures = captures->list();
        if (const Value* annotations = r.header.find("annotations"); annotations && annotations->is<Value::List>())
            header.annotations = annotations->list();
        conform(r, header);
        complete(known, header);
    } else {
        header.global = global_of(known, stored_type(known));
        complete(known, header);
        add_other_bytes(known, header);
    }
    if (header.captures.empty()) header.captures.emplace_back(capture_of({}, r.offset));
    lead_to_data(r.data_path, meta_path, header.global);
    return header;
}

SigmfHeader sigmf_alone(const RecordingPlaces& read) {
    SigmfHeader header{.global = global_of(read.recording, read.recording.type), .captures = {}, .annotations = {}};
    complete(read.recording, header);
    header.global["core:metadata_only"] = true;
    return header;
}

}  // namespace flowspan::io
