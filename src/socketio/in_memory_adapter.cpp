#include "socketio/in_memory_adapter.hpp"

#include <algorithm>

#include "socketio/room_map.hpp"

namespace socketio {

InMemoryAdapter::InMemoryAdapter(std::vector<net::IoThread*> threads) {
  shards_.reserve(threads.size());
  for (auto* const thread : threads) shards_.push_back({.thread = thread, .rooms = std::make_shared<RoomMap>()});
}

InMemoryAdapter::~InMemoryAdapter() = default;

void InMemoryAdapter::add(const std::shared_ptr<Socket>& socket, const Room& room) {
  rooms_of(*socket).add(socket, room);
}

void InMemoryAdapter::remove(const std::shared_ptr<Socket>& socket, const Room& room) {
  rooms_of(*socket).remove(*socket, room);
}

void InMemoryAdapter::remove_all(const std::shared_ptr<Socket>& socket) {
  rooms_of(*socket).remove_all(*socket);
}

// Also where the caller is on one of the threads: a job of its own keeps the order of one caller's broadcasts the same
// everywhere.
void InMemoryAdapter::broadcast(engineio::OutboundMessage packet, BroadcastOptions options) {
  const auto shared_options = std::make_shared<const BroadcastOptions>(std::move(options));
  for (const auto& shard : shards_) {
    shard.thread->post([rooms = shard.rooms, packet, shared_options] { rooms->broadcast(packet, *shared_options); });
  }
}

// The precondition is that the thread is one of the constructor's. There is one for each core: a scan is as good as an
// index.
const RoomMap& InMemoryAdapter::rooms_of(const net::IoThread& thread) const noexcept {
  return *std::ranges::find(shards_, &thread, [](const Shard& shard) -> const net::IoThread* {
            return shard.thread;
          })->rooms;
}

RoomMap& InMemoryAdapter::rooms_of(const Socket& socket) const noexcept {
  return *std::ranges::find(shards_, &socket.thread(), &Shard::thread)->rooms;
}

}  // namespace socketio
