// Publishing goes through a Router, receiving through Subscriptions; each has connections of its own, because a
// subscribed connection of RESP2 takes no other commands.
// States of publishing: good -> has_lost (a message was refused, failed or went down with its link) -> good, when a
// message gets through while all links are up and there is room, or the links are back; then the listeners are told.
#include "redis/redis_bus.hpp"

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "redis/bus_listeners.hpp"
#include "redis/resp_command.hpp"
#include "redis/router.hpp"
#include "redis/subscriptions.hpp"

namespace redis {
namespace {

using CountDone = std::move_only_function<void(base::Result<std::int64_t>)>;

// [channel, count]
base::Result<std::int64_t> parse_count(const base::Result<Reply>& reply) {
  if (!reply) return std::unexpected(reply.error());
  const bool fits = reply->type == Reply::Type::array && reply->elements.size() == 2 &&
                    reply->elements[1].type == Reply::Type::integer;
  if (!fits) return base::fail(base::Errc::storage_unavailable, "no count: " + reply->text);
  return reply->elements[1].integer;
}

// The counts of several nodes become one.
struct CountSum {
  std::size_t left;
  base::Result<std::int64_t> total = 0;
  CountDone done;

  void add(base::Result<std::int64_t> count) {
    if (!count) {
      total = std::move(count);
    } else if (total) {
      *total += *count;
    }
    if (--left == 0) done(std::move(total));
  }
};

}  // namespace

class RedisBus::Impl final : public std::enable_shared_from_this<Impl>,
                             private RouterObserver,
                             private SubscriptionsObserver {
 public:
  Impl(net::IoThread& thread, Options options, Mode mode)
      : thread_(thread),
        options_(std::move(options)),
        is_sharded_(mode == Mode::sharded),
        transports_(make_transports(thread, options_)),
        router_(std::make_shared<Router>(context_, Router::WhileAway::fail, static_cast<RouterObserver&>(*this))),
        subscriptions_(context_, is_sharded_ ? SubscribingLink::Commands::sharded : SubscribingLink::Commands::classic,
                       *router_, static_cast<SubscriptionsObserver&>(*this)) {}

  [[nodiscard]] net::IoThread& thread() const noexcept { return thread_; }
  [[nodiscard]] BusListeners& listeners() noexcept { return listeners_; }
  [[nodiscard]] std::string failure() const {
    auto sentence = router_->failure();
    return sentence.empty() ? subscriptions_.failure() : sentence;
  }

  void start() {
    router_->start();
    subscriptions_.start();
  }
  void stop(base::Job done) {
    subscriptions_.stop();
    router_->stop(std::move(done));
  }
  void publish(std::string_view channel, std::string_view payload) {
    Request request{.bytes = encode_command({is_sharded_ ? "SPUBLISH" : "PUBLISH", channel, payload})};
    if (is_sharded_ && options_.is_cluster) request.slot = key_slot(channel);
    if (!router_->submit(std::move(request))) lose();
  }
  void want(std::string channel, bool is_wanted);
  void count_subscribers(const std::string& channel, CountDone done);

 private:
  void take_wants();
  void lose() {
    has_lost_ = true;
    base::metrics::add(base::metrics::Counter::redis_publishes_lost);
  }
  void report_loss();

  void on_router_link(bool is_up) override {
    if (is_up) report_loss();
  }
  void on_slots_changed() override { subscriptions_.on_slots_changed(); }
  void on_unawaited(bool has_succeeded) override;
  void on_subscriptions_link(bool is_up) override {
    for (auto* const listener : listeners_.all()) listener->on_link(is_up);
  }
  void on_subscribed(std::string_view channel) override {
    if (auto* const listener = listeners_.of(channel)) listener->on_subscribed(channel);
  }
  void on_published(std::string_view channel, std::string_view payload) override {
    if (auto* const listener = listeners_.of(channel)) listener->on_message(channel, payload);
  }

  net::IoThread& thread_;
  const Options options_;
  const bool is_sharded_;
  const std::unique_ptr<Transports> transports_;
  const LinkContext context_{thread_, thread_.clock(), *transports_, options_};
  BusListeners listeners_;
  std::atomic<bool> has_lost_ = false;
  std::mutex mutex_;
  std::vector<std::pair<std::string, bool>> wants_;  // guarded by mutex_
  const std::shared_ptr<Router> router_;
  Subscriptions subscriptions_;
};

void RedisBus::Impl::want(std::string channel, bool is_wanted) {
  const std::lock_guard lock(mutex_);
  wants_.emplace_back(std::move(channel), is_wanted);
  if (wants_.size() > 1) return;
  thread_.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->take_wants();
  });
}

void RedisBus::Impl::take_wants() {
  std::vector<std::pair<std::string, bool>> wants;
  {
    const std::lock_guard lock(mutex_);
    wants.swap(wants_);
  }
  subscriptions_.want(wants);
}

void RedisBus::Impl::on_unawaited(bool has_succeeded) {
  if (!has_succeeded) return lose();
  // While a master of a cluster is away, or it is nearly full, the next ones are lost again. on_router_link() makes up
  // for the first.
  const bool has_room = router_->is_up() && !router_->is_half_full();
  if (has_lost_.load(std::memory_order_relaxed) && has_room) report_loss();
}

void RedisBus::Impl::report_loss() {
  if (!has_lost_.exchange(false)) return;
  for (auto* const listener : listeners_.all()) listener->on_publish_lost();
}

// Classic channels are counted by each node for itself; replicas, to which nobody should subscribe, are left out.
void RedisBus::Impl::count_subscribers(const std::string& channel, CountDone done) {
  Request request{.bytes = encode_command({"PUBSUB", is_sharded_ ? "SHARDNUMSUB" : "NUMSUB", channel})};
  if (is_sharded_ || !options_.is_cluster) {
    if (options_.is_cluster) request.slot = key_slot(channel);
    request.done = [done = std::move(done)](base::Result<Reply> reply) mutable { done(parse_count(reply)); };
    (void)router_->submit(std::move(request));
    return;
  }
  const auto masters = router_->masters();
  if (masters.empty()) return done(base::fail(base::Errc::storage_unavailable, "no node is known"));
  const auto sum = std::make_shared<CountSum>(masters.size(), 0, std::move(done));
  for (const auto& master : masters) {
    Request each{.bytes = request.bytes};
    each.done = [sum](base::Result<Reply> reply) { sum->add(parse_count(reply)); };
    router_->send_to(master, std::move(each));
  }
}

RedisBus::RedisBus(net::IoThread& thread, Options options, Mode mode)
    : impl_(std::make_shared<Impl>(thread, std::move(options), mode)) {}

RedisBus::~RedisBus() = default;

void RedisBus::start() {
  impl_->thread().post([impl = impl_] { impl->start(); });
}

void RedisBus::stop(base::Job done) {
  impl_->thread().post([impl = impl_, done = std::move(done)]() mutable { impl->stop(std::move(done)); });
}

void RedisBus::publish(std::string channel, std::string payload) {
  impl_->publish(channel, payload);
}

void RedisBus::subscribe(std::string channel) {
  impl_->want(std::move(channel), true);
}

void RedisBus::unsubscribe(std::string channel) {
  impl_->want(std::move(channel), false);
}

void RedisBus::count_subscribers(std::string channel, CountDone done) {
  impl_->count_subscribers(channel, std::move(done));
}

base::Executor& RedisBus::executor() const noexcept {
  return impl_->thread();
}

void RedisBus::listen(std::string prefix, BusListener& listener) {
  impl_->listeners().add(std::move(prefix), listener);
}

std::string RedisBus::failure() const {
  return impl_->failure();
}

}  // namespace redis
