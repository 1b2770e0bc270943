// The rooms of one thread's sockets: who is in which, and the way to all of one. Part of InMemoryAdapter; that thread
// only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "socketio/adapter.hpp"

namespace socketio {

// Whoever wants to know which rooms a thread has sockets in. Told on that thread, of each room (a socket's own is one
// as well) when its first socket comes and when its last one has left; where a room bears the name of a socket, of
// both.
class RoomObserver {
 public:
  virtual ~RoomObserver() = default;
  virtual void on_room_opened(const Room& room) = 0;
  virtual void on_room_closed(const Room& room) = 0;
};

class RoomMap {
 public:
  using Visit = std::function<void(const std::shared_ptr<Socket>& socket)>;

  // The observer, where there is one, outlives the map's last change.
  explicit RoomMap(RoomObserver* observer = nullptr) : observer_(observer) {}

  void add(const std::shared_ptr<Socket>& socket, const Room& room);
  void remove(const Socket& socket, const Room& room);
  void remove_all(const Socket& socket);

  // Each socket that a broadcast with these options would reach, once. `visit` must not change the map.
  void visit(const BroadcastOptions& options, const Visit& visit);
  // The rooms that the socket is in, its own among them.
  [[nodiscard]] std::vector<Room> rooms_of(const Socket& socket) const;
  // All rooms of all sockets, their own among them; one that bears the name of a socket may come twice.
  [[nodiscard]] std::vector<Room> rooms() const;

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
    std::uint64_t last_visit = 0;
    // A socket's own room is a flag: with a thousand sockets it would else be a thousand rooms of one.
    bool is_in_own_room = false;
  };

  void leave(Member& member, std::size_t place);
  void join_own_room(Member& member);
  void leave_own_room(Member& member);
  template <class Serve>
  void for_each_in(const Room& room, Serve&& serve);

  RoomObserver* const observer_;
  // By the socket's id, whose text is the socket's.
  std::unordered_map<std::string_view, Member> members_;
  Rooms rooms_;
  std::uint64_t visits_ = 0;
};

}  // namespace socketio
