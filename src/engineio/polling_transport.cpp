#include "engineio/polling_transport.hpp"

#include <algorithm>
#include <utility>

namespace engineio {

void PollingTransport::enqueue(const OutboundMessage& message) {
  queue_.push_back(message);
  queued_bytes_ += message.payload_size();
}

std::vector<OutboundMessage> PollingTransport::take_packets() {
  queued_bytes_ = 0;
  return std::exchange(queue_, {});
}

void PollingTransport::answer(std::size_t payload_bytes_max) {
  std::string payload;
  payload.reserve(std::min(queued_bytes_ + queue_.size(), payload_bytes_max));
  auto next = queue_.begin();
  std::size_t taken_bytes = 0;
  do {
    if (next != queue_.begin()) payload += record_separator;
    taken_bytes += next->payload_size();
    next->append_to_payload(payload);
    ++next;
  } while (next != queue_.end() && payload.size() < payload_bytes_max);
  queue_.erase(queue_.begin(), next);
  if (queue_.empty()) queue_.shrink_to_fit();
  queued_bytes_ -= taken_bytes;
  // The poll is let go of first: answering it may bring in the client's next one.
  Reply poll = std::move(*poll_);
  poll_.reset();
  poll.payload(std::move(payload));
}

}  // namespace engineio
