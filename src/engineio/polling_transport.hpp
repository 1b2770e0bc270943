// What HTTP long-polling needs to carry a session: packets that wait for the next poll, and the poll that is parked
// until there is one. Exists only while its session is on polling. Its session's thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engineio/packet.hpp"
#include "engineio/reply.hpp"

namespace engineio {

class PollingTransport {
 public:
  void enqueue(const OutboundMessage& message);
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return queued_bytes_; }
  [[nodiscard]] bool has_packets() const noexcept { return !queue_.empty(); }
  // Leaves the queue empty.
  [[nodiscard]] std::vector<OutboundMessage> take_packets();

  [[nodiscard]] bool has_poll() const noexcept { return poll_.has_value(); }
  // Precondition: !has_poll().
  void park(Reply poll) { poll_ = std::move(poll); }
  // The client gave it up.
  void forget_poll() noexcept { poll_.reset(); }
  // Answers the parked poll with what is queued. One answer may pass `payload_bytes_max` by one packet; what is left
  // waits for the next poll. Precondition: has_poll() and has_packets().
  void answer(std::size_t payload_bytes_max);

 private:
  std::optional<Reply> poll_;
  std::vector<OutboundMessage> queue_;
  std::size_t queued_bytes_ = 0;
};

}  // namespace engineio
