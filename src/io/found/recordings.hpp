// From words to recordings: files, folders, patterns, lists of words, SigMF collections.
#pragma once

#include "io/found/tree.hpp"

#include <flowspan/diagnostic.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace flowspan::io {

/// Without `.`, `..` and doubled slashes, from where the process is; links stay as they are written (but for those before a
/// `..`).
std::string absolute_path(const std::string& path);

/// A word as a person wrote it.
struct Word {
    std::string text;
    Position at{};         // where it stands in a file
    std::string folder{};  // that it is relative to; "" that of the process
};

/// What words lead to. A mistake is appended to `found`, a word that leads to nothing too.
class Finder {
public:
    explicit Finder(Diagnostics& found, Depth depth = Depth::below) : found_(found), depth_(depth) {}

    /// What a word leads to, the same file perhaps twice. Absolute paths.
    std::vector<Candidate> look(const Word& word);
    /// What the root must hold: of a word that is a folder itself, of a pattern its fixed part, of a file the folder it lies
    /// in.
    const std::set<std::string>& folders() const { return folders_; }
    const PassedOver& passed() const { return passed_; }

private:
    void file(const Word& word, const std::string& path, const FileKey& key, std::vector<Candidate>& to);
    void data_of_sigmf(const Word& word, const std::string& path, std::vector<Candidate>& to);
    void folder(const Word& word, const std::string& path, std::vector<Candidate>& to);
    void pattern(const Word& word, std::vector<Candidate>& to);
    void list(const Word& word, std::vector<Candidate>& to);
    void collection(const Word& word, const std::string& path, std::vector<Candidate>& to);
    void lead_to_nothing(const Word& word, std::string expected, const std::string& path);
    void mistake(const Word& word, std::string expected, std::string got, std::string hint = {});
    std::string near(const std::string& path);

    Diagnostics& found_;
    Depth depth_;
    PassedOver passed_;
    std::set<std::string> folders_, lists_;
    int hints_ = 0;
};

/// The members of a SigMF collection (`core:streams`), each the absolute path of its header. Missing ones and those whose
/// SHA-512 is another are mistakes.
std::vector<std::string> members_of(const std::string& collection, Diagnostics& found);

/// The recordings that words lead to, each once.
struct Recordings {
    std::vector<std::string> paths;  // absolute; in the order of the words, within folders bytewise
    std::set<std::string> folders;   // as `Finder::folders`
    std::vector<std::string> notes;  // what was passed over, what was named twice
};
Recordings find_recordings(const std::vector<std::string>& words, Diagnostics& found, Depth depth = Depth::below);

}  // namespace flowspan::io
