#include "redis/cluster_requests.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>

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

std::vector<std::shared_ptr<Socket>> find_sockets(const ClusterRequest& request, RoomMap& rooms) {
  std::vector<std::shared_ptr<Socket>> sockets;
  auto to = request.to;
  if (!request.sid.empty()) to.rooms = {request.sid};
  rooms.visit(to, [&](const std::shared_ptr<Socket>& socket) {
    if (request.sid.empty() || socket->id() == request.sid) sockets.push_back(socket);
  });
  return sockets;
}

std::vector<std::string> find_ids(const ClusterRequest& request, RoomMap& rooms) {
  std::vector<std::string> ids;
  rooms.visit(request.to, [&](const std::shared_ptr<Socket>& socket) { ids.push_back(socket->id()); });
  return ids;
}

std::vector<std::string> find_rooms(const ClusterRequest&, RoomMap& rooms) {
  return rooms.rooms();
}

std::vector<std::string> describe_sockets(const ClusterRequest& request, RoomMap& rooms) {
  std::vector<std::string> descriptions;
  rooms.visit(request.to, [&](const std::shared_ptr<Socket>& socket) {
    append_socket_json(descriptions.emplace_back(), *socket, rooms.rooms_of(*socket));
  });
  return descriptions;
}

void append_json_values(std::string& out, const std::vector<std::string>& values) {
  out += '[';
  for (const auto& value : values) {
    if (&value != &values.front()) out += ',';
    out += value;
  }
  out += ']';
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
      return answer_with_list(self, shared, AnswerType::socket_ids, find_ids, append_json_strings);
    case Type::rooms:
      return answer_with_list(self, shared, AnswerType::rooms, find_rooms, append_json_strings);
    case Type::fetch_sockets:
      return answer_with_list(self, shared, AnswerType::sockets, describe_sockets, append_json_values);
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

void ClusterRequests::answer_with_list(const Self& self, const Request& request, AnswerType type, FindOnThread part,
                                       WriteList write) {
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
    // A room is on every thread that has a socket in it.
    std::ranges::sort(items);
    const auto duplicates = std::ranges::unique(items);
    items.erase(duplicates.begin(), duplicates.end());
    ClusterAnswer list{.type = type};
    write(list.json, items);
    self->answer(*request, list);
  });
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
  // The sockets keep it, and must not keep their own adapter.
  const auto on_ack = [weak_self = std::weak_ptr(self), request](std::string_view args,
                                                                 const std::vector<std::string>& attachments) {
    const auto requests = weak_self.lock();
    if (!requests) return;
    requests->answer(*request,
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
