#include <flowspan/value.hpp>

#include "core/json_depth.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace flowspan {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 12> kinds{"null",  "bool",  "integer", "real",     "complex",   "string",
                                                 "bytes", "reals", "doubles", "integers", "complexes", "list"};

std::string base64(const Value::Bytes& bytes) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? unsigned(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? digits[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

/// JSON as the library for it writes it, without a tree of its values in between.
struct WriteJson {
    std::string& to;
    void operator()(std::monostate) const { to += "null"; }
    void operator()(bool v) const { to += v ? "true" : "false"; }
    void operator()(std::int64_t v) const {
        const fmt::format_int digits(v);
        to.append(digits.data(), digits.size());
    }
    void operator()(double v) const {
        if (!std::isfinite(v)) return (*this)(std::monostate());
        std::array<char, 64> text{};
        to.append(text.data(), nlohmann::detail::to_chars(text.data(), text.data() + text.size(), v));
    }
    template <class T>
    void operator()(std::complex<T> v) const {
        to += '[';
        (*this)(double(v.real()));
        to += ',';
        (*this)(double(v.imag()));
        to += ']';
    }
    void operator()(const std::string& v) const {
        const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
        if (!std::all_of(v.begin(), v.end(), is_plain)) {
            to += json(v).dump(-1, ' ', false, json::error_handler_t::replace);
            return;
        }
        to += '"';
        to += v;
        to += '"';
    }
    void operator()(const Value::Bytes& v) const { (*this)(base64(v)); }
    template <class T>
    void operator()(const std::vector<T>& v) const {
        list(v, [&](const T& e) {
            if constexpr (std::is_same_v<T, f32>)
                (*this)(double(e));
            else
                (*this)(e);
        });
    }
    template <class T, class Write>
    void list(const std::vector<T>& v, Write write) const {
        to += '[';
        for (std::size_t k = 0; k < v.size(); ++k) {
            if (k > 0) to += ',';
            write(v[k]);
        }
        to += ']';
    }
};

Value from_json_value(const json& j) {
    switch (j.type()) {
        case json::value_t::boolean:
            return j.get<bool>();
        case json::value_t::number_integer:
            return j.get<std::int64_t>();
        case json::value_t::number_unsigned:
            if (j.get<std::uint64_t>() > std::uint64_t(std::numeric_limits<std::int64_t>::max())) return j.get<double>();
            return j.get<std::int64_t>();
        case json::value_t::number_float:
            return j.get<double>();
        case json::value_t::string:
            return j.get<std::string>();
        case json::value_t::array: {
            Value::List list;
            for (const json& e : j) list.push_back(from_json_value(e));
            return list;
        }
        case json::value_t::object: {
            Value::Map map;
            for (const auto& [key, e] : j.items()) map.emplace(key, from_json_value(e));
            return map;
        }
        default:
            return {};
    }
}

template <class T>
void put(std::vector<std::byte>& to, const T* from, std::size_t n) {
    if (n == 0) return;
    const auto* p = reinterpret_cast<const std::byte*>(from);
    to.insert(to.end(), p, p + n * sizeof(T));
}

void put_size(std::vector<std::byte>& to, std::size_t n) {
    const auto size = std::uint64_t(n);
    put(to, &size, 1);
}

template <class T>
void get(std::span<const std::byte>& from, T* to, std::size_t n) {
    if (n > from.size() / sizeof(T)) throw std::invalid_argument("a value's bytes end too early");
    if (n > 0) std::memcpy(to, from.data(), n * sizeof(T));
    from = from.subspan(n * sizeof(T));
}

std::size_t get_size(std::span<const std::byte>& from, std::size_t item_bytes) {
    std::uint64_t n = 0;
    get(from, &n, 1);
    if (n > from.size() / item_bytes) throw std::invalid_argument("a value's bytes end too early");
    return std::size_t(n);
}

template <class T>
std::vector<T> get_vector(std::span<const std::byte>& from) {
    std::vector<T> v(get_size(from, sizeof(T)));
    get(from, v.data(), v.size());
    return v;
}

struct Encode {
    std::vector<std::byte>& to;
    void operator()(std::monostate) const {}
    void operator()(bool v) const { to.push_back(std::byte(v)); }
    void operator()(std::int64_t v) const { put(to, &v, 1); }
    void operator()(double v) const { put(to, &v, 1); }
    void operator()(std::complex<double> v) const { put(to, &v, 1); }
    void operator()(const std::string& v) const {
        put_size(to, v.size());
        put(to, v.data(), v.size());
    }
    template <class T>
    void operator()(const std::vector<T>& v) const {
        put_size(to, v.size());
        put(to, v.data(), v.size());
    }
    void operator()(const Value::List& v) const {
        put_size(to, v.size());
        for (const Value& e : v) e.encode(to);
    }
    void operator()(const Value::Map& v) const {
        put_size(to, v.size());
        for (const auto& [key, e] : v) {
            (*this)(key);
            e.encode(to);
        }
    }
};

}  // namespace

void Value::wrong_kind() const {
    throw std::invalid_argument(fmt::format("a value of another kind was expected, got {} ({})", json(), kind()));
}

double Value::real() const {
    if (const auto* i = std::get_if<std::int64_t>(&data_)) return double(*i);
    return as<double>();
}

std::int64_t Value::integer() const {
    if (const auto* d = std::get_if<double>(&data_); d != nullptr && *d == std::floor(*d) && std::abs(*d) < 0x1p63)
        return std::int64_t(*d);
    return as<std::int64_t>();
}

Value::List& Value::list() {
    if (is_null()) data_ = List{};
    if (!is<List>()) wrong_kind();
    return std::get<List>(data_);
}
Value::Map& Value::map() {
    if (is_null()) data_ = Map{};
    if (!is<Map>()) wrong_kind();
    return std::get<Map>(data_);
}

const Value* Value::find(std::string_view key) const {
    const Map* m = std::get_if<Map>(&data_);
    if (m == nullptr) return nullptr;
    const auto it = m->find(key);
    return it == m->end() ? nullptr : &it->second;
}

const Value& Value::at(std::string_view key) const {
    if (const Value* v = find(key)) return *v;
    throw std::invalid_argument(fmt::format("a value lacks the entry {}", key));
}

Value& Value::operator[](const std::string& key) { return map()[key]; }

std::string_view Value::kind() const { return data_.index() < kinds.size() ? kinds[data_.index()] : "map"; }

std::string Value::json() const {
    struct Visit : WriteJson {
        using WriteJson::operator();
        void operator()(const List& v) const {
            list(v, [&](const Value& e) { std::visit(*this, e.data_); });
        }
        void operator()(const Map& v) const {
            to += '{';
            for (auto e = v.begin(); e != v.end(); ++e) {
                if (e != v.begin()) to += ',';
                (*this)(e->first);
                to += ':';
                std::visit(*this, e->second.data_);
            }
            to += '}';
        }
    };
    std::string text;
    text.reserve(256);
    std::visit(Visit{{text}}, data_);
    return text;
}

Value Value::from_json(std::string_view text) {
    if (const std::size_t depth = json_depth(text); depth > deepest_json)
        throw std::invalid_argument(
            fmt::format("{} lists and objects within each other, at most {} are read", depth, deepest_json));
    try {
        return from_json_value(nlohmann::json::parse(text));
    } catch (const nlohmann::json::exception& e) { throw std::invalid_argument(e.what()); }
}

void Value::encode(std::vector<std::byte>& to) const {
    to.push_back(std::byte(data_.index()));
    std::visit(Encode{to}, data_);
}

std::vector<std::byte> Value::encode() const {
    std::vector<std::byte> out;
    encode(out);
    return out;
}

Value Value::decode(std::span<const std::byte>& from) {
    std::byte index{};
    get(from, &index, 1);
    const auto one = [&]<class T>(T v) -> Value {
        get(from, &v, 1);
        return v;
    };
    const auto text = [&] {
        const auto chars = get_vector<char>(from);
        return std::string(chars.begin(), chars.end());
    };
    switch (int(index)) {
        case 0:
            return {};
        case 1: {
            std::byte b{};
            get(from, &b, 1);
            return b != std::byte(0);
        }
        case 2:
            return one(std::int64_t{});
        case 3:
            return one(double{});
        case 4:
            return one(std::complex<double>{});
        case 5:
            return text();
        case 6:
            return get_vector<std::byte>(from);
        case 7:
            return get_vector<f32>(from);
        case 8:
            return get_vector<f64>(from);
        case 9:
            return get_vector<std::int64_t>(from);
        case 10:
            return get_vector<cf32>(from);
        case 11: {
            List list(get_size(from, 1));
            for (Value& e : list) e = decode(from);
            return list;
        }
        case 12: {
            Map map;
            for (std::size_t n = get_size(from, 1); n > 0; --n) {
                std::string key = text();
                map.emplace(std::move(key), decode(from));
            }
            return map;
        }
        default:
            throw std::invalid_argument("bytes that are no value");
    }
}

}  // namespace flowspan
