// One rank's partition: its blocks, buffers, queues and ends of links, made from the described graph and the plan.
#pragma once

#include "partition/plan.hpp"
#include "runtime/device/rank_device.hpp"
#include "runtime/flowgraph/flowgraph.hpp"
#include "runtime/links/channels.hpp"
#include "runtime/links/links.hpp"
#include "runtime/task/block_task.hpp"

#include <cstdint>
#include <exception>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace flowspan::runtime {

struct LoopOptions {
    std::uint64_t chunk_seed = 0;  // not 0: calls of random size, for tests
    std::size_t max_chunk = 0;     // not 0: no call makes more items (grid blocks stay whole)
    std::uint32_t epoch = 0;
    bool seam = false;                        // sources end by SEAM: what they make is a segment of a longer stream
    std::optional<std::uint64_t> begin = {};  // and they begin at this index, within a stretch
    Observer* observer = nullptr;             // sees calls, waits and links
    double patience_s = 60;                   // a device that says nothing for half of it has failed
    bool hash_inputs = false;                 // sources say what they have read: a hash of each file that was read whole
};

/// The tasks of one rank, and their turns. Knows nothing of control, signals or reports.
class PartitionTasks {
public:
    PartitionTasks(Flowgraph& graph, const partition::Plan& plan, comm::Communicator& communicator, Io& io,
                   const LoopOptions& options);
    ~PartitionTasks();

    /// prepare() of all own blocks; collects every refusal. Throws Refused, or BlockFailure for what failed otherwise.
    void prepare();
    /// Opens the links. After all ranks have agreed that they are prepared.
    void open();
    /// One pass over what is ready, links included. True when something was done. Throws BlockFailure.
    bool turn();
    /// Every block has ended and every link is closed both ways.
    bool finished() const;
    /// What its blocks on a device have been given has not all been done.
    bool device_works() const { return device_ != nullptr && device_->is_busy(); }
    /// nullptr: it has no blocks on one.
    const RankDevice* device() const { return device_.get(); }
    /// Whether something has begun that the I/O thread will finish.
    bool pending() const;
    bool links_open() const { return channels_.used() && !channels_.closed(); }
    /// Takes back posted receives, after finished().
    void close() { channels_.close(); }
    /// All sources end at their present index.
    void stop_sources();
    /// After it: whether that has changed what the run makes.
    bool stopped_short() const;
    /// Nothing that this block makes can be seen any more.
    void let_go(int block);
    /// Nothing runs any more; links close with END{aborted}. `turn` then serves the links until links_open() is false.
    void abort();

    std::vector<BlockTask*>& blocks() { return block_tasks_; }
    /// The task of a block of the graph; nullptr: it runs on another rank.
    BlockTask* task_of(int block) { return task_of_block_[std::size_t(block)]; }
    const std::vector<BlockTask*>& blocks() const { return block_tasks_; }
    const Channels& channels() const { return channels_; }
    std::uint64_t buffer_bytes() const { return buffer_bytes_; }
    std::uint64_t device_bytes() const { return device_bytes_; }
    /// A number that changes whenever anything moves.
    std::uint64_t activity() const { return activity_; }
    /// Adds idle time to the blocks that wait.
    void account_idle(double seconds);
    /// Who waits for whom on this rank, a line each.
    std::vector<std::string> stall_report() const;
    /// Edges on the wait-for graph: block -> (block, what), for finding a cycle over all ranks.
    struct WaitEdge {
        int from, to;
        std::string why;
    };
    std::vector<WaitEdge> wait_edges() const;

private:
    Wire& make_wire(int output, std::shared_ptr<const memory::RingMemory> ring, const StreamDescription& description,
                    std::uint64_t quantum, Wire* memory_of = nullptr, bool on_device = false);
    std::shared_ptr<const memory::RingMemory> make_ring(int output, std::size_t bytes, bool on_device, bool copied_to = false);
    void make_buffers();
    void share_memory();
    void make_conversions();
    void make_conversion(const partition::Conversion& conversion);
    void make_transfers(bool of_converted);
    void make_transfer(const partition::Transfer& transfer);
    void put_between(Wire& from, Wire& to, std::unique_ptr<Block> block, bool on_device);
    void pad_buffers();
    void make_blocks();
    void make_stream_links();
    void order_by_queue();
    void make_messages();
    void place_tasks();
    void order_by_level(std::ptrdiff_t first);
    void look_at_unfinished();
    void watch(std::size_t position, bool moved);
    void schedule_changes(Diagnostics& found);
    void wishes_for_samples(const BlockTask& task, std::vector<WaitEdge>& edges) const;
    /// Blocks that read an output, on any rank, and the last buffer in the memory of another; found for the first that asks.
    struct Readers {
        std::vector<std::vector<int>> of_output;
        std::map<const Wire*, const Wire*> last_in_memory;
    };
    Readers find_readers() const;
    void wishes_for_room(int from, const Wire& head, Readers& known, std::vector<WaitEdge>& edges) const;
    Wire* wire_for(int output, bool on_device, SampleType converted_to);
    bool is_on_device(int block) const { return plan_.on_device[std::size_t(block)]; }

    Flowgraph& graph_;
    const partition::Plan& plan_;
    comm::Communicator& communicator_;
    Io& io_;
    LoopOptions options_;
    int rank_;
    Channels channels_;
    CallClock clock_;
    ReadyList ready_;
    std::vector<Task*> tasks_;
    std::unique_ptr<RankDevice> device_;  // nullptr: none of its blocks is on one; before the wires, whose rings it made
    std::vector<BlockTask*> block_at_;    // by position; nullptr: the end of a link
    std::vector<std::unique_ptr<Wire>> wires_;
    std::vector<Wire*> wire_of_output_;
    std::map<std::tuple<int, bool, SampleType>, Wire*>
        others_;  // transferred or converted, by output, whether on the device, and type
    struct Between {
        std::unique_ptr<BlockTask> task;
        bool on_device = false;  // a conversion there
    };
    std::vector<std::unique_ptr<BlockTask>> owned_blocks_;
    std::vector<Between> owned_betweens_;    // conversions and transfers; those that read others come behind them
    std::vector<BlockTask*> block_tasks_;    // the graph's own blocks, in topological order
    std::vector<BlockTask*> task_of_block_;  // by block number; nullptr: on another rank
    std::vector<std::unique_ptr<StreamSender>> stream_senders_;
    std::vector<std::unique_ptr<StreamReceiver>> stream_receivers_;
    std::vector<std::unique_ptr<MessageQueue>> queues_;
    std::vector<std::unique_ptr<MessageSender>> message_senders_;
    std::vector<std::unique_ptr<MessageReceiver>> message_receivers_;
    std::list<BlockTask*> unfinished_;                            // with steps under way, the oldest steps first
    std::list<BlockTask*> no_longer_;                             // places of that list that are free: it allocates no others
    std::vector<std::list<BlockTask*>::iterator> unfinished_at_;  // by position; the end: it has none
    std::list<BlockTask*>::iterator looked_at_;                   // of many, up to which they have been looked at in turn
    std::uint64_t buffer_bytes_ = 0, device_bytes_ = 0, activity_ = 0;
    bool stopped_held_ = false;  // a stop has released a block that was held
    bool aborted_ = false;
};

}  // namespace flowspan::runtime
