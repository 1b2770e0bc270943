#include "redis/cluster_requests.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <span>

#include "base/json_text.hpp"
#include "base/log.hpp"
#include "redis/cluster_json.hpp"
#include "redis/socket_json.hpp"
#include "socketio/packet.hpp"
#include "socketio/room_map.hpp"

namespace redis {
namespace {

using socketio::RoomMap;
using socketio::Socket;
using Type = ClusterRequest::Type;
using AnswerType = ClusterAnswer::Type;

// Acks are passed on for so long where the peer names no time, and never for longer than the second.
constexpr base::milliseconds ack_time{5'000};
constexpr base::milliseconds ack_time_max{60'000};
// Of one list, so that every answer fits into the queue of the bus, whatever the sockets are: more than clusters of
// this service have on a node, and half of Router::bytes_max.
constexpr std::size_t answered_items_max = 20'000;
constexpr std::size_t answered_bytes_max = 16 * 1024 * 1024;

std::vector<std::shared_ptr<Socket>> find_sockets(const ClusterRequest& request, RoomMap& rooms) {
  std::vector<std::shared_ptr<Socket>> sockets;
  auto to = request.to;
  if (!request.sid.empty()) to.rooms = {request.sid};
  rooms.visit(to, [&](const std::shared_ptr<Socket>& socket) {
    if (request.sid.empty() || socket->id() == request.sid) sockets.push_back(socket);
  });
  return sockets;
}

std::string json_string(std::string_view text) {
  std::string json;
  base::append_json_string(json, text);
  return json;
}

std::vector<std::string> find_ids(const ClusterRequest& request, RoomMap& rooms) {
  std::vector<std::string> ids;
  rooms.visit(request.to, [&](const std::shared_ptr<Socket>& socket) { ids.push_back(json_string(socket->id())); });
  return ids;
}

std::vector<std::string> find_rooms(const ClusterRequest&, RoomMap& rooms) {
  auto found = rooms.rooms();
  for (auto& room : found) room = json_string(room);
  return found;
}

std::vector<std::string> describe_sockets(const ClusterRequest& request, RoomMap& rooms) {
  std::vector<std::string> descriptions;
  rooms.visit(request.to, [&](const std::shared_ptr<Socket>& socket) {
    append_socket_json(descriptions.emplace_back(), *socket, rooms.rooms_of(*socket));
  });
  return descriptions;
}

// A room is on every thread that has a socket in it.
void drop_duplicates(std::vector<std::string>& items) {
  std::ranges::sort(items);
  const auto duplicates = std::ranges::unique(items);
  items.erase(duplicates.begin(), duplicates.end());
}

// As many as fit.
std::size_t answerable(const std::vector<std::string>& items) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (; count < std::min(items.size(), answered_items_max); ++count) {
    bytes += items[count].size() + 1;
    if (bytes > answered_bytes_max) break;
  }
  return count;
}

std::string json_list(std::span<const std::string> values) {
  std::string list = "[";
  for (const auto& value : values) {
    if (&value != &values.front()) list += ',';
    list += value;
  }
  list += ']';
  return list;
}

// The reference passes on the first argument alone; empty where there is none.
std::string first_argument(std::string_view args_json) {
  const auto root = socketio::parse_json(args_json);
  if (!root || !root->is_array()) return {};
  const auto array = root->get_array().value_unsafe();
  return array.begin() == array.end() ? std::string() : simdjson::minify(*array.begin());
}

}  // namespace

void ClusterRequests::handle(ClusterRequest request, const std::shared_ptr<const void>& owner) {
  const Self self(owner, this);
  const auto shared = std::make_shared<const ClusterRequest>(std::move(request));
  switch (shared->type) {
    case Type::socket_ids:
      return answer_with_list(self, shared, AnswerType::socket_ids, find_ids);
    case Type::rooms:
      return answer_with_list(self, shared, AnswerType::rooms, find_rooms);
    case Type::fetch_sockets:
      return answer_with_list(self, shared, AnswerType::sockets, describe_sockets);
    case Type::join:
      return act_on_sockets(self, shared, &ClusterRequests::join);
    case Type::leave:
      return act_on_sockets(self, shared, &ClusterRequests::leave);
    case Type::disconnect:
      return act_on_sockets(self, shared, &ClusterRequests::disconnect);
    case Type::server_side_emit:
      // Nothing listens here; whoever asked for an answer counts on one from every member.
      if (!shared->id.empty()) answer(*shared, {.type = AnswerType::server_side_emit, .json = "null"});
      return;
    case Type::broadcast:
      return broadcast(self, shared);
  }
}

void ClusterRequests::answer_with_list(const Self& self, const Request& request, AnswerType type, FindOnThread part) {
  struct Gathering {
    std::mutex mutex;
    std::size_t threads_due = 0;
    std::vector<std::string> items{};
  };
  const auto gathering = std::make_shared<Gathering>();
  gathering->threads_due = self->sockets_.thread_count();
  self->sockets_.on_each_thread([=](RoomMap& rooms) {
    auto items = part(*request, rooms);
    {
      const std::lock_guard lock(gathering->mutex);
      std::ranges::move(items, std::back_inserter(gathering->items));
      if (--gathering->threads_due > 0) return;
    }
    items = std::move(gathering->items);
    if (type == AnswerType::rooms) drop_duplicates(items);
    const auto count = answerable(items);
    if (count < items.size()) self->warn_of_cut(items.size(), count);
    self->answer(*request, {.type = type, .json = json_list(std::span(items).first(count))});
  });
}

void ClusterRequests::warn_of_cut(std::size_t found, std::size_t answered) {
  if (has_warned_.exchange(true)) return;
  base::log::warn("redis.cluster_answer_cut", {{"nsp", nsp_}, {"found", found}, {"answered", answered}});
}

void ClusterRequests::act_on_sockets(const Self& self, const Request& request, Act act) {
  self->sockets_.on_each_thread([=](RoomMap& rooms) {
    const auto found = find_sockets(*request, rooms);
    if (found.empty()) return;
    std::invoke(act, *self, *request, found);
    // Only the older form of these requests is answered, by the member that has the socket.
    if (!request->sid.empty() && !request->id.empty()) self->answer(*request, {.type = AnswerType::done});
  });
}

void ClusterRequests::join(const ClusterRequest& request, const Sockets& sockets) {
  for (const auto& socket : sockets) {
    for (const auto& room : request.rooms) sockets_.add(socket, room);
  }
}

void ClusterRequests::leave(const ClusterRequest& request, const Sockets& sockets) {
  for (const auto& socket : sockets) {
    for (const auto& room : request.rooms) sockets_.remove(socket, room);
  }
}

void ClusterRequests::disconnect(const ClusterRequest& request, const Sockets& sockets) {
  for (const auto& socket : sockets) {
    if (request.closes_transport) {
      // As the reference does: the packet tells the client not to come back by itself.
      socket->send(socketio::encode_packet(socketio::PacketType::disconnect, nsp_, {}, {}));
      socket->close_transport(engineio::CloseReason::forced_close);
    } else {
      socket->disconnect();
    }
  }
}

void ClusterRequests::broadcast(const Self& self, const Request& request) {
  struct Count {
    std::atomic<std::size_t> threads_due = 0;
    std::atomic<std::size_t> clients = 0;
  };
  const auto count = std::make_shared<Count>();
  count->threads_due = self->sockets_.thread_count();
  self->sockets_.on_each_thread([=](RoomMap& rooms) {
    count->clients += broadcast_on_thread(self, request, rooms);
    if (--count->threads_due > 0) return;
    self->answer(*request, {.type = AnswerType::client_count, .json = std::to_string(count->clients.load())});
  });
}

std::size_t ClusterRequests::broadcast_on_thread(const Self& self, const Request& request, RoomMap& rooms) {
  const auto& event = request->event;
  std::vector<std::pair<std::weak_ptr<Socket>, socketio::AckId>> awaited;
  // The sockets keep the handler, and must keep neither their own adapter nor the event.
  const auto asked = std::make_shared<const ClusterRequest>(
      ClusterRequest{.type = request->type, .requester = request->requester, .id = request->id});
  const auto on_ack = [weak_self = std::weak_ptr(self), asked](std::string_view args,
                                                               const std::vector<std::string>& attachments) {
    const auto requests = weak_self.lock();
    if (!requests) return;
    requests->answer(*asked,
                     {.type = AnswerType::client_ack, .json = first_argument(args), .attachments = attachments});
  };
  rooms.visit(event.to, [&](const std::shared_ptr<Socket>& socket) {
    const auto id = socket->send_with_ack(event.json, event.attachments, on_ack);
    if (id) awaited.emplace_back(socket, *id);
  });
  const auto clients = awaited.size();
  if (clients == 0) return 0;
  const auto time = std::min(request->timeout.value_or(ack_time), ack_time_max);
  // The timer is not kept: it ends what was begun here, whatever else happens.
  static_cast<void>(base::Executor::current().schedule(time, [awaited = std::move(awaited)] {
    for (const auto& [weak_socket, id] : awaited) {
      if (const auto socket = weak_socket.lock()) socket->forget_ack(id);
    }
  }));
  return clients;
}

void ClusterRequests::answer(const ClusterRequest& request, const ClusterAnswer& answer) const {
  auto message = protocol_.encode_answer(request, answer);
  bus_.publish(std::move(message.channel), std::move(message.payload));
}

}  // namespace redis
