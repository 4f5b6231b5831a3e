// Mutations of every shipped graph and of every wrong file: each is read, or refused with mistakes that have a place and a
// text. FLOWSPAN_FUZZ_ROUNDS=1000 and FLOWSPAN_FUZZ_SEED=7 make it a thousand times as long, with other mutations.
#include "fake_catalog.hpp"
#include "meaning.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace flowspan::graph {
namespace {

int setting(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
}

/// The types that the shipped graphs use, too.
class WideCatalog final : public test::FakeCatalog {
public:
    WideCatalog() {
        const auto flow = [&](const std::string& name, std::vector<ParameterDeclaration> parameters) {
            add(name, std::move(parameters), {in("in"), out("out")});
        };
        const auto words = [](const std::string& name) { return list(name, ParameterKind::strings); };
        const auto any_text = [](const std::string& name) {
            auto one = base(name, ParameterKind::string, {});
            one.optional = true;
            return one;
        };
        auto recording = base("recording", ParameterKind::input_path, {});
        recording.optional = true;
        const auto path = base("path", ParameterKind::product_path, {});
        add("signal_source",
            {text("kind", {"tone", "noise", "chirp"}), any_text("datatype"), any_text("datetime"),
             optional_real("sample_rate", hertz, 1e-3), optional_real("center_frequency", hertz, 0),
             list("tones", ParameterKind::reals), real("amplitude", no_unit, 1), real("frequency", hertz, 0),
             real("sweep", hertz, 0), real("sweep_time", second, 1), real("on_start", second, 0), real("on_time", second, 1),
             real("on_period", second, 1), integer("seed", 0, 0), integer("length", 0, 0), words("notes"),
             text("waveform", {"cosine", "square"}), optional_real("duration", second, 0)},
            {out("out")});
        flow("deemphasis", {real("tau", second, 5e-5)});
        flow("fm_modulator", {real("deviation", hertz, 5e3), real("amplitude", no_unit, 1)});
        flow("frequency_translate", {real("shift", hertz, 0), integer("decimation", 1, 1), list("taps", ParameterKind::reals),
                                     optional_real("cutoff", hertz, 0)});
        flow("rational_resampler", {optional_real("output_rate", hertz, 1e-3), optional_real("cutoff", hertz, 0),
                                    optional_real("transition", hertz, 0)});
        flow("multiply_const", {base("constant", ParameterKind::complex, {})});
        flow("convert", {text("to", {"ci16", "ci8", "cu8"})});
        add("streams_to_vector", {integer("inputs", 2, 1), any_text("axis")},
            {{"in", true, false, false, true, 0}, out("out")});
        add("vector_to_streams", {required_integer("outputs", 1)}, {in("in"), {"out", false, false, true, true, 0}});
        flow("psd", {integer("size", 1024, 2), real("overlap", no_unit, 0.5), integer("average", 0, 0)});
        for (const char* sink : {"file_sink", "hdf5_sink"})
            add(sink, {path, boolean("checksum", false), any_text("description")}, {in("in")});
        add("waterfall_png", {path, any_text("title"), integer("memory", 1 << 20, 1, byte)}, {in("in")});
        add("sigmf_annotations", {path, recording, any_text("label")}, {{"in", true, true, false, false, 1}});
        add("adsb_decoder", {real("threshold", decibel, 0), boolean("known_addresses", false)},
            {in("in"), {"messages", false, true, true, false, 1}});
        add("burst_detector",
            {real("threshold", decibel, 10), integer("frame", 256, 1), optional_real("minimum_duration", second, 0)},
            {in("in"),
             {"out", false, false, true, false, 1},
             {"detections", false, true, true, false, 1},
             {"control", true, true, true, false, 1}});
    }
};

struct Recordings final : test::FakeOutside {
    SourceFacts facts_of(const FlatBlock&, Diagnostics&) override { return {3.2e6, 100e6, 800000}; }
};

std::string content_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::vector<std::string> graphs_in(const std::string& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(FLOWSPAN_SOURCE_DIR + folder))
        if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> texts;
    for (const auto& path : paths) texts.push_back(content_of(path));
    return texts;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines(1);
    for (const char c : text) {
        if (c == '\n')
            lines.emplace_back();
        else
            lines.back() += c;
    }
    return lines;
}

class Fuzzer {
public:
    Fuzzer() {
        for (const auto& entry : std::filesystem::directory_iterator(FLOWSPAN_SOURCE_DIR "/tests/unit/graph/wrong/lib"))
            outside_->files["lib/" + entry.path().filename().string()] = content_of(entry.path());
        for (const auto& entry : std::filesystem::directory_iterator(FLOWSPAN_SOURCE_DIR "/configs/groups"))
            outside_->files["groups/" + entry.path().filename().string()] = content_of(entry.path());
    }

    /// Reads the text; whether it is a graph. What is wrong with the outcome is a failure of the test.
    bool read(const std::string& text) {
        try {
            const FlowgraphSpec spec = graph_of(text);
            expect_flat_form(spec, text);
            return true;
        } catch (const Refused& refused) {
            EXPECT_FALSE(refused.diagnostics().empty()) << text;
            for (const Diagnostic& one : refused.diagnostics()) expect_good(one, text);
        } catch (const std::exception& other) { ADD_FAILURE() << other.what() << "\n" << text; }
        return false;
    }

private:
    FlowgraphSpec graph_of(const std::string& text) {
        ReadOptions options;
        options.outside = outside_;
        WideCatalog catalog;
        return read_flowgraph(text, "graph.yaml", options, catalog);
    }
    static FlowgraphSpec with_absolute_paths(FlowgraphSpec spec) {
        for (FlatBlock& block : spec.blocks)
            for (auto& [name, value] : block.settings)
                if (value.is_path && !value.text.empty())
                    value.text = std::filesystem::absolute(value.text).lexically_normal().string();
        return spec;
    }
    void expect_flat_form(const FlowgraphSpec& spec, const std::string& text) {
        if (spec.blocks.size() > 300) return;
        const std::string flat = to_yaml(spec);
        const std::string meant = test::meaning(with_absolute_paths(spec));
        try {
            const FlowgraphSpec again = graph_of(flat);
            EXPECT_EQ(test::meaning(again), meant) << text;
            EXPECT_EQ(to_yaml(again), flat) << text;
        } catch (const Refused& refused) { ADD_FAILURE() << refused.what() << "\n" << flat << "\n" << text; }
    }
    void expect_good(const Diagnostic& one, const std::string& text) {
        EXPECT_FALSE(one.expected.empty()) << one.text() << "\n" << text;
        const auto file = outside_->files.find(one.at.file);
        EXPECT_TRUE(one.at.file == "graph.yaml" || file != outside_->files.end()) << one.text() << "\n" << text;
        const auto lines = lines_of(file == outside_->files.end() ? text : file->second);
        ASSERT_GE(one.at.line, 1) << one.text() << "\n" << text;
        ASSERT_LE(std::size_t(one.at.line), lines.size()) << one.text() << "\n" << text;
        EXPECT_GE(one.at.column, 1) << one.text() << "\n" << text;
        EXPECT_LE(std::size_t(one.at.column), lines[std::size_t(one.at.line - 1)].size() + 1) << one.text() << "\n" << text;
    }

    std::shared_ptr<Recordings> outside_ = std::make_shared<Recordings>();
};

class Mutations {
public:
    Mutations(std::vector<std::string> good, std::vector<std::string> wrong)
        : good_(std::move(good)), wrong_(std::move(wrong)) {}

    std::string next() {
        std::string text = any_text();
        for (std::size_t k = 1 + below(3) * below(2); k > 0; --k) mutate(text);
        return text;
    }

private:
    std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all[below(all.size())];
    }

    const std::string& any_text() { return one_of(below(3) == 0 ? wrong_ : good_); }
    void mutate(std::string& text) {
        switch (below(6)) {
            case 0:
                return change_bytes(text);
            case 1:
            case 2:
                return change_lines(text);
            case 3:
            case 4:
                return change_word(text);
            default:
                return splice(text);
        }
    }
    void change_bytes(std::string& text) {
        static const std::string marks = "[]{}:,-*&!$.\"'#\n\t\r %@`|>?()/0123456789az\\\xc3\xa4\xff\x01";
        const std::size_t at = below(text.size() + 1);
        switch (below(3)) {
            case 0:
                text.erase(at, 1 + below(5));
                break;
            case 1:
                text.insert(at, 1, marks[below(marks.size())]);
                break;
            default:
                if (at < text.size()) text[at] = marks[below(marks.size())];
        }
    }
    void change_lines(std::string& text) {
        auto lines = lines_of(text);
        const std::size_t a = below(lines.size()), b = below(lines.size());
        switch (below(4)) {
            case 0:
                lines.erase(lines.begin() + std::ptrdiff_t(a));
                break;
            case 1:
                lines.insert(lines.begin() + std::ptrdiff_t(b), lines[a]);
                break;
            case 2:
                std::swap(lines[a], lines[b]);
                break;
            default:
                lines[a] = "  " + lines[a];
        }
        text = joined_lines(lines);
    }
    /// Replaces a word by something nasty, or by another word of the text.
    void change_word(std::string& text) {
        static const std::vector<std::string> nasty{"",
                                                    "~",
                                                    "null",
                                                    "-1",
                                                    "0",
                                                    "-0",
                                                    "1e308",
                                                    "1e309",
                                                    "-1e-320",
                                                    "99999999999999999999",
                                                    "0x10",
                                                    "010",
                                                    "nan",
                                                    "inf",
                                                    "true",
                                                    "yes",
                                                    "${",
                                                    "$",
                                                    "$$",
                                                    "${a",
                                                    "$a.b",
                                                    "$index",
                                                    "${index}",
                                                    "$env.HOME",
                                                    "$env.NONE",
                                                    "$source.length",
                                                    "\"[*]\"",
                                                    "*",
                                                    "&a",
                                                    "!t",
                                                    "<<",
                                                    "{}",
                                                    "[]",
                                                    "[[]]",
                                                    "[1, 2]",
                                                    "{a: 1}",
                                                    "x[0-4294967295]",
                                                    "x[4294967295]",
                                                    "x[-1]",
                                                    "x[1-0]",
                                                    "x[]",
                                                    "[*]",
                                                    "[0]",
                                                    "[0-2]",
                                                    "a -> b",
                                                    "->",
                                                    "in",
                                                    "out",
                                                    "in[*]",
                                                    "\xff",
                                                    "é",
                                                    "\"\\0\"",
                                                    "\"\\n\"",
                                                    "'a\n  b'",
                                                    "((((((((",
                                                    "1 / 0",
                                                    "1 % 0",
                                                    "-$a",
                                                    "200 kHz + 3 s",
                                                    "min()",
                                                    "min(1,",
                                                    "log2(0)",
                                                    "1e300 * 1e300",
                                                    "a.b.c.d",
                                                    "_",
                                                    ":",
                                                    ": ",
                                                    "- -",
                                                    "'",
                                                    "\"",
                                                    "#",
                                                    "@",
                                                    "`",
                                                    "%",
                                                    "|",
                                                    ">",
                                                    "? x",
                                                    "---",
                                                    "...",
                                                    "{index}",
                                                    "{",
                                                    "}",
                                                    "{{",
                                                    "copies",
                                                    "group",
                                                    "type",
                                                    "65537",
                                                    "7",
                                                    "2.5",
                                                    "1 ..",
                                                    ".. 2",
                                                    "auto",
                                                    "0-1",
                                                    "1,2",
                                                    std::string(5000, 'a'),
                                                    std::string(300, '('),
                                                    std::string(300, '[')};
        std::vector<std::pair<std::size_t, std::size_t>> words;
        for (std::size_t i = 0; i < text.size();) {
            std::size_t end = i;
            while (end < text.size() && std::string_view(" \n\t,:{}[]\"'").find(text[end]) == std::string_view::npos) ++end;
            if (end > i) words.emplace_back(i, end - i);
            i = end + 1;
        }
        if (words.empty()) return;
        const auto [at, size] = one_of(words);
        const auto [other, other_size] = one_of(words);
        text.replace(at, size, below(3) == 0 ? text.substr(other, other_size) : one_of(nasty));
    }
    /// The beginning of this text and the end of another.
    void splice(std::string& text) {
        auto first = lines_of(text), second = lines_of(any_text());
        first.resize(below(first.size() + 1));
        first.insert(first.end(), second.begin() + std::ptrdiff_t(below(second.size())), second.end());
        text = joined_lines(first);
    }
    static std::string joined_lines(const std::vector<std::string>& lines) {
        std::string text;
        for (std::size_t i = 0; i < lines.size(); ++i) text += (i == 0 ? "" : "\n") + lines[i];
        return text;
    }

    std::vector<std::string> good_, wrong_;
    std::mt19937_64 random_{std::uint64_t(setting("FLOWSPAN_FUZZ_SEED", 5))};
};

/// Whether the fake catalog has all block types of a graph and of what it includes. (tests/e2e/graphs runs all.)
bool is_of_known_blocks(const std::string& text) {
    const WideCatalog catalog;
    constexpr std::string_view key = "type: ";
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
        const std::size_t begin = at + key.size();
        if (!catalog.has(text.substr(begin, text.find_first_of(",} \n", begin) - begin))) return false;
    }
    constexpr std::string_view include = "include: ";
    const std::size_t at = text.find(include);
    if (at == std::string::npos) return true;
    const std::size_t begin = at + include.size();
    return is_of_known_blocks(content_of(FLOWSPAN_SOURCE_DIR "/configs/" + text.substr(begin, text.find('\n', begin) - begin)));
}

TEST(Fuzz, TheShippedGraphsThemselvesAreRead) {
    Fuzzer fuzzer;
    int read = 0;
    for (const std::string& text : graphs_in("/configs")) {
        if (!is_of_known_blocks(text)) continue;
        EXPECT_TRUE(fuzzer.read(text)) << text;
        ++read;
    }
    EXPECT_GE(read, 8);
}

TEST(Fuzz, MutatedGraphsAreReadOrRefusedWithPlaceAndText) {
    auto good = graphs_in("/configs");
    ASSERT_GE(good.size(), 8u);
    for (std::string& text : good)  // many copies take time and show nothing more
        for (std::size_t at; (at = text.find("256,")) != std::string::npos;) text.replace(at, 4, "5,");
    Fuzzer fuzzer;
    Mutations mutations(good, graphs_in("/tests/unit/graph/wrong"));
    int graphs = 0;
    for (int i = 0; i < 6000 * setting("FLOWSPAN_FUZZ_ROUNDS", 1) && !testing::Test::HasFailure(); ++i)
        graphs += fuzzer.read(mutations.next()) ? 1 : 0;
    EXPECT_GT(graphs, 100);
}

}  // namespace
}  // namespace flowspan::graph
