#include "socketio/room_map.hpp"

#include <algorithm>

// Invariants: a room in rooms_ is never empty; for each place p of a member m, p.room->second[p.position] == &m, and no
// two places of a member are in the same room.

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

void RoomMap::add(const std::shared_ptr<Socket>& socket, const Room& room) {
  auto& member = members_.try_emplace(socket->id(), Member{.socket = socket}).first->second;
  if (room == socket->id()) {
    member.is_in_own_room = true;
    return;
  }
  auto& node = *rooms_.try_emplace(room).first;
  if (std::ranges::find(member.places, &node, &Place::room) != member.places.end()) return;
  member.places.push_back({.room = &node, .position = node.second.size()});
  node.second.push_back(&member);
}

void RoomMap::remove(const Socket& socket, const Room& room) {
  const auto found = members_.find(socket.id());
  if (found == members_.end()) return;
  auto& member = found->second;
  if (room == socket.id()) {
    member.is_in_own_room = false;
    return;
  }
  const auto place =
      std::ranges::find(member.places, room, [](const Place& p) -> const Room& { return p.room->first; });
  if (place != member.places.end()) leave(member, static_cast<std::size_t>(place - member.places.begin()));
}

void RoomMap::remove_all(const Socket& socket) {
  const auto found = members_.find(socket.id());
  if (found == members_.end()) return;
  auto& member = found->second;
  while (!member.places.empty()) leave(member, member.places.size() - 1);
  // The key is the socket's id: the socket has to outlive its entry.
  const auto kept = std::move(member.socket);
  members_.erase(found);
}

// The room's last member takes the place of the one that leaves.
void RoomMap::leave(Member& member, std::size_t place) {
  const auto [room, position] = member.places[place];
  member.places[place] = member.places.back();
  member.places.pop_back();
  auto& members = room->second;
  auto& last = *members.back();
  members[position] = &last;
  members.pop_back();
  if (&last != &member) std::ranges::find(last.places, room, &Place::room)->position = position;
  if (members.empty()) rooms_.erase(rooms_.find(room->first));
}

template <class Visit>
void RoomMap::for_each_in(const Room& room, Visit&& visit) {
  if (const auto own = members_.find(room); own != members_.end() && own->second.is_in_own_room) visit(own->second);
  if (const auto found = rooms_.find(room); found != rooms_.end()) {
    for (auto* const member : found->second) visit(*member);
  }
}

void RoomMap::broadcast(const engineio::OutboundMessage& packet, const BroadcastOptions& options) {
  // Whoever bears this broadcast's number has been served, or is to be left out.
  const auto number = ++broadcasts_;
  for (const auto& room : options.except) {
    for_each_in(room, [number](Member& member) { member.last_broadcast = number; });
  }
  const auto serve = [&](Member& member) {
    if (std::exchange(member.last_broadcast, number) == number) return;
    deliver(*member.socket, packet, options.is_volatile);
  };
  for (const auto& room : options.rooms) for_each_in(room, serve);
  if (options.rooms.empty()) {
    for (auto& [id, member] : members_) serve(member);
  }
}

}  // namespace socketio
