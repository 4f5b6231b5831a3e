// SigMF collections (io/sigmf/collection.hpp); the hash of a stream is the SHA-512 of its header.
#include "io/found/recordings.hpp"

#include "core/files/text.hpp"
#include "core/mistakes/names.hpp"
#include "io/publish/digest.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/sigmf/collection.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

class Collection {
public:
    Collection(const std::string& path, Diagnostics& found)
        : path_(path), folder_(fs::path(path).parent_path()), found_(found) {}

    std::vector<std::string> members() {
        Value text;
        try {
            text = parse_sigmf(read_text(path_, most_header_bytes), path_);
        } catch (const Refused& refused) {
            found_.insert(found_.end(), refused.diagnostics().begin(), refused.diagnostics().end());
            return {};
        } catch (const Failure& failure) {
            mistake("", "a collection that can be read", failure.what());
            return {};
        }
        const Value* const object = text.find("collection");
        const Value* const streams = object == nullptr ? nullptr : object->find("core:streams");
        std::vector<std::string> paths;
        if (streams == nullptr || !streams->is<Value::List>() || streams->list().empty())
            mistake("collection.core:streams", "a list of recordings", streams == nullptr ? "nothing" : streams->json());
        else
            for (const Value& one : streams->list())
                if (auto path = member(one, fmt::format("collection.core:streams[{}]", number_++))) paths.push_back(*path);
        return paths;
    }

private:
    void mistake(const std::string& key, std::string expected, std::string got, std::string hint = {}) {
        found_.push_back({{path_, 0, 0, {}}, key, std::move(expected), std::move(got), std::move(hint), {}});
    }
    std::optional<std::string> member(const Value& stream, const std::string& key) {
        const auto [name, hash] = stream_of(stream);
        if (name == nullptr) {
            mistake(key, "an object with `name` and `hash`", stream.json());
            return std::nullopt;
        }
        const std::string path = (folder_ / (name->string() + ".sigmf-meta")).string();
        FileKind kind = FileKind::none;
        if (!key_of(path, &kind) || kind != FileKind::regular) {
            mistake(key + ".name", fmt::format("{}.sigmf-meta beside the collection", name->string()), "nothing",
                    near(name->string()));
            return std::nullopt;
        }
        if (!has_hash(path, hash->string(), key + ".hash")) return std::nullopt;
        return path;
    }
    bool has_hash(const std::string& path, std::string written, const std::string& key) {
        std::transform(written.begin(), written.end(), written.begin(), [](unsigned char c) { return char(std::tolower(c)); });
        try {
            const std::string text = read_text(path, most_header_bytes);
            Sha512 digest;
            digest.add(std::as_bytes(std::span(text)));
            const std::string is = digest.finish();
            if (is == written) return true;
            mistake(key, fmt::format("the SHA-512 of {}, {}…", fs::path(path).filename().string(), is.substr(0, 16)),
                    written.size() > 16 ? written.substr(0, 16) + "…" : written,
                    "the header was changed after the collection was made");
        } catch (const Failure& failure) { mistake(key, "a header that can be read", failure.what()); }
        return false;
    }
    std::string near(const std::string& name) const {
        std::vector<std::string> known;
        for (const Folder::Entry& one : list_folder(folder_.string()).entries)
            if (one.named == NamedAs::sigmf_meta) known.push_back(fs::path(one.name).stem().string());
        const std::string best = nearest_name(name, known);
        return best.empty() ? "" : fmt::format("did you mean `{}`?", best);
    }

    const std::string& path_;
    fs::path folder_;
    Diagnostics& found_;
    std::size_t number_ = 0;
};

}  // namespace

std::vector<std::string> members_of(const std::string& collection, Diagnostics& found) {
    return Collection(collection, found).members();
}

}  // namespace flowspan::io
