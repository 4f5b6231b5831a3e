// The file of the control socket: made so that nobody else can connect and no two runs get the same one.
#pragma once

#include <sys/types.h>

#include <string>

namespace flowspan::run {

/// A listening Unix-domain socket with a path of its own, mode 0600 from its first instant. A socket that a run left behind is
/// replaced; who holds the lock file `.NAME.lock` beside it, which the system releases with the process, may do so.
class ControlListener {
public:
    /// Throws Refused (key `--control`) when the path is too long, in no folder, or not free; Failure when the system refuses.
    explicit ControlListener(std::string path);
    /// Takes the socket and the lock file away.
    ~ControlListener();
    ControlListener(const ControlListener&) = delete;
    ControlListener& operator=(const ControlListener&) = delete;

    int descriptor() const { return listener_; }
    /// The next connection, which neither blocks nor is inherited by other programs; -1 when there is none.
    int accept() const;

private:
    void lock();
    void listen();
    void release();
    std::string path_, lock_path_;
    int lock_ = -1, listener_ = -1;
    dev_t device_ = 0;  // of the file that was made here: only that one is removed
    ino_t inode_ = 0;
};

/// Process and user at the other end of a connection; no user at all when the system does not tell.
struct Peer {
    pid_t process = 0;
    uid_t user = uid_t(-1);
};
Peer peer_of(int descriptor);

}  // namespace flowspan::run
