// The Adapter of a cluster over Redis, wire-compatible with @socket.io/redis-adapter 8.3 and @socket.io/redis-emitter:
// a member among Node servers. Around an InMemoryAdapter for this process's own sockets; subscribed to the namespace's
// channel and to the rooms that are held here, no others. Answers every request of its peers. Owned by its namespace;
// lives as long as that.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/io_thread.hpp"
#include "redis/bus.hpp"
#include "socketio/adapter.hpp"

namespace redis {

enum class AdapterProtocol : std::uint8_t {
  classic,  // createAdapter(): msgpack broadcasts, JSON requests, emitter input
  sharded,  // createShardedAdapter(), subscriptionMode "dynamic"
};

class RedisAdapter final : public socketio::Adapter {
 public:
  // `threads`: all that the namespace's sockets live on. `bus` outlives the adapter and is not started yet. `nsp` is
  // the namespace's name, `prefix` the `key` of the Node adapter, `key_prefix` stands before the names of this
  // service's own channels.
  RedisAdapter(std::vector<net::IoThread*> threads, Bus& bus, AdapterProtocol protocol, std::string nsp = "/",
               std::string prefix = "socket.io", std::string key_prefix = "messagingd");
  ~RedisAdapter() override;
  RedisAdapter(const RedisAdapter&) = delete;
  RedisAdapter& operator=(const RedisAdapter&) = delete;

  void add(const std::shared_ptr<socketio::Socket>& socket, const socketio::Room& room) override;
  void remove(const std::shared_ptr<socketio::Socket>& socket, const socketio::Room& room) override;
  void remove_all(const std::shared_ptr<socketio::Socket>& socket) override;
  void broadcast_here(engineio::OutboundMessage packet, socketio::BroadcastOptions options) override;
  void visit_here(socketio::BroadcastOptions options, std::function<void(socketio::Socket& socket)> visit) override;
  void publish(std::string_view event_json, const socketio::BroadcastOptions& options,
               std::string_view traceparent) override;
  void announce_loss() override;
  [[nodiscard]] bool has_cluster() const noexcept override { return true; }
  void hold_room(const socketio::Room& room, base::Job ready) override;
  void release_room(const socketio::Room& room) override;
  void observe(socketio::ClusterListener& listener) override;

 private:
  class Impl;
  const std::shared_ptr<Impl> impl_;
};

}  // namespace redis
