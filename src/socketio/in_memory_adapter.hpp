// The Adapter of one process: each thread knows the rooms of its own sockets, so that nothing is locked, and a
// broadcast is one posted job per thread. Lives as long as its namespace; jobs under way keep the rooms they need.
#pragma once

#include <memory>
#include <vector>

#include "net/io_thread.hpp"
#include "socketio/adapter.hpp"

namespace socketio {

class RoomMap;

class InMemoryAdapter final : public Adapter {
 public:
  // All the threads that the namespace's sockets live on.
  explicit InMemoryAdapter(std::vector<net::IoThread*> threads);
  ~InMemoryAdapter() override;

  void add(const std::shared_ptr<Socket>& socket, const Room& room) override;
  void remove(const std::shared_ptr<Socket>& socket, const Room& room) override;
  void remove_all(const std::shared_ptr<Socket>& socket) override;
  void broadcast(engineio::OutboundMessage packet, BroadcastOptions options) override;

  // On that thread.
  [[nodiscard]] const RoomMap& rooms_of(const net::IoThread& thread) const noexcept;

 private:
  struct Shard {
    net::IoThread* thread;
    std::shared_ptr<RoomMap> rooms;
  };
  [[nodiscard]] RoomMap& rooms_of(const Socket& socket) const noexcept;

  std::vector<Shard> shards_;
};

}  // namespace socketio
