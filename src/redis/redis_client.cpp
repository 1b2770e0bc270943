#include "redis/redis_client.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "redis/resp_command.hpp"
#include "redis/router.hpp"

namespace redis {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view upper) {
  return std::ranges::equal(text, upper,
                            [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; });
}

// Scripts have their number of keys before the first one.
std::int32_t slot_of(const Commands::Arguments& arguments) {
  const bool is_script = !arguments.empty() &&
                         (equals_ignoring_case(arguments[0], "EVAL") || equals_ignoring_case(arguments[0], "EVALSHA"));
  const std::size_t key = is_script ? 3 : 1;
  return key < arguments.size() ? key_slot(arguments[key]) : Request::any_node;
}

}  // namespace

class RedisClient::Impl final : private RouterObserver {
 public:
  Impl(net::IoThread& thread, Options options)
      : thread_(thread),
        options_(std::move(options)),
        transports_(make_transports(thread, options_)),
        router_(std::make_shared<Router>(context_, Router::WhileAway::wait, static_cast<RouterObserver&>(*this))) {}

  [[nodiscard]] net::IoThread& thread() const noexcept { return thread_; }
  [[nodiscard]] Router& router() const noexcept { return *router_; }

  void send(Arguments arguments, Done done) {
    const bool is_awaited = static_cast<bool>(done);
    Request request{.bytes = encode_command(arguments), .done = std::move(done)};
    if (options_.is_cluster) request.slot = slot_of(arguments);
    if (!router_->submit(std::move(request)) && !is_awaited) on_unawaited(false);
  }
  void observe_link(std::function<void(bool)> observer) {
    observer(router_->is_up());
    observers_.push_back(std::move(observer));
  }

 private:
  void on_router_link(bool is_up) override {
    for (const auto& observer : observers_) observer(is_up);
  }
  void on_slots_changed() override {}
  void on_unawaited(bool has_succeeded) override {
    if (!has_succeeded) base::metrics::add(base::metrics::Counter::redis_commands_failed);
  }

  net::IoThread& thread_;
  const Options options_;
  const std::unique_ptr<Transports> transports_;
  const LinkContext context_{thread_, thread_.clock(), *transports_, options_};
  std::vector<std::function<void(bool)>> observers_;  // the thread's
  const std::shared_ptr<Router> router_;
};

RedisClient::RedisClient(net::IoThread& thread, Options options)
    : impl_(std::make_shared<Impl>(thread, std::move(options))) {}

RedisClient::~RedisClient() = default;

void RedisClient::start() {
  impl_->thread().post([impl = impl_] { impl->router().start(); });
}

void RedisClient::stop(base::Job done) {
  impl_->thread().post([impl = impl_, done = std::move(done)]() mutable { impl->router().stop(std::move(done)); });
}

void RedisClient::send(Arguments arguments, Done done) {
  impl_->send(std::move(arguments), std::move(done));
}

void RedisClient::send(Arguments arguments) {
  impl_->send(std::move(arguments), {});
}

base::Executor& RedisClient::executor() const noexcept {
  return impl_->thread();
}

bool RedisClient::is_up() const noexcept {
  return impl_->router().is_up();
}

void RedisClient::observe_link(std::function<void(bool is_up)> observer) {
  impl_->thread().post(
      [impl = impl_, observer = std::move(observer)]() mutable { impl->observe_link(std::move(observer)); });
}

std::string RedisClient::failure() const {
  return impl_->router().failure();
}

}  // namespace redis
