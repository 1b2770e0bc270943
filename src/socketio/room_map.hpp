// The rooms of one thread's sockets: who is in which, and a packet's way to all of one. Part of InMemoryAdapter; that
// thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "socketio/adapter.hpp"

namespace socketio {

class RoomMap {
 public:
  void add(const std::shared_ptr<Socket>& socket, const Room& room);
  void remove(const Socket& socket, const Room& room);
  void remove_all(const Socket& socket);
  void broadcast(const engineio::OutboundMessage& packet, const BroadcastOptions& options);

  [[nodiscard]] std::size_t socket_count() const noexcept { return members_.size(); }
  // Rooms with somebody in them; a socket's own room is none of them.
  [[nodiscard]] std::size_t room_count() const noexcept { return rooms_.size(); }

 private:
  struct Member;
  using Members = std::vector<Member*>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using Rooms = std::unordered_map<Room, Members, Hash, std::equal_to<>>;
  // A member's place in a room: nodes of the map stay where they are, and the position makes leaving cheap.
  struct Place {
    Rooms::value_type* room;
    std::size_t position;
  };
  struct Member {
    std::shared_ptr<Socket> socket;
    std::vector<Place> places{};
    std::uint64_t last_broadcast = 0;
    // A socket's own room is a flag: with a thousand sockets it would else be a thousand rooms of one.
    bool is_in_own_room = false;
  };

  void leave(Member& member, std::size_t place);
  template <class Visit>
  void for_each_in(const Room& room, Visit&& visit);

  // By the socket's id, whose text is the socket's.
  std::unordered_map<std::string_view, Member> members_;
  Rooms rooms_;
  std::uint64_t broadcasts_ = 0;
};

}  // namespace socketio
