#include "socketio/room_map.hpp"

#include <algorithm>

// Invariants: a room in rooms_ is never empty; for each place p of a member m, p.room->second[p.position] == &m, and no
// two places of a member are in the same room.

namespace socketio {

void RoomMap::add(const std::shared_ptr<Socket>& socket, const Room& room) {
  auto& member = members_.try_emplace(socket->id(), Member{.socket = socket}).first->second;
  if (room == socket->id()) return join_own_room(member);
  const auto [entry, is_new] = rooms_.try_emplace(room);
  auto& node = *entry;
  if (is_new && observer_) observer_->on_room_opened(room);
  if (std::ranges::find(member.places, &node, &Place::room) != member.places.end()) return;
  member.places.push_back({.room = &node, .position = node.second.size()});
  node.second.push_back(&member);
}

void RoomMap::remove(const Socket& socket, const Room& room) {
  const auto found = members_.find(socket.id());
  if (found == members_.end()) return;
  auto& member = found->second;
  if (room == socket.id()) return leave_own_room(member);
  const auto place =
      std::ranges::find(member.places, room, [](const Place& p) -> const Room& { return p.room->first; });
  if (place != member.places.end()) leave(member, static_cast<std::size_t>(place - member.places.begin()));
}

void RoomMap::remove_all(const Socket& socket) {
  const auto found = members_.find(socket.id());
  if (found == members_.end()) return;
  auto& member = found->second;
  while (!member.places.empty()) leave(member, member.places.size() - 1);
  leave_own_room(member);
  // The key is the socket's id: the socket has to outlive its entry.
  const auto kept = std::move(member.socket);
  members_.erase(found);
}

void RoomMap::join_own_room(Member& member) {
  if (std::exchange(member.is_in_own_room, true)) return;
  if (observer_) observer_->on_room_opened(member.socket->id());
}

void RoomMap::leave_own_room(Member& member) {
  if (!std::exchange(member.is_in_own_room, false)) return;
  if (observer_) observer_->on_room_closed(member.socket->id());
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
  if (!members.empty()) return;
  const auto vanished = rooms_.extract(rooms_.find(room->first));
  if (observer_) observer_->on_room_closed(vanished.key());
}

template <class Serve>
void RoomMap::for_each_in(const Room& room, Serve&& serve) {
  if (const auto own = members_.find(room); own != members_.end() && own->second.is_in_own_room) serve(own->second);
  if (const auto found = rooms_.find(room); found != rooms_.end()) {
    for (auto* const member : found->second) serve(*member);
  }
}

void RoomMap::visit(const BroadcastOptions& options, const Visit& visit) {
  // Whoever bears this visit's number has been served, or is to be left out.
  const auto number = ++visits_;
  for (const auto& room : options.except) {
    for_each_in(room, [number](Member& member) { member.last_visit = number; });
  }
  const auto serve = [&](Member& member) {
    if (std::exchange(member.last_visit, number) != number) visit(member.socket);
  };
  for (const auto& room : options.rooms) for_each_in(room, serve);
  if (options.rooms.empty()) {
    for (auto& [id, member] : members_) serve(member);
  }
}

std::vector<Room> RoomMap::rooms_of(const Socket& socket) const {
  std::vector<Room> rooms;
  const auto found = members_.find(socket.id());
  if (found == members_.end()) return rooms;
  const auto& member = found->second;
  rooms.reserve(member.places.size() + 1);
  if (member.is_in_own_room) rooms.push_back(socket.id());
  for (const auto& place : member.places) rooms.push_back(place.room->first);
  return rooms;
}

std::vector<Room> RoomMap::rooms() const {
  std::vector<Room> rooms;
  rooms.reserve(members_.size() + rooms_.size());
  for (const auto& [id, member] : members_) {
    if (member.is_in_own_room) rooms.emplace_back(id);
  }
  for (const auto& [room, members] : rooms_) rooms.push_back(room);
  return rooms;
}

}  // namespace socketio
