#include "io/wav/block_reader.hpp"

#include "io/bytes/whole_hash.hpp"
#include "io/recording/flat_reader.hpp"
#include "io/wav/blocks.hpp"

#include <flowspan/io.hpp>

#include <algorithm>
#include <iterator>
#include <optional>

namespace flowspan::io::wav {
namespace {

std::vector<BlockRun> runs_of(const Recording& recording) {
    std::vector<BlockRun> runs;
    for (const Value& listed : recording.header.at("blocks").list()) {
        const auto field = [&](std::size_t k) { return std::uint64_t(listed.list()[k].integer()); };
        runs.push_back({field(0), field(1), field(2), field(3), field(4)});
    }
    return runs;
}

class BlockReader final : public SampleReader {
public:
    BlockReader(const Recording& recording, bool hash)
        : recording_(recording),
          runs_(runs_of(recording)),
          file_(File::open_to_read(recording.data_path)),
          stored_(stored_bytes(recording)),
          item_(size_of(recording.type) * recording.channels) {
        if (hash) hash_.emplace();
    }

    std::size_t read(std::uint64_t first, std::span<std::byte> to) override {
        for (std::span<std::byte> rest = to; !rest.empty();) {
            const BlockRun& run = *std::prev(std::upper_bound(
                runs_.begin(), runs_.end(), first, [](std::uint64_t sample, const BlockRun& r) { return sample < r.first; }));
            const std::uint64_t block = (first - run.first) / run.samples, within = (first - run.first) % run.samples;
            const std::uint64_t count = std::min<std::uint64_t>(rest.size() / item_, run.samples - within);
            const auto part = rest.first(count * item_), stored = part.last(count * stored_);
            const std::uint64_t byte = run.byte + block * run.stride + within * stored_;
            file_.read(byte, stored);
            if (hash_) hash_->read(file_, byte, stored);
            decode(recording_, stored, part);
            rest = rest.subspan(part.size());
            first += count;
        }
        return to.size();
    }

    std::optional<std::string> hash() override { return hash_ ? hash_->finish(file_) : std::nullopt; }

private:
    RecordingFacts recording_;
    std::vector<BlockRun> runs_;
    File file_;
    std::size_t stored_, item_;
    std::optional<WholeHash> hash_;
};

}  // namespace

std::unique_ptr<SampleReader> open(const Recording& recording, bool hash) {
    const bool blocks = recording.header.is<Value::Map>() && recording.header.find("blocks") != nullptr;
    if (!blocks) return open_flat(recording, hash);
    return std::make_unique<BlockReader>(recording, hash);
}

}  // namespace flowspan::io::wav
