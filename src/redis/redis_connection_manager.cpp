#include "redis/redis_connection_manager.hpp"

#include <mutex>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/task_group.hpp"
#include "redis/node_lease.hpp"
#include "redis/node_lease_watch.hpp"
#include "redis/node_sockets.hpp"
#include "redis/reaper.hpp"

// States: made → running (start()) → leaving (stop(): the farewell) → left. Changes that come before start() wait for
// it; those that come after stop() are this node's alone. All parts live on the Commands' executor, where start() and
// stop() are jobs too; only changes_ is touched by other threads.

namespace redis {
namespace {

// Where Redis does not take the farewell in this time, the others find this node dead, and reap it.
constexpr base::milliseconds farewell_time_max{1'000};

}  // namespace

class RedisConnectionManager::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Commands& redis, messaging::ConnectionRegistry& local, Settings settings, OnNodeLost on_node_lost)
      : local_(local),
        redis_(redis),
        node_id_(settings.node_id),
        keys_(settings.key_prefix),
        on_node_lost_(std::move(on_node_lost)),
        sockets_(redis, keys_, settings.node_id),
        lease_(redis, keys_, {.node_id = settings.node_id, .lease = settings.lease, .renewal = settings.renewal},
               [this] { on_lease_made(); }),
        watch_(redis, keys_, {.own_id = settings.node_id, .lease = settings.lease, .watch = settings.watch},
               [this](const std::string& node, bool is_new) { on_lost(node, is_new); }),
        reaper_(redis, keys_, settings.node_id, settings.lease),
        farewell_asks_(redis) {}
  ~Impl() { farewell_asks_.cancel(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Any thread.
  void note(const messaging::UserId& user, const messaging::DeviceId& socket, bool is_there);
  // The rest on the executor.
  void start();
  void stop(base::Job done);
  void on_link(bool is_up);

  messaging::ConnectionRegistry& local_;
  Commands& redis_;

 private:
  enum class State : std::uint8_t { made, running, left };

  void send_changes();
  void on_lease_made();
  void on_lost(const std::string& node, bool is_new);
  base::Task<> say_farewell();

  const std::string node_id_;
  const NodeKeys keys_;
  const OnNodeLost on_node_lost_;

  std::mutex mutex_;
  std::vector<NodeSockets::Change> changes_;

  State state_ = State::made;
  NodeSockets sockets_;
  NodeLease lease_;
  NodeLeaseWatch watch_;
  Reaper reaper_;
  base::TimerId farewell_timer_ = 0;
  Asks farewell_asks_;
  base::TaskGroup farewell_;
};

void RedisConnectionManager::Impl::note(const messaging::UserId& user, const messaging::DeviceId& socket,
                                        bool is_there) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = changes_.empty();
    changes_.push_back({.member = SharedSocket{.socket = socket, .user = user.str()}.member(), .is_there = is_there});
  }
  // One job for all that come until it runs.
  if (is_first) redis_.executor().post([self = shared_from_this()] { self->send_changes(); });
}

void RedisConnectionManager::Impl::send_changes() {
  if (state_ == State::made) return;
  std::vector<NodeSockets::Change> changes;
  {
    const std::lock_guard lock(mutex_);
    changes.swap(changes_);
  }
  if (state_ == State::running) sockets_.apply(std::move(changes));
}

void RedisConnectionManager::Impl::start() {
  state_ = State::running;
  lease_.start();
  watch_.start();
  send_changes();
}

void RedisConnectionManager::Impl::on_link(bool is_up) {
  if (state_ != State::running || !is_up) return;
  lease_.renew_now();
  // It may be another Redis, or an older state of it.
  if (lease_.was_made()) sockets_.add_again();
  watch_.postpone();
}

// Not before that: the sockets of a node that has neither lease nor place among the nodes would never be reaped.
void RedisConnectionManager::Impl::on_lease_made() {
  sockets_.add_again();
  watch_.postpone();
}

void RedisConnectionManager::Impl::on_lost(const std::string& node, bool is_new) {
  if (is_new && on_node_lost_) on_node_lost_(node);
  reaper_.reap(node);
}

void RedisConnectionManager::Impl::stop(base::Job done) {
  const auto before = std::exchange(state_, State::left);
  sockets_.stop();
  lease_.stop();
  watch_.stop();
  reaper_.stop();
  if (before != State::running || !redis_.is_up()) {
    done();
    return;
  }
  farewell_timer_ = redis_.executor().schedule(farewell_time_max, [this] { farewell_asks_.cancel(); });
  farewell_.spawn(say_farewell());
  // Posted: this may go with `done`, and the group's last task is still ending.
  farewell_.on_idle([self = shared_from_this(), done = std::move(done)]() mutable {
    auto& executor = self->redis_.executor();
    executor.cancel(self->farewell_timer_);
    executor.post([self = std::move(self), done = std::move(done)]() mutable { done(); });
  });
}

// The sockets first: what is left after a failure has a lease that expires, and is reaped. The set of nodes before the
// lease: who is not in it is not missed.
base::Task<> RedisConnectionManager::Impl::say_farewell() {
  auto removed = co_await remove_sockets(farewell_asks_, keys_, node_id_, Removal::in_any_case);
  base::Result<Reply> left = Reply{};
  if (removed) left = co_await farewell_asks_.ask({"SREM", keys_.nodes(), node_id_});
  if (removed && left) left = co_await farewell_asks_.ask({"DEL", keys_.lease(node_id_)});
  if (!removed || !left) {
    base::log::warn("redis.farewell_failed", {{"problem", removed ? left.error().detail : removed.error().detail}});
  }
}

// --- the port

RedisConnectionManager::RedisConnectionManager(Commands& redis, messaging::ConnectionRegistry& local, Settings settings,
                                               OnNodeLost on_node_lost)
    : impl_(std::make_shared<Impl>(redis, local, std::move(settings), std::move(on_node_lost))) {
  redis.observe_link([weak = std::weak_ptr(impl_)](bool is_up) {
    if (const auto self = weak.lock()) self->on_link(is_up);
  });
}

RedisConnectionManager::~RedisConnectionManager() = default;

void RedisConnectionManager::start() {
  impl_->redis_.executor().post([self = impl_] { self->start(); });
}

void RedisConnectionManager::stop(base::Job done) {
  impl_->redis_.executor().post([self = impl_, done = std::move(done)]() mutable { self->stop(std::move(done)); });
}

bool RedisConnectionManager::register_connection(const messaging::UserId& user, const messaging::DeviceId& socket,
                                                 std::size_t sockets_max) {
  if (!impl_->local_.register_connection(user, socket, sockets_max)) return false;
  impl_->note(user, socket, true);
  return true;
}

bool RedisConnectionManager::unregister_connection(const messaging::UserId& user, const messaging::DeviceId& socket) {
  impl_->note(user, socket, false);
  return impl_->local_.unregister_connection(user, socket);
}

}  // namespace redis
