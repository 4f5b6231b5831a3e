#include "memory/device/emulated/emulated.hpp"

#include "core/mistakes/names.hpp"
#include "core/numbers/quantity.hpp"

#include <unistd.h>

#include <cmath>

namespace flowspan::device::emulated {
namespace {

[[noreturn]] void refuse(const std::string& expected, std::string_view got, const std::string& hint = {}) {
    throw Refused(Diagnostic{
        .at = {}, .key = "FLOWSPAN_EMULATED", .expected = expected, .got = std::string(got), .hint = hint, .context = {}});
}

std::uint64_t count(const std::string& key, std::string_view value, std::int64_t least, const std::string& expected) {
    const auto number = parse_integer(value);
    if (!number || *number < least) refuse(key + "=N, " + expected, key + "=" + std::string(value));
    return std::uint64_t(*number);
}

std::size_t bytes(const std::string& key, std::string_view value) {
    const auto size = parse_quantity(value);
    const bool right = size && (!size->has_unit || size->dimension == Dimension::bytes) && size->value >= 1 &&
                       size->value < 0x1p62 && size->value == std::floor(size->value);
    if (!right) refuse(key + "=BYTES, as in 64MiB", key + "=" + std::string(value));
    return std::size_t(size->value);
}

Order order(std::string_view value) {
    if (value == "early") return Order::early;
    if (value == "late") return Order::late;
    if (value == "random") return Order::random;
    if (value == "starve") return Order::starve;
    refuse("order=early, late, random or starve", "order=" + std::string(value));
}

bool is_on(const std::string& key, std::string_view value) {
    if (value != "on" && value != "off") refuse(key + "=on or off", key + "=" + std::string(value));
    return value == "on";
}

void add_fault(Behaviour& behaviour, std::string_view value) {
    const auto colon = value.find(':');
    const std::string what(value.substr(0, colon));
    std::uint64_t* const place = what == "copy"       ? &behaviour.fail_copy
                                 : what == "kernel"   ? &behaviour.fail_kernel
                                 : what == "allocate" ? &behaviour.fail_allocate
                                 : what == "stop"     ? &behaviour.stop
                                                      : nullptr;
    const auto number = colon == std::string_view::npos ? std::nullopt : parse_integer(value.substr(colon + 1));
    if (place == nullptr || !number || *number < 1)
        refuse("fail=copy:N, kernel:N, allocate:N or stop:N, N from 1 on", "fail=" + std::string(value));
    *place = std::uint64_t(*number);
}

void set(Behaviour& behaviour, const std::string& key, std::string_view value) {
    if (key == "devices") {
        behaviour.devices = int(std::min<std::uint64_t>(count(key, value, 0, "a number from 0 on"), 1024));
    } else if (key == "memory") {
        behaviour.memory = bytes(key, value);
    } else if (key == "page") {
        behaviour.page = bytes(key, value);
        const auto least = std::size_t(sysconf(_SC_PAGESIZE));
        if (behaviour.page % least != 0)
            refuse("page=BYTES, a multiple of " + std::to_string(least), "page=" + std::string(value));
    } else if (key == "order") {
        behaviour.order = order(value);
    } else if (key == "seed") {
        behaviour.seed = count(key, value, 0, "a number from 0 on");
    } else if (key == "pins") {
        behaviour.pins = is_on(key, value);
    } else if (key == "rings") {
        behaviour.rings = is_on(key, value);
    } else if (key == "transforms") {
        behaviour.transforms = is_on(key, value);
    } else if (key == "fail") {
        add_fault(behaviour, value);
    } else {
        const std::vector<std::string> known = {"devices", "memory", "page",       "order", "seed",
                                                "pins",    "rings",  "transforms", "fail"};
        refuse("devices, memory, page, order, seed, pins, rings, transforms or fail", key, hint_for(key, known, ""));
    }
}

}  // namespace

Behaviour parse_behaviour(std::string_view text) {
    Behaviour behaviour;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(','));
        const auto sign = word.find('=');
        if (sign == std::string_view::npos) refuse("KEY=VALUE, separated by commas", word);
        set(behaviour, std::string(word.substr(0, sign)), word.substr(sign + 1));
        if (word.size() + 1 == text.size()) refuse("KEY=VALUE after the last comma", text);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return behaviour;
}

}  // namespace flowspan::device::emulated
