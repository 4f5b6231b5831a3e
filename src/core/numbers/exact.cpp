#include "core/numbers/exact.hpp"

namespace flowspan {
namespace {

std::int64_t integer_at(const Value& value, std::size_t k) {
    if (value.is<Value::Integers>()) return value.as<Value::Integers>().at(k);
    return value.list().at(k).integer();  // has been JSON
}

}  // namespace

Value exact_value(const Rational& number) { return Value::Integers{number.numerator(), number.denominator()}; }

Value exact_value(const Time& time) {
    return Value::Integers{time.whole(), time.fraction().numerator(), time.fraction().denominator()};
}

Rational rational_from(const Value& value) { return {integer_at(value, 0), integer_at(value, 1)}; }

Time time_from(const Value& value) { return {integer_at(value, 0), Rational(integer_at(value, 1), integer_at(value, 2))}; }

}  // namespace flowspan
