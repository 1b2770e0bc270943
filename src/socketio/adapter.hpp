// The port to rooms: who is in which room, and how a packet gets to all of it. InMemoryAdapter knows this process;
// redis::RedisAdapter (a floor above) adds the other members of the cluster, Node servers among them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/socket.hpp"

namespace socketio {

struct BroadcastOptions {
  std::vector<Room> rooms{};   // none: everybody in the namespace
  std::vector<Room> except{};  // rooms (a socket's id is its own room) that are left out
  bool is_volatile = false;
};

// An EVENT that another member of the cluster sent. From outside: its form is checked, its content is not to be
// trusted.
struct RelayedEvent {
  std::string name;
  // The EVENT's array, [name, …arguments], valid JSON; placeholders stand for the attachments.
  std::string json;
  std::vector<std::string> attachments{};
  BroadcastOptions to{};
  // W3C trace context of whoever published it; empty: none (Node members send none).
  std::string traceparent{};
};

// Whoever wants to know what comes from the cluster. All calls on the adapter's thread, which is one of the I/O
// threads.
class ClusterListener {
 public:
  virtual ~ClusterListener() = default;
  // Before it is applied to this process's sockets. True: it was dealt with, and the adapter does nothing more.
  virtual bool on_relayed(RelayedEvent& event) = 0;
  // Events that were sent to this room (empty: to any) may not have come here: a subscription came late or was renewed,
  // or a member could not publish.
  virtual void on_possible_loss(const Room& room) = 0;
  // The link to the cluster is there, or is not. Called once in the beginning, too.
  virtual void on_link(bool is_up) = 0;
};

class Adapter {
 public:
  virtual ~Adapter() = default;

  // On the socket's thread. A socket is in each room once, whatever number of times it joins.
  virtual void add(const std::shared_ptr<Socket>& socket, const Room& room) = 0;
  virtual void remove(const std::shared_ptr<Socket>& socket, const Room& room) = 0;
  virtual void remove_all(const std::shared_ptr<Socket>& socket) = 0;

  // To sockets of this process. From any thread, and returns at once. Each socket gets the packet once, on its own
  // thread, in the order in which one thread broadcasts. The packet is encoded before and shared: one posted job per
  // thread.
  virtual void broadcast_here(engineio::OutboundMessage packet, BroadcastOptions options) = 0;
  // Calls `visit` for each socket of this process that such a broadcast would reach, on the socket's thread, in the
  // same order. `visit` may be copied to other threads, and must not join or leave rooms.
  virtual void visit_here(BroadcastOptions options, std::function<void(Socket& socket)> visit) = 0;

  // To the sockets of all other members: an EVENT, [name, …arguments] as JSON. From any thread, and returns at once;
  // events that one thread publishes arrive in that order or not at all. What is lost is reported there, by
  // on_possible_loss(). Without a cluster it does nothing.
  virtual void publish(std::string_view event_json, const BroadcastOptions& options, std::string_view traceparent) = 0;
  // Tells all members of the service's own kind that something may not have been published: each hears
  // on_possible_loss("").
  virtual void announce_loss() = 0;
  // False: publish() reaches nobody, and need not be called.
  [[nodiscard]] virtual bool has_cluster() const noexcept = 0;

  // Holds the room open for on_relayed(), also while no socket has joined it; counted. From any thread of an executor;
  // `ready` is called on that executor, at once where the room is open already or there is no cluster, else when the
  // cluster has confirmed it, at the latest after 100 ms. Then it was not confirmed, and on_possible_loss(room) follows
  // when it is.
  virtual void hold_room(const Room& room, base::Job ready) = 0;
  virtual void release_room(const Room& room) = 0;

  // Before the first socket; outlives the adapter's use. At most one.
  virtual void observe(ClusterListener& listener) = 0;
};

}  // namespace socketio
