// The Adapter of one process: each thread knows the rooms of its own sockets, so that nothing is locked, and a
// broadcast is one posted job per thread. Lives as long as its namespace; jobs under way keep the rooms they need.
#pragma once

#include <memory>
#include <vector>

#include "net/io_thread.hpp"
#include "socketio/adapter.hpp"

namespace socketio {

class RoomMap;
class RoomObserver;

class InMemoryAdapter final : public Adapter {
 public:
  // All the threads that the namespace's sockets live on. `observer`, where there is one, is told by each of them of
  // its rooms, and outlives the adapter.
  explicit InMemoryAdapter(std::vector<net::IoThread*> threads, RoomObserver* observer = nullptr);
  ~InMemoryAdapter() override;

  void add(const std::shared_ptr<Socket>& socket, const Room& room) override;
  void remove(const std::shared_ptr<Socket>& socket, const Room& room) override;
  void remove_all(const std::shared_ptr<Socket>& socket) override;
  void broadcast_here(engineio::OutboundMessage packet, BroadcastOptions options) override;
  void visit_here(BroadcastOptions options, std::function<void(Socket& socket)> visit) override;

  // There is no cluster: nobody to publish to, every room is open, and a listener is never called.
  void publish(std::string_view, const BroadcastOptions&, std::string_view) override {}
  void announce_loss() override {}
  [[nodiscard]] bool has_cluster() const noexcept override { return false; }
  void hold_room(const Room&, base::Job ready) override { ready(); }
  void release_room(const Room&) override {}
  void observe(ClusterListener&) override {}

  // Posts the job to every thread, with the rooms of that thread. From any thread; in the order of broadcasts.
  void on_each_thread(std::function<void(RoomMap& rooms)> job);
  [[nodiscard]] std::size_t thread_count() const noexcept { return shards_.size(); }

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
