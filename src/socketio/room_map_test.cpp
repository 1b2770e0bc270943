#include "socketio/room_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "socketio/fake_socket.hpp"

namespace socketio {
namespace {

using ::testing::ElementsAre;
using testing::FakeSocket;
using ::testing::IsEmpty;

class RoomMapTest : public ::testing::Test {
 protected:
  // In its own room, as every accepted socket is.
  std::shared_ptr<FakeSocket> add_socket(const std::string& id, const std::vector<Room>& rooms = {}) {
    auto socket = std::make_shared<FakeSocket>(id, thread);
    map.add(socket, id);
    for (const auto& room : rooms) map.add(socket, room);
    sockets.push_back(socket);
    return socket;
  }

  // Who was visited, sorted; twice where it was twice.
  std::vector<std::string> receivers(const BroadcastOptions& options) {
    std::vector<std::string> ids;
    map.visit(options, [&ids](const std::shared_ptr<Socket>& socket) { ids.push_back(socket->id()); });
    std::ranges::sort(ids);
    return ids;
  }

  struct Log final : RoomObserver {
    void on_room_opened(const Room& room) override { lines.push_back("+" + room); }
    void on_room_closed(const Room& room) override { lines.push_back("-" + room); }
    std::vector<std::string> lines;
  };

  base::ManualClock clock;
  net::IoThread thread{clock, 0};
  Log log;
  RoomMap map{&log};
  std::vector<std::shared_ptr<FakeSocket>> sockets;
};

TEST_F(RoomMapTest, VisitOfNoRoom_ReachesEverybody) {
  add_socket("a");
  add_socket("b", {"r"});
  EXPECT_THAT(receivers({}), ElementsAre("a", "b"));
  EXPECT_THAT(receivers({.except = {"r"}}), ElementsAre("a"));
}

TEST_F(RoomMapTest, VisitOfOverlappingRooms_ReachesEachMemberOnce) {
  add_socket("a", {"r", "s"});
  add_socket("b", {"s"});
  add_socket("c", {"t"});
  EXPECT_THAT(receivers({.rooms = {"r", "s", "r"}}), ElementsAre("a", "b"));
  EXPECT_THAT(receivers({.rooms = {"r", "s", "a"}, .except = {"b"}}), ElementsAre("a"));
  EXPECT_THAT(receivers({.rooms = {"r", "s", "t"}, .except = {"s", "nobody"}}), ElementsAre("c"));
  EXPECT_THAT(receivers({.rooms = {"nobody"}}), IsEmpty());
}

TEST_F(RoomMapTest, SocketsId_IsItsOwnRoom) {
  add_socket("a");
  const auto b = add_socket("b");
  EXPECT_THAT(receivers({.rooms = {"b"}}), ElementsAre("b"));
  EXPECT_EQ(map.room_count(), 0U);
  map.remove(*b, "b");
  EXPECT_THAT(receivers({.rooms = {"b"}}), IsEmpty());
  EXPECT_THAT(receivers({}), ElementsAre("a", "b"));
}

TEST_F(RoomMapTest, RoomNamedLikeAnotherSocket_HoldsBoth) {
  add_socket("a", {"b"});
  add_socket("b");
  EXPECT_THAT(receivers({.rooms = {"b"}}), ElementsAre("a", "b"));
}

TEST_F(RoomMapTest, JoiningTwice_IsJoiningOnce) {
  const auto a = add_socket("a", {"r", "r"});
  EXPECT_THAT(receivers({.rooms = {"r"}}), ElementsAre("a"));
  map.remove(*a, "r");
  EXPECT_THAT(receivers({.rooms = {"r"}}), IsEmpty());
  EXPECT_EQ(map.room_count(), 0U);
}

TEST_F(RoomMapTest, RoomThatTheLastMemberLeft_Vanishes) {
  const auto a = add_socket("a", {"r", "s"});
  const auto b = add_socket("b", {"r"});
  map.remove(*a, "r");
  map.remove(*a, "never joined");
  EXPECT_EQ(map.room_count(), 2U);
  map.remove_all(*b);
  EXPECT_EQ(map.room_count(), 1U);
  map.remove_all(*a);
  map.remove_all(*a);
  EXPECT_EQ(map.room_count(), 0U);
  EXPECT_EQ(map.socket_count(), 0U);
}

TEST_F(RoomMapTest, Observer_IsToldOfFirstAndLastMembers) {
  const auto a = add_socket("a", {"r", "r"});
  const auto b = add_socket("b", {"r"});
  EXPECT_THAT(log.lines, ElementsAre("+a", "+r", "+b"));
  log.lines.clear();
  map.add(a, "a");
  map.remove(*a, "r");
  map.remove(*a, "r");
  map.remove_all(*b);
  map.remove_all(*a);
  EXPECT_THAT(log.lines, ElementsAre("-r", "-b", "-a"));
}

TEST_F(RoomMapTest, RoomsOfASocketAndOfAll_NameTheirOwnToo) {
  const auto a = add_socket("a", {"r", "s"});
  const auto b = add_socket("b", {"s"});
  EXPECT_THAT(map.rooms_of(*a), ElementsAre("a", "r", "s"));
  EXPECT_THAT(map.rooms(), ::testing::UnorderedElementsAre("a", "b", "r", "s"));
  map.remove_all(*a);
  EXPECT_THAT(map.rooms_of(*a), IsEmpty());
}

TEST_F(RoomMapTest, ManyJoinsAndLeaves_AgreeWithAPlainModel) {
  std::mt19937 random(7);
  std::set<std::pair<std::size_t, int>> model;
  for (int i = 0; i < 8; ++i) add_socket("s" + std::to_string(i));
  for (int step = 0; step < 3000; ++step) {
    const std::size_t who = random() % 8;
    const int room = static_cast<int>(random() % 5);
    if (random() % 2 == 0) {
      map.add(sockets[who], "r" + std::to_string(room));
      model.emplace(who, room);
    } else {
      map.remove(*sockets[who], "r" + std::to_string(room));
      model.erase({who, room});
    }
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < 8; ++i) {
      if (model.contains({i, room})) expected.push_back("s" + std::to_string(i));
    }
    ASSERT_EQ(receivers({.rooms = {"r" + std::to_string(room)}}), expected);
  }
}

}  // namespace
}  // namespace socketio
