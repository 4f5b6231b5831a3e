#include "io/drf/format.hpp"

#include "io/drf/channel.hpp"
#include "io/drf/facts.hpp"
#include "io/drf/reader.hpp"

#include <string>

namespace flowspan::io {
namespace {

class DigitalRf final : public RecordingFormat {
public:
    std::string name() const override { return "digital_rf"; }
    bool holds(std::span<const std::byte>) const override { return false; }
    bool named(const std::string&) const override { return false; }
    bool holds_folder(const std::string& path) const override { return drf::channel_folder(path).has_value(); }
    Recording facts(const std::string& path) const override { return drf::read_facts(path); }
    std::unique_ptr<SampleReader> open(const Recording& recording, bool) const override { return drf::open_channel(recording); }
};

}  // namespace

std::shared_ptr<const RecordingFormat> digital_rf_format() { return std::make_shared<DigitalRf>(); }

}  // namespace flowspan::io
