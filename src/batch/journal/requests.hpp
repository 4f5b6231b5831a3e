// What people ask of a batch from any host that sees OUT: files in OUT/.flowspan/requests.
#pragma once

#include "batch/journal/lines/line.hpp"

#include <flowspan/value.hpp>

#include <string>
#include <vector>

namespace flowspan::batch {

struct Request {
    std::string name;  // of its file
    Value content;
};

/// Leaves a request, durably and all at once; returns its name. Throws Failure, also where OUT holds no batch.
std::string put_request(const std::string& out, const Value& content);

/// All that are whole, at most some thousands, by the time that stands in their names: that of the host that asked. The files
/// stay until they are removed: who writes the name of a request into the journal, with what it does about it, first, loses
/// none, and does none twice (`History::has_answered`). What is no request is left alone. Throws Failure where the folder
/// cannot be read.
std::vector<Request> read_requests(const std::string& out, Troubles& troubles);
/// Removes those; one that is gone is no mistake. Throws Failure.
void remove_requests(const std::string& out, const std::vector<std::string>& names);

}  // namespace flowspan::batch
