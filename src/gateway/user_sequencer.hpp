// Puts one user's durable events into order. Writers commit on different connections, so the news of positions 10 and
// 11 may come as 11, 10; sockets must see them strictly ascending and once. Between Notifier::publish() and the
// sockets; one for each user with a socket on this node, on the user's home thread. Pure: no I/O, no timers; the caller
// brings the time and the pages.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "engineio/packet.hpp"
#include "messaging/notifier.hpp"
#include "messaging/repositories.hpp"

namespace gateway {

class UserSequencer {
 public:
  // How long an event waits for the positions before it. They are in commits that are under way now; one that takes
  // longer costs a read of the table, not order.
  static constexpr base::milliseconds hold_max{50};
  // Beyond this the held events are let go and read from the table instead.
  static constexpr std::size_t held_events_max = 1024;
  // How long a message of the user's own that was read from the table waits for its publication by this node, which
  // knows the device that sent it: that device has it as its ack's answer. A commit that takes longer, or that was
  // another node's, is told to all.
  static constexpr base::milliseconds own_message_wait{500};
  // After a read that failed, or that left a gap.
  static constexpr base::milliseconds repair_pause{1'000};

  struct Item {
    messaging::Position position = 0;
    // One of both: the event itself, or how another node has written it already.
    std::shared_ptr<const messaging::Event> event;
    engineio::OutboundMessage packet;
    // When it was published on this node or came to it; unset for events that were read from the table.
    base::SteadyTime known_at{};
    // The device that is not told; empty: none. Not known for events that were read from the table.
    messaging::DeviceId except;
  };
  using Items = std::vector<Item>;

  // All of them append to `out` what may be told now, ascending by position, each position at most once.

  // The feed's head, read after this sequencer was there to hold what is published: everything above it is told.
  void start(messaging::Position head, base::SteadyTime now, Items& out);
  void offer(Item item, base::SteadyTime now, Items& out);
  // The answer to begin_repair(): a page of `user`'s feed since the position that it returned.
  void repaired(const messaging::UserId& user, messaging::FeedPage page, base::SteadyTime now, Items& out);

  void repair_failed(base::SteadyTime now);
  // The feed's head, as the tables have it: what lies above last() and does not come by itself is to be read. False
  // where nothing is missing.
  bool learn_head(messaging::Position head, base::SteadyTime now) noexcept;
  // When the table must be read; nothing where no position is missing, or a read is under way.
  [[nodiscard]] std::optional<base::SteadyTime> repair_due() const noexcept { return repair_due_; }
  // The position to read from. Precondition: repair_due().
  [[nodiscard]] messaging::Position begin_repair() noexcept;

  [[nodiscard]] bool is_started() const noexcept { return state_ != State::unstarted; }
  // The last position that was told. Precondition: is_started().
  [[nodiscard]] messaging::Position last() const noexcept { return last_; }

 private:
  enum class State : std::uint8_t { unstarted, in_order, gap, repairing };

  void hold(Item item);
  [[nodiscard]] std::optional<Item> take_held(messaging::Position position);
  void advance(base::SteadyTime now, Items& out);
  void open_gap(base::SteadyTime now) noexcept;

  messaging::Position last_ = 0;
  // The highest position that is known to be taken; above last_ there is a gap.
  messaging::Position seen_ = 0;
  Items held_;  // ascending, all above last_
  std::optional<base::SteadyTime> repair_due_;
  // When the gap opened that stands now.
  base::SteadyTime gap_since_{};
  State state_ = State::unstarted;
};

}  // namespace gateway
