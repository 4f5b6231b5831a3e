#include "runtime/device/transfer.hpp"

#include "kernels/convert/convert_device.hpp"
#include "runtime/count/books.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

namespace flowspan::runtime {
namespace {

// A copy lies within one pinned range: one that passes the end of the ring is two.
template <class F>
void in_pieces(const memory::RingMemory& ring, const std::byte* at, std::size_t bytes, F copy) {
    const std::size_t first = std::min(bytes, std::size_t(ring.base() + ring.size() - at));
    copy(at, std::size_t(0), first);
    if (first < bytes) copy(static_cast<const std::byte*>(ring.base()), first, bytes - first);
}

/// Pinned memory between the device and a ring that cannot be pinned: a piece for each step that may be under way.
class Staging {
public:
    /// `bytes` of a step at most; 0: none is needed.
    Staging(int device, std::size_t bytes) : bytes_(bytes) {
        if (bytes > 0) memory_ = device::PinnedMemory(device, bytes * pieces);
    }
    bool used() const { return bytes_ > 0; }
    /// In turn: that of the step that was begun so many steps before, and is over.
    std::byte* next() { return memory_.data() + bytes_ * (step_++ % pieces); }

    static constexpr std::size_t pieces = Books::most_outstanding;

private:
    std::size_t bytes_, step_ = 0;
    device::PinnedMemory memory_;
};

class ToDevice final : public Block {
public:
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    ToDevice(RankDevice& device, std::shared_ptr<const memory::RingMemory> host, const memory::RingMemory& to,
             std::size_t staged)
        : device_(device), host_(std::move(host)), to_(to), staging_(device.number(), staged) {}
    void describe() override { out.describe(in.description()); }
    Step step(std::size_t n) override {
        const auto to = out.bytes(n);
        DeviceQueue& queue = device_.copy_in();
        queue.begin_issuing();
        if (staging_.used()) {
            std::byte* const piece = staging_.next();
            std::memcpy(piece, in.item(), to.size());
            queue.queue().to_device(to.data(), piece, to.size());
        } else {
            in_pieces(*host_, in.item(), to.size(), [&](const std::byte* from, std::size_t done, std::size_t bytes) {
                queue.queue().to_device(to.data() + done, from, bytes);
            });
        }
        device_.written(to_, to.data(), to.size());
        device_.compute_after_copies();
        return queue.behind(name());
    }

private:
    RankDevice& device_;
    std::shared_ptr<const memory::RingMemory> host_;
    const memory::RingMemory& to_;
    Staging staging_;
};

class ToHost final : public Block {
public:
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    ToHost(RankDevice& device, std::shared_ptr<const memory::RingMemory> host, std::size_t staged)
        : device_(device), host_(std::move(host)), staging_(device.number(), staged) {
        for (auto& landing : landings_) landing = std::make_shared<Landing>();
    }
    void describe() override { out.describe(in.description()); }
    Step step(std::size_t n) override {
        const auto to = out.bytes(n);
        DeviceQueue& queue = device_.copy_out();
        device_.copies_after_compute();
        queue.begin_issuing();
        if (staging_.used()) return by_staging(queue, to);
        in_pieces(*host_, to.data(), to.size(), [&](const std::byte* at, std::size_t done, std::size_t bytes) {
            queue.queue().to_host(const_cast<std::byte*>(at), in.item() + done, bytes);
        });
        return queue.behind(name());
    }

private:
    /// A copy that has come to its piece goes on to the ring.
    struct Landing final : Pending {
        bool ready() override {
            if (arrival.token == nullptr) return true;
            if (!arrival.token->ready()) return false;
            std::memcpy(to.data(), piece, to.size());
            arrival = {};
            return true;
        }
        Step arrival;
        const std::byte* piece = nullptr;
        std::span<std::byte> to;
    };
    Step by_staging(DeviceQueue& queue, std::span<std::byte> to) {
        std::byte* const piece = staging_.next();
        queue.queue().to_host(piece, in.item(), to.size());
        const auto& landing = landings_[step_++ % landings_.size()];
        landing->arrival = queue.behind(name());
        landing->piece = piece;
        landing->to = to;
        return {landing};
    }

    RankDevice& device_;
    std::shared_ptr<const memory::RingMemory> host_;
    Staging staging_;
    std::array<std::shared_ptr<Landing>, Staging::pieces> landings_;
    std::size_t step_ = 0;
};

template <class Number, int parts>
class ToFloats final : public Block {
public:
    using In = std::conditional_t<parts == 1, Number, Complex<Number>>;
    using Out = std::conditional_t<parts == 1, f32, cf32>;
    Input<In> in{*this, "in", {.items = any_shape}};
    Output<Out> out{*this, "out"};

    void describe() override { out.describe(in.description().as(sample_type_of<Out>)); }
    void prepare() override {
        const double half = double(std::uint64_t(1) << unsigned(std::numeric_limits<std::make_signed_t<Number>>::digits));
        scale_ = f32(1 / in.description().full_scale.value_or(half));
    }
    void work(std::size_t n) override {
        const std::array pieces{kernels::Conversion<Number, f32>{reinterpret_cast<const Number*>(in.item()),
                                                                 reinterpret_cast<f32*>(out.item()),
                                                                 n * in.description().samples_per_item() * parts, scale_}};
        kernels::to_floats<Number>(*queue(), pieces);
    }

private:
    f32 scale_ = 1;
};

}  // namespace

std::unique_ptr<Block> make_to_device(RankDevice& device, std::shared_ptr<const memory::RingMemory> host,
                                      const memory::RingMemory& to, std::size_t most) {
    const std::size_t staged = device.pin(host) ? 0 : most;
    return std::make_unique<ToDevice>(device, std::move(host), to, staged);
}

std::unique_ptr<Block> make_to_host(RankDevice& device, std::shared_ptr<const memory::RingMemory> host, std::size_t most) {
    const std::size_t staged = device.pin(host) ? 0 : most;
    return std::make_unique<ToHost>(device, std::move(host), staged);
}

std::unique_ptr<Block> make_to_floats_on_device(SampleType from) {
    switch (from) {
        case SampleType::ri8:
            return std::make_unique<ToFloats<i8, 1>>();
        case SampleType::ru8:
            return std::make_unique<ToFloats<u8, 1>>();
        case SampleType::ri16:
            return std::make_unique<ToFloats<i16, 1>>();
        case SampleType::ru16:
            return std::make_unique<ToFloats<u16, 1>>();
        case SampleType::ci8:
            return std::make_unique<ToFloats<i8, 2>>();
        case SampleType::cu8:
            return std::make_unique<ToFloats<u8, 2>>();
        case SampleType::ci16:
            return std::make_unique<ToFloats<i16, 2>>();
        case SampleType::cu16:
            return std::make_unique<ToFloats<u16, 2>>();
        default:
            return nullptr;
    }
}

}  // namespace flowspan::runtime
