// A request: submitted -> dispatched: to a link (sent), or, while its node is away or its slot is on the move, to
// waiting -> dispatched again when a link came up or a barrier fell; sent -> answered, redirected (dispatched again) or
// unanswered (the link broke). It ends once, in finish().
// The router: made -> started -> stopping (stop) -> closed.
#include "redis/router.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/metrics.hpp"

namespace redis {
Router::Router(const LinkContext& context, WhileAway while_away, RouterObserver& observer)
    : context_(context), while_away_(while_away), observer_(observer) {}

Router::~Router() = default;

void Router::start() {
  const auto& endpoints = context_.options.endpoints;
  for (std::size_t i = 0; i < (context_.options.is_cluster ? endpoints.size() : 1); ++i) ensure_link(endpoints[i]);
}

void Router::stop(base::Job done) {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  take_submitted();
  stopped_ = std::move(done);
  if (requests_ == 0) return finish_stop();
  stop_timer_ = context_.executor.schedule(stop_time_max, [this] {
    stop_timer_ = 0;
    finish_stop();
  });
}

void Router::finish_stop() {
  is_ended_ = true;
  auto done = std::exchange(stopped_, nullptr);
  for (auto* const timer : {&refresh_timer_, &deadline_timer_, &stop_timer_}) {
    if (*timer != 0) context_.executor.cancel(std::exchange(*timer, 0));
  }
  for (const auto& link : links_) link->close();
  for (auto& request : std::exchange(waiting_, {})) fail(std::move(request), base::Errc::storage_unavailable, "closed");
  is_up_ = false;
  if (done) done();
}

bool Router::submit(Request request) {
  const auto size = request.bytes.size();
  request.deadline = request.done ? context_.clock.steady_now() + reply_time_max : base::SteadyTime::max();
  auto refusal = base::Errc::overloaded;
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
      refusal = base::Errc::storage_unavailable;
    } else if (requests_ < requests_max && bytes_ + size <= bytes_max) {
      ++requests_;
      bytes_ += size;
      request.number = next_number_++;
      submitted_.push_back(std::move(request));
      if (submitted_.size() > 1) return true;
      // The first of a turn; the others are taken along.
      context_.executor.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->take_submitted();
      });
      return true;
    }
  }
  if (request.done) {
    base::metrics::add(base::metrics::Counter::redis_commands_failed);
    context_.executor.post([done = std::move(request.done), refusal]() mutable { done(base::fail(refusal)); });
  }
  return false;
}

void Router::take_submitted() {
  std::vector<Request> requests;
  {
    const std::lock_guard lock(mutex_);
    requests.reserve(submitted_.size());
    requests.swap(submitted_);
  }
  for (auto& request : requests) dispatch(std::move(request));
  if (deadline_timer_ == 0 && requests_ > 0) {
    deadline_timer_ = context_.executor.schedule(deadline_interval, [this] { expire(); });
  }
}

void Router::dispatch(Request request) {
  const bool is_barred = this->is_barred(request);
  auto* const link = is_barred ? nullptr : link_for(request);
  if (link != nullptr) return link->send(std::move(request));
  if (is_barred || while_away_ == WhileAway::wait) return wait(std::move(request));
  fail(std::move(request), base::Errc::storage_unavailable, "the link is down");
}

void Router::wait(Request request) {
  auto place = waiting_.end();
  while (place != waiting_.begin() && std::prev(place)->number > request.number) --place;
  waiting_.insert(place, std::move(request));
}

void Router::dispatch_waiting() {
  for (auto& request : std::exchange(waiting_, {})) dispatch(std::move(request));
}

RequestLink* Router::link_for(const Request& request) {
  if (!context_.options.is_cluster || request.slot == Request::any_node) return any_link();
  const auto* const owner = slots_.owner(static_cast<Slot>(request.slot));
  if (owner == nullptr) {
    refresh_slots();
    return nullptr;
  }
  auto& link = ensure_link(*owner);
  return link.is_up() ? &link : nullptr;
}

bool Router::is_barred(const Request& request) const noexcept {
  return request.redirections == 0 &&
         std::ranges::any_of(barriers_, [&](const auto& each) { return each.slot == request.slot; });
}

void Router::lower_barriers(const RequestLink& link) {
  const auto fallen = std::erase_if(barriers_, [&](const auto& each) {
    return each.from == &link && (!link.is_up() || link.finished() >= each.until);
  });
  if (fallen > 0) dispatch_waiting();
}

void Router::on_answer(RequestLink& link, Request request, Reply& reply) {
  if (!reply.is_error() || !redirect(link, request, reply)) finish(std::move(request), std::move(reply));
  if (!barriers_.empty()) lower_barriers(link);
}

// True: the request is on its way again.
bool Router::redirect(RequestLink& link, Request& request, const Reply& reply) {
  if (!context_.options.is_cluster && reply.text.starts_with("MOVED ") && !std::exchange(has_warned_, true)) {
    base::log::warn("redis.is_a_cluster", {{"hint", "REDIS_URL must name several of its nodes"}});
  }
  if (request.slot == Request::any_node) return false;
  if (reply.text.starts_with("CLUSTERDOWN")) refresh_slots();
  const auto redirection = parse_redirection(reply, link.endpoint());
  if (!redirection) return false;
  if (redirection->slot != request.slot || request.redirections >= redirections_max) return false;
  if (context_.clock.steady_now() >= request.deadline) return false;
  ++request.redirections;
  if (redirection->kind == Redirection::Kind::moved) {
    move_slot(link, *redirection);
    dispatch(std::move(request));
    return true;
  }
  auto& target = ensure_link(redirection->to);
  if (!target.is_up() && while_away_ == WhileAway::fail) return false;
  request.is_asking = target.is_up();
  if (request.is_asking) {
    target.send(std::move(request));
  } else {
    // Asks the owner again, when the other one's link is there.
    wait(std::move(request));
  }
  return true;
}

void Router::move_slot(RequestLink& link, const Redirection& moved) {
  slots_.set_owner(moved.slot, moved.slot, moved.to);
  ensure_link(moved.to);
  const auto has_it = [&](const auto& each) { return each.slot == moved.slot && each.from == &link; };
  if (std::ranges::none_of(barriers_, has_it)) barriers_.push_back({moved.slot, &link, link.sent()});
  observer_.on_slots_changed();
  refresh_slots();
}

void Router::on_unanswered(Request request) {
  fail(std::move(request), base::Errc::storage_unavailable, "the link broke");
}

void Router::finish(Request request, base::Result<Reply> reply) {
  release(request);
  if (request.done) {
    if (!reply) base::metrics::add(base::metrics::Counter::redis_commands_failed);
    request.done(std::move(reply));
  } else {
    observer_.on_unawaited(reply && !reply->is_error());
  }
  if (stopped_ && requests_ == 0) finish_stop();
}

void Router::fail(Request request, base::Errc code, const char* detail) {
  finish(std::move(request), base::fail(code, detail));
}

void Router::release(const Request& request) noexcept {
  if (request.number == 0) return;
  --requests_;
  bytes_ -= request.bytes.size();
}

bool Router::is_half_full() const noexcept {
  return requests_ > requests_max / 2 || bytes_ > bytes_max / 2;
}

void Router::expire() {
  deadline_timer_ = 0;
  const auto now = context_.clock.steady_now();
  std::vector<Commands::Done> expired;
  for (const auto& link : links_) {
    link->expire(now, [&](Commands::Done done) { expired.push_back(std::move(done)); });
  }
  base::metrics::add(base::metrics::Counter::redis_commands_failed, expired.size());
  for (auto& done : expired) done(base::fail(base::Errc::storage_unavailable, "no reply in time"));
  for (auto& request : std::exchange(waiting_, {})) {
    if (request.deadline <= now) {
      fail(std::move(request), base::Errc::storage_unavailable, "no link in time");
    } else {
      wait(std::move(request));
    }
  }
  if (deadline_timer_ == 0 && requests_ > 0) {
    deadline_timer_ = context_.executor.schedule(deadline_interval, [this] { expire(); });
  }
}

}  // namespace redis
