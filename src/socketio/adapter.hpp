// The port to rooms: who is in which room, and how a packet gets to all of it. InMemoryAdapter knows this process; the
// Redis adapter (a floor above) adds the other members of the cluster.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "socketio/socket.hpp"

namespace socketio {

struct BroadcastOptions {
  std::vector<Room> rooms{};   // none: everybody in the namespace
  std::vector<Room> except{};  // rooms (a socket's id is its own room) that are left out
  bool is_volatile = false;
};

class Adapter {
 public:
  virtual ~Adapter() = default;

  // On the socket's thread. A socket is in each room once, whatever number of times it joins.
  virtual void add(const std::shared_ptr<Socket>& socket, const Room& room) = 0;
  virtual void remove(const std::shared_ptr<Socket>& socket, const Room& room) = 0;
  virtual void remove_all(const std::shared_ptr<Socket>& socket) = 0;

  // From any thread, and returns at once. Each socket gets the packet once, on its own thread, in the order in which
  // one thread broadcasts. The packet is encoded before and shared: one posted job per thread.
  virtual void broadcast(engineio::OutboundMessage packet, BroadcastOptions options) = 0;
};

}  // namespace socketio
