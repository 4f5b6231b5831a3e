#include "run/star/closing.hpp"

#include "io/claim/folder.hpp"
#include "io/record/recover.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace flowspan::run {

bool Closing::has_ended() {
    if (!job_ || (job_->token != nullptr && !job_->token->ready())) return false;
    job_.reset();
    return true;
}

void Closing::add(const std::vector<io::Publisher::Entry>& products) {
    made_.insert(made_.end(), products.begin(), products.end());
}

bool Closing::decide(bool partial) {
    stage_ = Stage::deciding;
    if (made_.empty()) return false;
    job_ = submit_([this, partial] {
        if (!partial) return commit_.write(made_);
        std::vector<std::string> paths;
        for (const auto& product : made_)
            if (!product.in_place) paths.push_back(product.path);
        partial_ = io::next_partial(paths);
    });
    return true;
}

void Closing::could_not_rename(std::vector<io::Unpublished> left) {
    for (auto& l : left) left_.push_back(std::move(l));
}

void Closing::finish() {
    stage_ = Stage::finishing;
    job_ = submit_([this] { warnings_ = commit_.finish(left_); });
}

void Closing::roll_forward() {
    stage_ = Stage::rolling;
    job_ = submit_([this] {
        left_ = commit_.roll_forward();
        rolled_ = true;
    });
}

/// Whether the job is over by then, if there is one.
bool Closing::waits(std::chrono::steady_clock::time_point until) {
    while (job_) {
        try {
            if (has_ended()) return true;
        } catch (const std::exception&) { job_.reset(); }  // what it has not done is seen below
        if (job_ && std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

std::string Closing::settle(std::chrono::milliseconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    if (!waits(until))
        return fmt::format("whether its products are published is not known: `flowspan recover{}` says", folders_text());
    if (durable()) {
        if (stage_ != Stage::over && !rolled_) roll_forward();
        if (!waits(until) || (stage_ != Stage::over && !rolled_))
            return fmt::format("the products had been committed: `flowspan recover{}` publishes what has no name yet",
                               folders_text());
        return left_.empty() ? io::all_published : unpublished_text();
    }
    if (partial_ > 0) return keep_partial();
    return "nothing is published";
}

std::string Closing::keep_partial() {
    std::string why;
    try {
        io::keep_partial(made_, partial_);
    } catch (const Failure& e) { why = fmt::format("; {}", e.what()); }
    return fmt::format("the run had been stopped, and what it made is kept as {}{}", io::partial_path("NAME.EXT", partial_),
                       why);
}

std::string Closing::folders_text() const {
    std::set<std::string> folders;
    for (const auto& product : made_)
        if (!product.in_place) folders.insert(io::folder_of(product.path));
    return folders.empty() ? " FOLDER" : fmt::format(" {}", fmt::join(folders, " "));
}

std::string Closing::unpublished_text() const {
    constexpr std::size_t shown = 3;
    const bool one = left_.size() == 1;
    std::string what, folders;
    std::set<std::string> records;
    for (std::size_t k = 0; k < left_.size(); ++k) {
        if (k < shown) what += fmt::format("{}{}: {}", k > 0 ? "; " : "", left_[k].path, left_[k].why);
        if (records.insert(commit_.record_of(left_[k].path)).second) folders += " " + io::folder_of(left_[k].path);
    }
    if (left_.size() > shown) what += fmt::format("; and {} more", left_.size() - shown);
    const auto all = std::size_t(std::count_if(made_.begin(), made_.end(), [](const auto& p) { return !p.in_place; }));
    const std::size_t others = all - std::min(all, left_.size());
    return fmt::format(
        "cannot publish {}; {}{} keep{} {}: mend that, then `flowspan recover{}` or the next run that writes there publishes "
        "{}",
        what,
        others == 0   ? ""
        : others == 1 ? "the other product is published; "
                      : fmt::format("the other {} products are published; ", others),
        fmt::join(records, ", "), records.size() == 1 ? "s" : "", one ? "it" : "them", folders, one ? "it" : "them");
}

std::map<std::string, io::Publisher::Entry> Closing::named(bool failed) const {
    std::map<std::string, io::Publisher::Entry> named;
    const bool all = stage_ == Stage::over && (!failed || durable());
    std::set<std::string> left;
    for (const auto& l : left_) left.insert(l.path);
    for (const auto& e : made_)
        if (e.in_place || (all && !left.contains(e.path)))
            named[partial_ > 0 && !e.in_place ? io::partial_path(e.path, partial_) : e.path] = e;
    return named;
}

}  // namespace flowspan::run
