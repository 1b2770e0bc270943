// The part of Router that keeps its links: which nodes there are, and whether they are there.
#include <algorithm>
#include <utility>

#include "redis/resp_command.hpp"
#include "redis/router.hpp"

namespace redis {
namespace {

// Nodes that do not agree on a slot do not lead to a flood of questions.
constexpr base::milliseconds refresh_pause{50};
// While a node is away: its replica may have taken over.
constexpr base::milliseconds refresh_interval{500};

}  // namespace

RequestLink* Router::find_link(const Endpoint& endpoint) {
  const auto found = std::ranges::find(links_, endpoint, [](const auto& link) { return link->endpoint(); });
  return found == links_.end() ? nullptr : found->get();
}

RequestLink& Router::ensure_link(const Endpoint& endpoint) {
  if (auto* const link = find_link(endpoint)) return *link;
  auto& link =
      *links_.emplace_back(std::make_unique<RequestLink>(context_, endpoint, static_cast<RequestLinkObserver&>(*this)));
  link.open();
  return link;
}

RequestLink* Router::any_link() {
  if (auto* const link = find_link(any_); link != nullptr && link->is_up()) return link;
  const auto up = std::ranges::find_if(links_, [](const auto& link) { return link->is_up(); });
  if (up == links_.end()) return nullptr;
  any_ = (*up)->endpoint();
  return up->get();
}

std::vector<Endpoint> Router::masters() const {
  if (!context_.options.is_cluster) return {context_.options.endpoints.front()};
  return slots_.masters();
}

void Router::send_to(const Endpoint& master, Request request) {
  request.deadline = context_.clock.steady_now() + reply_time_max;
  auto& link = ensure_link(master);
  if (!link.is_up()) return fail(std::move(request), base::Errc::storage_unavailable, "the link is down");
  link.send(std::move(request));
}

void Router::on_link_state(RequestLink& link, bool is_up) {
  if (is_up) {
    if (context_.options.is_cluster && slots_.masters().empty()) ask_slots();
    dispatch_waiting();
  } else {
    lower_barriers(link);
    refresh_slots();
    // Perhaps every node has another address now: then only those that were configured lead to them.
    if (any_link() == nullptr) start();
  }
  update_state();
}

void Router::on_link_failed(const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  failure_ = sentence;
}

std::string Router::failure() const {
  const std::lock_guard lock(mutex_);
  return is_up_ ? std::string() : failure_;
}

void Router::update_state() {
  if (is_ended_) return;
  const auto wanted = masters();
  const bool is_up = !wanted.empty() && std::ranges::all_of(wanted, [this](const auto& master) {
    const auto* const link = find_link(master);
    return link != nullptr && link->is_up();
  });
  if (is_up_.exchange(is_up) != is_up) observer_.on_router_link(is_up);
}

void Router::refresh_slots() {
  schedule_refresh(refresh_pause);
}

void Router::schedule_refresh(base::milliseconds after) {
  if (!context_.options.is_cluster || is_asking_slots_ || is_ended_) return;
  const auto at = context_.clock.steady_now() + after;
  if (refresh_timer_ != 0) {
    if (refresh_at_ <= at) return;
    context_.executor.cancel(refresh_timer_);
  }
  refresh_at_ = at;
  refresh_timer_ = context_.executor.schedule(after, [this] {
    refresh_timer_ = 0;
    ask_slots();
  });
}

// Each time another node, since one of them may be cut off from the rest.
void Router::ask_slots() {
  if (is_asking_slots_) return;
  for (std::size_t i = 0; i < links_.size(); ++i) {
    auto& link = *links_[next_asked_++ % links_.size()];
    if (!link.is_up()) continue;
    is_asking_slots_ = true;
    Request request{.bytes = encode_command({"CLUSTER", "SLOTS"})};
    request.done = [this, asked = link.endpoint()](base::Result<Reply> reply) { on_slots(asked, std::move(reply)); };
    request.deadline = context_.clock.steady_now() + reply_time_max;
    return link.send(std::move(request));
  }
  schedule_refresh(refresh_interval);
}

void Router::on_slots(const Endpoint& asked, base::Result<Reply> reply) {
  is_asking_slots_ = false;
  if (is_ended_) return;
  auto slots = reply ? parse_slots(*reply, asked) : std::nullopt;
  if (!slots && reply) on_link_failed("Redis at " + asked.host + ": it is no node of a cluster that is complete");
  if (slots && *slots != slots_) {
    slots_ = std::move(*slots);
    for (const auto& master : slots_.masters()) ensure_link(master);
    drop_links();
    dispatch_waiting();
    observer_.on_slots_changed();
  }
  update_state();
  if (!is_up_) schedule_refresh(refresh_interval);
}

// Links to nodes that own no slots. Not within their own calls, and not those that owe answers: a later refresh finds
// them again.
void Router::drop_links() {
  const auto is_needed = [this](const auto& link) {
    return std::ranges::find(slots_.masters(), link->endpoint()) != slots_.masters().end() ||
           link->finished() < link->sent();
  };
  const auto dropped = std::ranges::partition(links_, is_needed);
  for (auto& link : dropped) {
    link->close();
    context_.executor.post([link = std::move(link)] {});
  }
  links_.erase(dropped.begin(), dropped.end());
}

}  // namespace redis
