#include "redis/request_link.hpp"

#include <utility>

#include "redis/resp_command.hpp"

namespace redis {

RequestLink::RequestLink(const LinkContext& context, Endpoint endpoint, RequestLinkObserver& observer)
    : observer_(observer), link_(context, std::move(endpoint), Link::Kind::answering, *this) {}

void RequestLink::close() {
  link_.close();
  hand_back();
}

void RequestLink::send(Request request) {
  if (request.is_asking) {
    link_.send(encode_command({"ASKING"}) + request.bytes, 2);
  } else {
    link_.send(request.bytes);
  }
  ++sent_;
  unanswered_.push_back(std::move(request));
}

void RequestLink::on_link_down() {
  hand_back();
  observer_.on_link_state(*this, false);
}

void RequestLink::hand_back() {
  for (auto& request : std::exchange(unanswered_, {})) observer_.on_unanswered(std::move(request));
}

void RequestLink::on_link_reply(Reply& reply) {
  if (std::exchange(unanswered_.front().is_asking, false)) return;
  auto request = std::move(unanswered_.front());
  unanswered_.pop_front();
  observer_.on_answer(*this, std::move(request), reply);
}

}  // namespace redis
