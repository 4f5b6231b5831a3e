// The two forms of a list; `read_list` chooses.
#pragma once

#include "batch/units/lists/list.hpp"

namespace flowspan::batch {

/// Reads lines and says what is wrong with them.
class ListReader {
public:
    ListReader(const ListText& list, const Elsewhere& elsewhere, Diagnostics& found)
        : list_(list), elsewhere_(elsewhere), found_(found), before_(found.size()) {}

    void csv(const std::function<void(ListedUnit&&)>& take);
    void json_lines(const std::function<void(ListedUnit&&)>& take);

private:
    std::vector<std::string> header(Csv& rows);
    bool fill(const std::vector<std::string>& names, std::vector<Csv::Cell>& row, ListedUnit& to);
    bool json_line(std::string_view line, const TextPlace& at, ListedUnit& to);
    bool set(const std::string& name, std::string value, const TextPlace& at, ListedUnit& to);
    bool may_be_here(const std::string& name, const TextPlace& at);
    bool mistake(const TextPlace& at, const std::string& key, std::string expected, std::string got, std::string hint = {});
    bool enough() const { return found_.size() - before_ >= most_list_mistakes; }

    const ListText& list_;
    const Elsewhere& elsewhere_;
    Diagnostics& found_;
    std::size_t before_;
};

/// A key of a JSON object and its value, as they stand in its line; begins count in bytes.
struct JsonMember {
    std::string key;
    std::string_view value;
    std::size_t key_begin = 0, value_begin = 0;
};
/// Of an object that is right JSON.
std::vector<JsonMember> members_of_json(std::string_view object);

}  // namespace flowspan::batch
