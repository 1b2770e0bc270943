// Does what other members of the cluster ask of this process's sockets, and answers: their counts include this member,
// so that each request which it left alone would cost them a timeout. Between RedisAdapter, on the bus's executor, and
// the sockets on their threads. Lives as long as the adapter, which jobs that are under way keep.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "redis/bus.hpp"
#include "redis/cluster_protocol.hpp"
#include "socketio/in_memory_adapter.hpp"

namespace redis {

class ClusterRequests {
 public:
  // The references outlive the use of it.
  ClusterRequests(socketio::InMemoryAdapter& sockets, Bus& bus, const ClusterProtocol& protocol, std::string nsp)
      : sockets_(sockets), bus_(bus), protocol_(protocol), nsp_(std::move(nsp)) {}

  // On the bus's executor. `owner` keeps this object and what it refers to.
  void handle(ClusterRequest request, const std::shared_ptr<const void>& owner);

 private:
  using Self = std::shared_ptr<ClusterRequests>;
  using Request = std::shared_ptr<const ClusterRequest>;
  using Sockets = std::vector<std::shared_ptr<socketio::Socket>>;
  using FindOnThread = std::vector<std::string> (*)(const ClusterRequest& request, socketio::RoomMap& rooms);
  using Act = void (ClusterRequests::*)(const ClusterRequest& request, const Sockets& sockets);

  // Gathers the JSON values that `part` finds on each thread, and answers with the list of as many as fit.
  static void answer_with_list(const Self& self, const Request& request, ClusterAnswer::Type type, FindOnThread part);
  // Once, since peers ask as often as they like.
  void warn_of_cut(std::size_t found, std::size_t answered);
  // Calls `act` on each thread that has some of the request's sockets.
  static void act_on_sockets(const Self& self, const Request& request, Act act);
  static void broadcast(const Self& self, const Request& request);
  // On each thread. How many clients are to answer.
  [[nodiscard]] static std::size_t broadcast_on_thread(const Self& self, const Request& request,
                                                       socketio::RoomMap& rooms);

  void join(const ClusterRequest& request, const Sockets& sockets);
  void leave(const ClusterRequest& request, const Sockets& sockets);
  void disconnect(const ClusterRequest& request, const Sockets& sockets);
  void answer(const ClusterRequest& request, const ClusterAnswer& answer) const;

  socketio::InMemoryAdapter& sockets_;
  Bus& bus_;
  const ClusterProtocol& protocol_;
  const std::string nsp_;
  std::atomic<bool> has_warned_ = false;
};

}  // namespace redis
