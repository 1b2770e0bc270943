#include "app/redis_backend.hpp"

#include "base/ids.hpp"
#include "redis/redis_adapter.hpp"

namespace app {
namespace {

redis::RedisBus::Mode mode_of(redis::AdapterProtocol protocol) {
  return protocol == redis::AdapterProtocol::sharded ? redis::RedisBus::Mode::sharded : redis::RedisBus::Mode::classic;
}

}  // namespace

RedisBackend::RedisBackend(const base::Clock& clock, net::IoThread& thread, const Config::Redis& config)
    : protocol_(config.protocol),
      // Unlike any other process's, also unlike this one's before a restart.
      node_id_(base::Uuid::v7(clock.system_now()).to_string()),
      key_prefix_(config.options.key_prefix),
      client_(thread, config.options),
      bus_(thread, config.options, mode_of(config.protocol)),
      decisions_(clock, client_),
      probe_(clock, bus_, key_prefix_ + ":probe:" + node_id_) {
  if (protocol_ != redis::AdapterProtocol::classic) {
    plain_bus_.emplace(thread, config.options, redis::RedisBus::Mode::classic);
  }
}

std::unique_ptr<socketio::Adapter> RedisBackend::make_adapter(std::vector<net::IoThread*> threads) {
  return std::make_unique<redis::RedisAdapter>(std::move(threads), bus_, protocol_, "/", "socket.io", key_prefix_);
}

messaging::ConnectionRegistry& RedisBackend::share(messaging::ConnectionRegistry& local, Hooks hooks) {
  registry_ = std::make_unique<redis::RedisConnectionManager>(
      client_, local, redis::RedisConnectionManager::Settings{.node_id = node_id_, .key_prefix = key_prefix_},
      std::move(hooks.on_node_lost));
  changes_ = std::make_unique<redis::ConnectionChanges>(
      plain_bus_ ? *plain_bus_ : bus_, std::move(hooks.on_connection_changed), std::move(hooks.on_changes_missed));
  return *registry_;
}

void RedisBackend::start() {
  client_.start();
  bus_.start();
  if (plain_bus_) plain_bus_->start();
  registry_->start();
  probe_.start();
}

void RedisBackend::stop(base::Job done) {
  probe_.stop();
  registry_->stop([this, done = std::move(done)]() mutable {
    bus_.stop([this, done = std::move(done)]() mutable {
      if (!plain_bus_) return client_.stop(std::move(done));
      plain_bus_->stop([this, done = std::move(done)]() mutable { client_.stop(std::move(done)); });
    });
  });
}

std::string RedisBackend::trouble() const {
  std::string why = client_.is_up() ? std::string() : client_.failure();
  if (why.empty()) why = bus_.failure();
  if (why.empty() && plain_bus_) why = plain_bus_->failure();
  if (why.empty()) return {};
  return why + "; what other nodes commit comes up to 5 s late, and typing does not come from there";
}

}  // namespace app
