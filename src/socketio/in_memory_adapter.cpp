#include "socketio/in_memory_adapter.hpp"

#include <algorithm>

#include "socketio/room_map.hpp"

namespace socketio {
namespace {

void deliver(Socket& socket, const engineio::OutboundMessage& packet, bool is_volatile) {
  if (is_volatile) {
    socket.send_volatile(packet);
  } else {
    socket.send(packet);
  }
}

}  // namespace

InMemoryAdapter::InMemoryAdapter(std::vector<net::IoThread*> threads, RoomObserver* observer) {
  shards_.reserve(threads.size());
  for (auto* const thread : threads) {
    shards_.push_back({.thread = thread, .rooms = std::make_shared<RoomMap>(observer)});
  }
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

void InMemoryAdapter::broadcast_here(engineio::OutboundMessage packet, BroadcastOptions options) {
  const bool is_volatile = options.is_volatile;
  visit_here(std::move(options),
             [packet = std::move(packet), is_volatile](Socket& socket) { deliver(socket, packet, is_volatile); });
}

void InMemoryAdapter::visit_here(BroadcastOptions options, std::function<void(Socket& socket)> visit) {
  // Both are shared: a copy for each thread would be an allocation for each.
  struct Call {
    BroadcastOptions options;
    RoomMap::Visit visit;
  };
  const auto call = std::make_shared<const Call>(
      std::move(options), [visit = std::move(visit)](const std::shared_ptr<Socket>& socket) { visit(*socket); });
  for (const auto& shard : shards_) {
    shard.thread->post([rooms = shard.rooms, call] { rooms->visit(call->options, call->visit); });
  }
}

// Also where the caller is on one of the threads: a job of its own keeps the order of one caller's jobs the same
// everywhere.
void InMemoryAdapter::on_each_thread(std::function<void(RoomMap& rooms)> job) {
  const auto shared_job = std::make_shared<const std::function<void(RoomMap & rooms)>>(std::move(job));
  for (const auto& shard : shards_) {
    shard.thread->post([rooms = shard.rooms, shared_job] { (*shared_job)(*rooms); });
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
