#include "runtime/device/transfer.hpp"

#include "kernels/convert/convert_device.hpp"

#include <algorithm>
#include <array>
#include <limits>
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

class ToDevice final : public Block {
public:
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    ToDevice(RankDevice& device, std::shared_ptr<const memory::RingMemory> host) : device_(device), host_(std::move(host)) {}
    void describe() override { out.describe(in.description()); }
    Step step(std::size_t n) override {
        const auto to = out.bytes(n);
        DeviceQueue& queue = device_.copy_in();
        queue.begin_issuing();
        in_pieces(*host_, in.item(), to.size(), [&](const std::byte* from, std::size_t done, std::size_t bytes) {
            queue.queue().to_device(to.data() + done, from, bytes);
        });
        device_.compute_after_copies();
        return queue.behind(name());
    }

private:
    RankDevice& device_;
    std::shared_ptr<const memory::RingMemory> host_;
};

class ToHost final : public Block {
public:
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    ToHost(RankDevice& device, std::shared_ptr<const memory::RingMemory> host) : device_(device), host_(std::move(host)) {}
    void describe() override { out.describe(in.description()); }
    Step step(std::size_t n) override {
        const auto to = out.bytes(n);
        DeviceQueue& queue = device_.copy_out();
        device_.copies_after_compute();
        queue.begin_issuing();
        in_pieces(*host_, to.data(), to.size(), [&](const std::byte* at, std::size_t done, std::size_t bytes) {
            queue.queue().to_host(const_cast<std::byte*>(at), in.item() + done, bytes);
        });
        return queue.behind(name());
    }

private:
    RankDevice& device_;
    std::shared_ptr<const memory::RingMemory> host_;
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

std::unique_ptr<Block> make_to_device(RankDevice& device, std::shared_ptr<const memory::RingMemory> host) {
    return std::make_unique<ToDevice>(device, std::move(host));
}

std::unique_ptr<Block> make_to_host(RankDevice& device, std::shared_ptr<const memory::RingMemory> host) {
    return std::make_unique<ToHost>(device, std::move(host));
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
