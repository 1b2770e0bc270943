// What a listener knows of each TCP connection it accepted, whether it speaks HTTP still or WebSocket already: its file
// descriptor, its place in the count, and its link in the list of the thread that it lives on. The list's thread only,
// except ConnectionCount.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/metrics.hpp"

namespace net {

// An open file descriptor that belongs to nobody else: how a connection travels between threads.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// How many connections a listener has, over all its threads.
class ConnectionCount {
 public:
  // One connection's share of the count; it travels with the connection.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&&) noexcept = default;
    Slot& operator=(Slot&& other) noexcept {
      std::swap(count_, other.count_);
      return *this;
    }
    ~Slot() {
      if (!count_) return;
      count_->taken_.fetch_sub(1, std::memory_order_relaxed);
      base::metrics::add(base::metrics::Gauge::http_connections, -1);
    }

   private:
    friend ConnectionCount;
    explicit Slot(std::shared_ptr<ConnectionCount> count) noexcept : count_(std::move(count)) {}
    std::shared_ptr<ConnectionCount> count_;
  };

  explicit ConnectionCount(std::size_t connections_max) noexcept : connections_max_(connections_max) {}

  // Nothing where the maximum is reached.
  [[nodiscard]] static std::optional<Slot> take(const std::shared_ptr<ConnectionCount>& count) noexcept {
    if (count->taken_.fetch_add(1, std::memory_order_relaxed) >= count->connections_max_) {
      count->taken_.fetch_sub(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    base::metrics::add(base::metrics::Gauge::http_connections, 1);
    return Slot(count);
  }

 private:
  std::atomic<std::size_t> taken_{0};
  std::size_t connections_max_;
};

// The connections of one thread, linked through themselves: a list costs an idle connection two pointers.
class ConnectionList {
 public:
  class Member {
   public:
    Member() = default;
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    // Closes the TCP connection now.
    virtual void close_now() = 0;
    // The listener accepts no more: closes the connection if nothing is under way on it, else as soon as that has
    // ended.
    virtual void close_when_idle() = 0;

   protected:
    virtual ~Member() { unlink(); }
    // Null once its last owner has let go.
    [[nodiscard]] virtual std::shared_ptr<Member> share() noexcept = 0;
    void unlink() noexcept {
      if (!next_) return;
      previous_->next_ = next_;
      next_->previous_ = previous_;
      previous_ = next_ = nullptr;
    }

   private:
    friend ConnectionList;
    Member* previous_ = nullptr;
    Member* next_ = nullptr;
  };

  ConnectionList() { ends_.previous_ = ends_.next_ = &ends_; }
  ~ConnectionList() {
    while (ends_.next_ != &ends_) ends_.next_->unlink();
  }
  ConnectionList(const ConnectionList&) = delete;
  ConnectionList& operator=(const ConnectionList&) = delete;

  // The member leaves the list by itself.
  void add(Member& member) noexcept {
    member.previous_ = ends_.previous_;
    member.next_ = &ends_;
    member.previous_->next_ = &member;
    ends_.previous_ = &member;
  }
  // All members, held, so that closing one may end others.
  [[nodiscard]] std::vector<std::shared_ptr<Member>> members() const {
    std::vector<std::shared_ptr<Member>> all;
    for (auto* each = ends_.next_; each != &ends_; each = each->next_) {
      if (auto member = each->share()) all.push_back(std::move(member));
    }
    return all;
  }

 private:
  struct Ends final : Member {
    ~Ends() override { previous_ = next_ = nullptr; }
    void close_now() override {}
    void close_when_idle() override {}
    [[nodiscard]] std::shared_ptr<Member> share() noexcept override { return nullptr; }
  };
  Ends ends_;
};

}  // namespace net
