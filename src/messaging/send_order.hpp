// Keeps the sends of one device in the order in which they came. What stands before the commit may wait (a header that
// is not cached, a decision that has to be fetched), and waits of different length must not turn messages round: a
// client sends its whole offline buffer at once. Only the way to the repository is gone one after the other, not the
// commit. One thread; lives with its connection.
#pragma once

#include <list>
#include <utility>

#include "base/executor.hpp"
#include "base/task.hpp"

namespace messaging {

class SendOrder {
 public:
  // Held by the send whose turn it is. Give it up before the call that submits to the repository, in the same turn of
  // the loop: the next send is resumed after that.
  class Turn {
   public:
    explicit Turn(SendOrder& order) noexcept : order_(&order) {}
    Turn(Turn&& other) noexcept : order_(std::exchange(other.order_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() { give_up(); }
    void give_up() {
      if (auto* order = std::exchange(order_, nullptr)) order->pass_on();
    }

   private:
    SendOrder* order_;
  };

  SendOrder() = default;
  SendOrder(const SendOrder&) = delete;
  SendOrder& operator=(const SendOrder&) = delete;

  // Resumes when every send that came before has given up its turn. How many can wait is bounded by the events that a
  // connection may have in flight.
  base::Task<Turn> take_turn() {
    if (is_taken_) {
      static_cast<void>(
          co_await base::async<bool>([this](base::Completion<bool> mine) { waiting_.push_back(std::move(mine)); }));
    }
    is_taken_ = true;
    co_return Turn(*this);
  }

 private:
  void pass_on() {
    if (waiting_.empty()) {
      is_taken_ = false;
      return;
    }
    // It stays taken: what comes in between stands behind those that wait.
    base::Executor::current().post([next = std::move(waiting_.front())]() mutable { next(true); });
    waiting_.pop_front();
  }

  bool is_taken_ = false;
  std::list<base::Completion<bool>> waiting_;
};

}  // namespace messaging
