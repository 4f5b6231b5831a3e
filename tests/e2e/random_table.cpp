// Blocks of one input and one output of which the generator needs to know no more than a line says, and pairs of them.
#include "random_maker.hpp"

#include <cctype>

namespace random_graph {
namespace {

/// In values: <3..9> an integer from 3 to 9, a|b|c one of these.
struct Row {
    const char* type;
    Settings settings;
    char takes;                                    // 'c', 'r' or '*'
    char gives = '=';                              // 'c', 'r' or what it takes
    const char *up = "", *down = "";               // names of parameters, or numbers
    bool rate = false, moves = false, any = true;  // needs a rate; another centre or length; only where nothing is joined
    std::uint64_t spread = 1;
    const char* says = "";
};

const std::vector<Row>& rows() {
    static const std::vector<Row> all{
        {"abs", {}, 'r'},
        {"add_const", {{"constant", "0.<1..99>"}}, '*', '=', "", "", false, false, false},
        {"agc", {{"kind", "rms|peak|feedforward"}, {"rate", "0.0<1..9>"}}, '*', '=', "", "", false, false, false},
        {"cic", {{"decimation", "<2..9>"}, {"stages", "<1..4>"}}, '*', '=', "", "decimation"},
        {"complex_to", {{"part", "real|imag|magnitude|power|phase"}}, 'c', 'r'},
        {"conjugate", {}, 'c'},
        {"correlate",
         {{"sequence", "[1, 1, -1]"}, {"threshold", "0.<5..9>"}},
         'c',
         '=',
         "",
         "",
         false,
         false,
         true,
         1,
         "peaks"},
        {"dc_blocker", {{"length", "<2..200>"}}, '*', '=', "", "", false, false, false},
        {"delay", {{"samples", "<0..3000>"}}, '*', '=', "", "", false, true},
        {"half_band", {}, '*', '=', "", "2"},
        {"hilbert", {{"taps_count", "3|31|65|101"}}, 'r', 'c'},
        {"iir_filter", {{"sections", "[0.0675, 0.1349, 0.0675, 1, -1.143, 0.4128]"}}, '*', '=', "", "", false, false, false},
        {"integrate", {{"n", "<2..11>"}}, '*', '=', "", "n"},
        {"keep_m_in_n", {{"m", "<1..4>"}, {"n", "<5..9>"}, {"offset", "<0..3>"}}, '*', '=', "m", "n", false, false, true, 9},
        {"keep_one_in_n", {{"n", "<2..11>"}}, '*', '=', "", "n"},
        {"log10", {}, 'r'},
        {"moving_average", {{"n", "<1..300>"}}, '*', '=', "", "", false, false, false},
        {"pipe", {{"command", "[cat]"}}, '*'},
        {"pll", {{"output", "carrier|reference"}, {"loop_bandwidth", "<1..90> Hz"}}, 'c', '=', "", "", true},
        {"repeat", {{"n", "<2..4>"}}, '*', '=', "n", ""},
        {"rotate", {{"frequency", "<1..400> Hz"}}, 'c', '=', "", "", true, true},
        {"single_pole", {{"alpha", "0.<1..9>"}}, '*', '=', "", "", false, false, false},
        {"squelch", {{"threshold", "-<1..40> dB"}, {"alpha", "0.0<1..9>"}}, '*', '=', "", "", false, false, false},
        {"threshold", {{"high", "0.<1..9>"}}, 'r'},
    };
    return all;
}

}  // namespace

std::string Maker::drawn(const std::string& pattern) {
    if (pattern.find('|') != std::string::npos) {
        std::vector<std::string> choices{""};
        for (const char c : pattern)
            if (c == '|')
                choices.emplace_back();
            else
                choices.back().push_back(c);
        return random_.of(choices);
    }
    const std::size_t open = pattern.find('<'), dots = pattern.find(".."), close = pattern.find('>');
    if (open == std::string::npos) return pattern;
    return pattern.substr(0, open) +
           std::to_string(random_.from(std::stoull(pattern.substr(open + 1)), std::stoull(pattern.substr(dots + 2)))) +
           pattern.substr(close + 1);
}

// `plain`: what leaves rate, length, kind and centre as they are.
Stream Maker::of_table(const Stream& s, bool plain) {
    for (int tries = 0; tries < 20; ++tries) {
        const Row& row = random_.of(rows());
        const char own = s.kind == Kind::complex ? 'c' : 'r';
        if ((row.takes != '*' && row.takes != own) || (row.rate && s.rate == 0) || (plain && row.any)) continue;
        Settings settings;
        for (const Setting& setting : row.settings) settings.add(setting.key, drawn(setting.value));
        const auto number = [&](const std::string& name) -> std::uint64_t {
            if (name.empty()) return 1;
            if (std::isdigit(name[0]) != 0) return std::stoull(name);
            for (const Setting& setting : settings)
                if (setting.key == name) return std::stoull(setting.value);
            return 1;
        };
        const std::uint64_t up = number(row.up), down = number(row.down);
        if (!can_slow_down(s, down) || s.items * double(up) > most_items * double(down) || s.rate * up > 2000000000) continue;
        Stream out = through(s, row.type, row.type, settings, *row.says != '\0');
        if (*row.says != '\0') speaks(s, out.block, row.says);
        if (row.gives != '=') out.kind = row.gives == 'c' ? Kind::complex : Kind::real;
        if (out.kind == Kind::real) out.centre = false;
        if (row.moves) out.centre = own == 'c';
        if (std::string(row.type) == "delay") out.items += 3000;
        out.spread *= row.spread;
        return up == 1 && down == 1 ? out : resampled(out, up, down);
    }
    return copied(s);
}

/// Apart and together again, or into items of several samples and back.
Stream Maker::there_and_back(const Stream& s) {
    const std::uint64_t n = random_.from(1, 5);
    const std::string count = std::to_string(n);
    const auto numbered = [](const char* port, std::uint64_t k) { return port + ("[" + std::to_string(k) + "]"); };
    switch (random_.below(s.kind == Kind::complex && !s.integer ? 4 : 3)) {
        case 0: {
            Stream items = through(s, "group", "stream_to_vector", {{"size", count}});
            items.integer = s.integer;
            Stream out = through(items, "ungroup", "vector_to_stream", {});
            out.integer = s.integer;
            return out;
        }
        case 1: {
            if (!can_slow_down(s, n)) return copied(s);
            const std::size_t apart = add("apart", "deinterleave", {{"outputs", count}}, {});
            connect(s, apart);
            const std::size_t join = add("together", "interleave", {{"inputs", count}});
            for (std::uint64_t k = 0; k < n; ++k) {
                Stream part = resampled(next(s, apart), 1, n);
                part.integer = s.integer;
                part.port = numbered("out", k);
                connect(part, join, numbered("in", k));
            }
            Stream out = next(s, join);
            out.integer = s.integer;
            return out;
        }
        case 2: {
            const std::size_t join = add("select", "selector", {{"inputs", "2"}, {"selected", "1"}});
            connect(s, join, "in[0]");
            connect(s.integer ? s : of_table(s, true), join, "in[1]");
            changes(s, join, "selected", [&] { return std::to_string(random_.below(2)); });
            Stream out = next(s, join);
            out.integer = s.integer;
            return out;
        }
        default: {
            const std::size_t apart = add("parts", "complex_to_float", {}, {"re", "im"});
            connect(s, apart);
            const std::size_t join = add("whole", "float_to_complex", {});
            for (const char* port : {"re", "im"}) {
                Stream part = next(s, apart);
                part.kind = Kind::real;
                part.port = port;
                connect(part, join, port);
            }
            Stream out = next(s, join);
            out.centre = false;
            return out;
        }
    }
}

}  // namespace random_graph
