// What `flowspan ctl` asks a batch for.
#pragma once

#include "cli/control/control_client.hpp"

#include <functional>

#include <CLI/CLI.hpp>

namespace flowspan::cli {

/// Adds `units add|cancel|list` and `workers refresh`. `talk`: connects, runs, and keeps the exit code.
void add_batch_commands(CLI::App& ctl, const std::function<void(const std::function<int(ControlClient&)>&)>& talk,
                        const std::function<ControlClient::Seconds()>& patience, const bool& json);
/// What a batch answers to `status`, for people.
std::string batch_status_text(const Value& status);

}  // namespace flowspan::cli
