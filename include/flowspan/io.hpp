// Files, as blocks see them. No block touches a file in `work`: jobs go to the rank's I/O thread.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace flowspan {

/// Something that has begun and is not finished: an I/O job, a device event, a request. Polled by the loop.
class Pending {
public:
    virtual ~Pending() = default;
    /// True once it is finished. Throws what went wrong.
    virtual bool ready() = 0;
};

/// What `Block::step` returns: done, or the token that says when it will be.
struct [[nodiscard]] Step {
    std::shared_ptr<Pending> token;
    static Step done() { return {}; }
};

/// A file that a sink makes. It is written under a temporary name in the folder of its final one and takes that name only
/// when the whole run has ended well. All calls but `holds` are made on the I/O thread.
class Product {
public:
    virtual ~Product() = default;
    /// The name it is published under.
    virtual const std::string& path() const = 0;
    /// The name to write to. Equals path() for what exists and is no regular file (/dev/null).
    virtual const std::string& part() const = 0;
    /// What it holds, for the last lines of a run and its report, before `complete`: so many `what` ("samples", "spectra",
    /// "rows", "messages"), and how long they last where they have a rate.
    virtual void holds(std::uint64_t items, const std::string& what, std::optional<double> seconds = std::nullopt) = 0;
    /// Whether the run wants the XXH3-128 of its bytes. Who writes them in order may say it by `hashed`, 32 digits, before
    /// `complete`, which else reads the file.
    virtual bool wants_hash() const = 0;
    virtual void hashed(const std::string& xxh3_128) = 0;
    /// The content is complete and the file closed: makes it durable (fsync) and reports its size. Throws Failure.
    virtual void complete() = 0;
};

/// A rank's I/O: one thread that does all file work, in the order of submission.
class Io {
public:
    virtual ~Io() = default;
    /// Runs `job` on the I/O thread. What it throws comes out of the token's ready(). Blocks never wait for it.
    virtual Step submit(std::function<void()> job) = 0;
    /// Announces a product that the block has declared (`products`, `product_patterns`), from `prepare` or while it runs. Makes
    /// missing folders and the temporary name; opens nothing. Throws Failure.
    virtual std::shared_ptr<Product> product(const std::string& path) = 0;
    /// The same for one block of the graph: its number stands in temporary names.
    virtual Io& of_block(int number) {
        (void)number;
        return *this;
    }
};

/// A POSIX descriptor; every call checks and throws Failure naming the path.
class File {
public:
    File() = default;
    static File open_to_read(const std::string& path);
    /// Creates or truncates (what is no regular file is opened as it is). `shown` is the name for messages: a product's
    /// final name rather than its temporary one.
    static File create(const std::string& path, const std::string& shown = {});
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();
    explicit operator bool() const { return descriptor_ >= 0; }
    const std::string& path() const { return path_; }
    std::uint64_t size() const;
    /// Reads exactly to.size() bytes at `offset`; a shorter file is a Failure ("… ends at byte N, expected M").
    void read(std::uint64_t offset, std::span<std::byte> to) const;
    /// Writes at `offset`, appending order not needed.
    void write(std::uint64_t offset, std::span<const std::byte> from) const;
    /// Writes at the end (also to pipes and devices).
    void append(std::span<const std::byte> from) const;
    /// Asks the file system for the room that this many bytes will take; the size stays. A file system that cannot, or has no
    /// such room, is left to say so when it is written to.
    void reserve(std::uint64_t bytes) const;
    /// Cuts the file off after this many bytes, and gives back what was reserved beyond.
    void truncate(std::uint64_t bytes) const;
    void close();

private:
    File(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
    std::string path_;
    int descriptor_ = -1;
};

}  // namespace flowspan
