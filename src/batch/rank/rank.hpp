// One rank of a batch that is open: its loop, and who is still there.
#pragma once

#include "batch/chief/service.hpp"
#include "batch/crew/crew.hpp"
#include "batch/crew/teams.hpp"
#include "batch/offer/offers.hpp"
#include "batch/rank/late_plugins.hpp"
#include "batch/rank/settings.hpp"
#include "batch/see/live.hpp"
#include "batch/worker/nursery/nursery.hpp"
#include "comm/communicator.hpp"
#include "core/process/alive.hpp"
#include "io/publish/product.hpp"

#include <flowspan/registry.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace flowspan::batch {

class ByTeam;

/// Attends its thread while this computes a unit: messages, files and signs of life go on.
class Rank final : private Attendant {
public:
    struct Place {
        comm::Communicator& communicator;
        const Registry& registry;
        Nursery* nursery;  // null: ranks compute units themselves
        const BatchSettings& settings;
        const BatchHooks& hooks;
        BatchRequest& request;
        std::vector<std::string> hosts;  // by rank
        std::vector<int> pids;           // by rank
        int team = 1;                    // ranks
        std::string log;                 // the name of the file of what units say here
        std::set<int> apart{};           // ranks whose hosts do not see OUT
        std::string own{};               // of such a rank: where its products are made
        std::string stage{};             // where copies of recordings are made; "" nowhere
        std::vector<Offered> offered{};  // by rank, where graphs require something
    };
    /// `opened`: rank 0's; `last`: on its I/O thread, once all is written. Collective.
    Rank(Place place, Opened* opened, std::function<void(const Chief&)> last);
    ~Rank() override;

    /// Until all is over. Throws Failure, ToldToLeave.
    void run();
    const Chief& chief() const { return *chief_; }

private:
    using Clock = std::chrono::steady_clock;
    void make_computing();
    void make_chief(Opened& opened, std::function<void(const Chief&)> last);
    void make_service();
    void log(const std::string& run, const run::LogLine& line);
    Added add(const MoreUnits& more);
    void refresh(const std::vector<std::string>& files);
    bool next(run::ControlMessage& message);
    void load_what_arrived();
    void look_live(Clock::time_point now);
    void look() override;
    /// All but units.
    void serve();
    void say(const std::string& line) const;
    void hear();
    void look_at_signals();
    void told_to_leave();
    void signs_of_life();
    /// "rank 2 (node7, process 4711)", of this host.
    std::string name_of(int rank) const;
    bool is_gone(int rank) const;
    [[noreturn]] void lose(const std::vector<int>& ranks, const std::string& why);
    [[noreturn]] void leave(const std::string& line);

    Place p_;
    Teams teams_;
    io::Publisher none_;  // a rank makes no products itself
    io::Thread io_;
    run::ControlStar star_;
    LatePlugins late_;
    std::deque<run::ControlMessage> held_;  // until these are here
    std::unique_ptr<comm::Communicator> team_;
    std::unique_ptr<Computing> computing_;
    ByTeam* by_team_ = nullptr;  // the same, where it is one
    std::unique_ptr<Crew> crew_;
    std::unique_ptr<Chief> chief_;
    std::unique_ptr<Live> live_;
    std::unique_ptr<BatchService> service_;
    Opened* opened_;
    std::vector<Clock::time_point> heard_;
    std::vector<bool> here_;  // by rank: its process can be seen
    Clock::time_point last_sign_ = Clock::now(), last_look_ = Clock::now();
    std::optional<Clock::time_point> told_;
    run::LogBook book_;
    Attendant* before_ = nullptr;
    bool stop_sent_ = false;
};

}  // namespace flowspan::batch
