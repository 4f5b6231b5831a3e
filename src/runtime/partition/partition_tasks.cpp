#include "runtime/partition/partition_tasks.hpp"

#include "core/mistakes/collect.hpp"
#include "core/process/alive.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <random>

namespace flowspan::runtime {
namespace {

ChunkLimit make_limit(const LoopOptions& options, int block) {
    if (options.chunk_seed == 0 && options.max_chunk == 0) return {};
    if (options.chunk_seed == 0) return [most = options.max_chunk](std::size_t n) { return std::min(n, most); };
    auto random = std::make_shared<std::mt19937_64>(options.chunk_seed * 1000003 + std::uint64_t(block));
    const std::size_t most = options.max_chunk == 0 ? SIZE_MAX : options.max_chunk;
    return [random, most](std::size_t n) {
        n = std::min(n, most);
        // Often one item or all, else anything: boundaries hide at both ends.
        switch ((*random)() % 4) {
            case 0:
                return std::size_t(1);
            case 1:
                return n;
            default:
                return std::size_t(1 + (*random)() % n);
        }
    };
}

}  // namespace

PartitionTasks::PartitionTasks(Flowgraph& graph, const partition::Plan& plan, comm::Communicator& communicator, Io& io,
                               const LoopOptions& options)
    : graph_(graph),
      plan_(plan),
      communicator_(communicator),
      io_(io),
      options_(options),
      rank_(communicator.rank()),
      channels_(communicator, options.epoch),
      wire_of_output_(graph.outputs().size(), nullptr),
      task_of_block_(std::size_t(graph.size()), nullptr) {
    clock_.observer = options.observer;
    channels_.watch(options.observer);
    if (const int device = plan.device_of_rank[std::size_t(rank_)]; device >= 0)
        device_ = std::make_unique<RankDevice>(device, options.patience_s);
    make_buffers();
    make_transfers(false);
    make_conversions();
    make_transfers(true);
    make_blocks();
    if (device_ != nullptr) order_by_queue();
    share_memory();
    make_stream_links();
    make_messages();
    place_tasks();
}

PartitionTasks::~PartitionTasks() = default;

// Receivers, then blocks along the streams with the conversions and transfers of their outputs, then senders: one pass moves
// samples from one end of the partition to the other.
void PartitionTasks::place_tasks() {
    for (auto& r : stream_receivers_) tasks_.push_back(r.get());
    for (auto& r : message_receivers_) tasks_.push_back(r.get());
    std::map<const Task*, std::vector<Task*>> by_writer;
    for (auto& b : owned_betweens_) by_writer[b.task->ins[0].wire->writer].push_back(b.task.get());
    const std::function<void(const Task*)> behind = [&](const Task* writer) {
        const auto own = by_writer.find(writer);
        if (own == by_writer.end()) return;
        for (Task* task : own->second) {
            tasks_.push_back(task);
            behind(task);
        }
    };
    const auto first = std::ptrdiff_t(tasks_.size());
    for (auto& r : stream_receivers_) behind(r.get());
    for (BlockTask* b : block_tasks_) {
        tasks_.push_back(b);
        behind(b);
    }
    if (device_ != nullptr) order_by_level(first);
    for (auto& s : stream_senders_) tasks_.push_back(s.get());
    for (auto& s : message_senders_) tasks_.push_back(s.get());
    ready_.resize(tasks_.size());
    for (std::size_t k = 0; k < tasks_.size(); ++k) {
        tasks_[k]->place(ready_, k);
        tasks_[k]->wake();
        block_at_.push_back(dynamic_cast<BlockTask*>(tasks_[k]));
    }
    unfinished_at_.assign(tasks_.size(), unfinished_.end());
    looked_at_ = unfinished_.end();
}

// Blocks on a device by how many others lie before them: those of a level work at unconnected data, and their launches become
// one. (The tasks from `first` on are in topological order.)
void PartitionTasks::order_by_level(std::ptrdiff_t first) {
    std::map<const Task*, int> level;
    const auto begin = tasks_.begin() + first;
    for (auto task = begin; task != tasks_.end(); ++task) {
        int& own = level[*task];
        if (const auto* block = dynamic_cast<const BlockTask*>(*task))
            for (const In& in : block->ins)
                if (const auto before = level.find(in.wire->writer); before != level.end())
                    own = std::max(own, before->second + 1);
    }
    std::stable_sort(begin, tasks_.end(), [&](const Task* a, const Task* b) { return level.at(a) < level.at(b); });
}

void PartitionTasks::prepare() {
    Diagnostics found;
    const auto prepare_one = [&](BlockTask& task, std::uint64_t first, std::uint64_t quantum, bool on_device, bool alone) {
        still_here();
        const Beginning beginning{.first_index = first,
                                  .quantum = quantum,
                                  .limit = make_limit(options_, task.number()),
                                  .clock = &clock_,
                                  .device = on_device ? device_.get() : nullptr,
                                  .alone = alone,
                                  .within = options_.begin};
        collect(found, [&] { task.named([&] { task.prepare(beginning); }); });
    };  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the std::function within `beginning` frees what it holds
    for (auto& b : owned_betweens_)
        prepare_one(*b.task, b.task->ins[0].reader->index(), b.task->outs[0].wire->quantum, b.on_device,
                    b.task->ins[0].wire->on_device || b.task->outs[0].wire->on_device);
    for (BlockTask* task : block_tasks_) {
        std::uint64_t quantum = UINT64_MAX, first = 0;
        for (const auto& out : task->outs) {
            if (out.wire != nullptr) quantum = std::min(quantum, out.wire->quantum);
        }
        if (!task->ins.empty()) {
            first = task->ins[0].reader->index();
            if (quantum == UINT64_MAX) quantum = std::max<std::uint64_t>(task->ins[0].wire->quantum, 1);
        } else if (!task->outs.empty()) {
            first = Access::first_index(*task->outs[0].port);
        }
        prepare_one(*task, first, std::max(quantum, task->block().declared().ratio.grid), is_on_device(task->number()), false);
    }
    if (found.empty()) schedule_changes(found);
    if (!found.empty()) throw Refused(std::move(found));
    for (auto& b : owned_betweens_) b.task->find_followers();
    for (BlockTask* task : block_tasks_) task->find_followers();
    for (auto& b : owned_betweens_) b.task->look_at_chain();
    for (BlockTask* task : block_tasks_) task->look_at_chain();
}

void PartitionTasks::schedule_changes(Diagnostics& found) {
    for (const graph::ScheduledChange& change : graph_.spec().schedule) {
        for (const int number : change.blocks) {
            BlockTask* task = task_of_block_[std::size_t(number)];
            if (task == nullptr) continue;
            const Ask ask{change.command ? Ask::What::call : Ask::What::set, change.name, change.value, change.when};
            if (const std::string refusal = task->schedule(ask); !refusal.empty())
                found.push_back({change.at, change.key, "a change that can be made", refusal, "", {}});
        }
    }
}

void PartitionTasks::open() {
    channels_.open();
    for (auto& r : stream_receivers_) r->open();
}

bool PartitionTasks::turn() {
    bool any = channels_.progress();
    const bool came = device_ != nullptr && !aborted_ && device_->poll();
    any |= came;
    if (came)
        for (BlockTask* task : unfinished_) task->wake();  // those of one turn go on together
    else if (!aborted_)
        look_at_unfinished();
    clock_.begin();
    ready_.pass([&](std::size_t position) {
        BlockTask* block = block_at_[position];
        if (block == nullptr) {
            any |= tasks_[position]->run();
            clock_.begin();
            return;
        }
        if (aborted_) return;
        bool moved = false;
        block->named([&] { moved = block->run(); });
        any |= moved;
        if (block->is_on_device())
            clock_.begin();  // what it takes is time of the device
        else
            clock_.ended(block->statistics(), block->is_watched());
        watch(position, moved);
    });
    if (device_ != nullptr && !aborted_) device_->record();
    if (!any && !aborted_) {
        for (auto& s : stream_senders_) any |= s->pump(true);
    }
    if (any) ++activity_;
    return any;
}

// Steps mostly finish in the order in which they began, as files are written: of many the oldest are looked at each time, and
// all others now and then.
void PartitionTasks::look_at_unfinished() {
    constexpr std::size_t at_a_time = 64;
    auto oldest = unfinished_.begin();
    for (std::size_t k = 0; k < at_a_time && oldest != unfinished_.end(); ++k, ++oldest) (*oldest)->wake();
    for (std::size_t k = 0; k < at_a_time && oldest != unfinished_.end(); ++k) {
        if (looked_at_ == unfinished_.end()) looked_at_ = unfinished_.begin();
        (*looked_at_++)->wake();
    }
}

/// After a run, in which it has moved or not.
void PartitionTasks::watch(std::size_t position, bool moved) {
    auto& at = unfinished_at_[position];
    const bool listed = at != unfinished_.end();
    const bool pending = block_at_[position]->has_pending();
    if (listed && pending && !moved) return;
    if (listed) {
        if (looked_at_ == at) ++looked_at_;
        no_longer_.splice(no_longer_.end(), unfinished_, at);
        at = unfinished_.end();
    }
    if (!pending) return;
    if (no_longer_.empty()) no_longer_.emplace_back();
    at = no_longer_.begin();
    *at = block_at_[position];
    unfinished_.splice(unfinished_.end(), no_longer_, at);
}

bool PartitionTasks::finished() const {
    const bool blocks = std::all_of(block_tasks_.begin(), block_tasks_.end(), [](const BlockTask* t) { return t->finished(); });
    return blocks && !device_works() && (!channels_.used() || channels_.closed());
}

bool PartitionTasks::pending() const {
    return device_works() ||
           std::any_of(unfinished_.begin(), unfinished_.end(), [](const BlockTask* t) { return t->has_pending(); });
}

void PartitionTasks::stop_sources() {
    for (BlockTask* t : block_tasks_) {
        stopped_held_ = stopped_held_ || t->waiting() == Wait::held;
        t->release();
        if (t->is_source()) t->stop();
    }
}

bool PartitionTasks::stopped_short() const {
    return stopped_held_ ||
           std::any_of(block_tasks_.begin(), block_tasks_.end(), [](const BlockTask* t) { return t->stopped_short(); });
}

void PartitionTasks::let_go(int block) {
    for (BlockTask* t : block_tasks_)
        if (t->number() == block) t->let_go();
}

void PartitionTasks::abort() {
    if (aborted_) return;
    aborted_ = true;
    for (auto& s : stream_senders_) s->abort();
    for (auto& s : message_senders_) s->abort();
    for (auto& r : stream_receivers_) r->abort();
    for (auto& r : message_receivers_) r->abort();
}

}  // namespace flowspan::runtime
