#include "redis/redis_adapter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <latch>
#include <mutex>
#include <thread>

#include "base/manual_executor.hpp"
#include "redis/fake_bus.hpp"
#include "socketio/fake_socket.hpp"
#include "socketio/json.hpp"
#include "socketio/packet.hpp"

namespace redis {
namespace {

using socketio::RelayedEvent;
using socketio::Room;
using socketio::testing::FakeSocket;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::size_t thread_count = 2;

class RecordingListener final : public socketio::ClusterListener {
 public:
  bool on_relayed(RelayedEvent& event) override {
    log.push_back("relayed " + event.json);
    return takes_events;
  }
  void on_possible_loss(const Room& room) override { log.push_back("loss " + room); }
  void on_link(bool is_up) override { log.emplace_back(is_up ? "up" : "down"); }

  std::vector<std::string> log;
  bool takes_events = false;
};

// A member of a cluster in memory: sockets on real threads, everything of the bus by hand.
class Member {
 public:
  Member(AdapterProtocol protocol, const std::shared_ptr<FakeBroker>& broker) : bus(executor, broker) {
    std::vector<net::IoThread*> pointers;
    for (std::size_t i = 0; i < thread_count; ++i) {
      threads.push_back(std::make_unique<net::IoThread>(clock, i));
      pointers.push_back(threads.back().get());
    }
    adapter = std::make_unique<RedisAdapter>(pointers, bus, protocol);
    adapter->observe(listener);
    for (auto* const thread : pointers) runners.emplace_back([thread] { thread->run(); });
    bus.start();
    executor.run();
    listener.log.clear();
  }
  ~Member() {
    for (const auto& thread : threads) thread->stop();
  }

  // In its own room and in these, on the thread of that number.
  std::shared_ptr<FakeSocket> connect(const std::string& id, const std::vector<Room>& rooms, std::size_t thread = 0) {
    auto socket = std::make_shared<FakeSocket>(id, *threads[thread]);
    on_thread(thread, [&] {
      adapter->add(socket, id);
      for (const auto& room : rooms) adapter->add(socket, room);
    });
    executor.run();
    return socket;
  }

  // What the bus has, then what that left to do on the threads, and so on.
  void settle() {
    for (int round = 0; round < 4; ++round) {
      executor.run();
      for (std::size_t i = 0; i < thread_count; ++i) on_thread(i, [] {});
    }
  }

  void on_thread(std::size_t index, const std::function<void()>& job) {
    std::latch done(1);
    threads[index]->post([&] {
      job();
      done.count_down();
    });
    done.wait();
  }

  std::vector<std::string> sent_to(const std::shared_ptr<FakeSocket>& socket) {
    settle();
    return std::exchange(socket->sent, {});
  }
  std::vector<std::string> take_log() {
    settle();
    return std::exchange(listener.log, {});
  }

  base::ManualClock manual_clock;
  base::ManualExecutor executor{manual_clock};
  base::SystemClock clock;
  FakeBus bus;
  RecordingListener listener;
  std::vector<std::unique_ptr<net::IoThread>> threads;
  std::unique_ptr<RedisAdapter> adapter;
  std::vector<std::jthread> runners;
};

class RedisAdapterTest : public ::testing::TestWithParam<AdapterProtocol> {
 protected:
  [[nodiscard]] bool is_classic() const { return GetParam() == AdapterProtocol::classic; }
  // What members published meanwhile.
  void settle() {
    for (int round = 0; round < 3; ++round) {
      a.settle();
      b.settle();
    }
  }
  // A request as a Node member with the uid `peer` sends it.
  void request(std::string_view classic, std::string_view sharded_type, std::string_view sharded_data) {
    static_cast<void>(b.bus.take_published());
    if (is_classic()) {
      b.bus.receive("socket.io-request#/#", R"({"uid":"peer",)" + std::string(classic) + "}");
    } else {
      b.bus.receive("socket.io#/#", R"({"type":)" + std::string(sharded_type) + R"(,"data":{)" +
                                        std::string(sharded_data) + R"(},"uid":"peer","nsp":"/"})");
    }
    settle();
  }
  // The member of the one answer that holds it; empty where there is not one answer.
  std::string answer(std::string_view name) {
    const auto published = b.bus.take_published();
    if (published.size() != 1) return std::to_string(published.size()) + " answers";
    const auto channel = is_classic() ? "socket.io-response#/#" : "socket.io#/#peer#";
    EXPECT_EQ(published[0].channel, channel);
    const auto root = socketio::parse_unpadded_json(published[0].payload);
    if (!root) return "no JSON";
    simdjson::dom::element content = *root;
    if (!is_classic()) content = (*root)["data"];
    EXPECT_EQ(std::string_view(content["requestId"]), "r");
    return simdjson::minify(content[name]);
  }

  const std::shared_ptr<FakeBroker> broker = std::make_shared<FakeBroker>();
  Member a{GetParam(), broker};
  Member b{GetParam(), broker};
};

INSTANTIATE_TEST_SUITE_P(Protocols, RedisAdapterTest,
                         ::testing::Values(AdapterProtocol::classic, AdapterProtocol::sharded),
                         [](const auto& of) { return of.param == AdapterProtocol::classic ? "classic" : "sharded"; });

TEST_P(RedisAdapterTest, Published_ReachesTheSocketsOfOtherMembersAlone) {
  const auto mine = a.connect("mine", {"user:bob"});
  const auto theirs = b.connect("theirs", {"user:bob"}, 1);
  const auto other = b.connect("other", {"user:eve"});
  const auto left_out = b.connect("left-out", {"user:bob"});
  a.adapter->publish(R"(["newMessage",{"content":"hi"}])", {.rooms = {"user:bob"}, .except = {"left-out"}}, "");
  settle();
  EXPECT_THAT(b.sent_to(theirs), ElementsAre(R"(42["newMessage",{"content":"hi"}])"));
  EXPECT_THAT(b.sent_to(other), IsEmpty());
  EXPECT_THAT(b.sent_to(left_out), IsEmpty());
  EXPECT_THAT(a.sent_to(mine), IsEmpty());
  EXPECT_THAT(a.take_log(), IsEmpty());
}

TEST_P(RedisAdapterTest, PublishedToNoRoomOrSeveral_ReachesEverybodyConcerned) {
  const auto one = b.connect("one", {"x"});
  const auto two = b.connect("two", {"y"}, 1);
  a.adapter->publish(R"(["all"])", {}, "");
  a.adapter->publish(R"(["both"])", {.rooms = {"x", "y"}}, "");
  settle();
  EXPECT_THAT(b.sent_to(one), ElementsAre(R"(42["all"])", R"(42["both"])"));
  EXPECT_THAT(b.sent_to(two), ElementsAre(R"(42["all"])", R"(42["both"])"));
}

TEST_P(RedisAdapterTest, PublishedToASocketsOwnRoom_ReachesIt) {
  const auto socket = b.connect("AAAAAAAAAAAAAAAAAAAA", {});
  a.adapter->publish(R"(["x"])", {.rooms = {"AAAAAAAAAAAAAAAAAAAA"}}, "");
  settle();
  EXPECT_THAT(b.sent_to(socket), ElementsAre(R"(42["x"])"));
}

TEST_P(RedisAdapterTest, PublishedVolatile_IsSentVolatile) {
  const auto socket = b.connect("s", {"x"});
  a.adapter->publish(R"(["typing"])", {.rooms = {"x"}, .is_volatile = true}, "");
  settle();
  EXPECT_THAT(b.sent_to(socket), IsEmpty());
  EXPECT_THAT(socket->sent_volatile, ElementsAre(R"(42["typing"])"));
}

TEST_P(RedisAdapterTest, EventThatTheListenerTakes_GoesNoFurther) {
  const auto socket = b.connect("s", {"x"});
  b.listener.takes_events = true;
  a.adapter->publish(R"(["x"])", {.rooms = {"x"}}, "");
  settle();
  EXPECT_THAT(b.take_log(), ElementsAre(R"(relayed ["x"])"));
  EXPECT_THAT(b.sent_to(socket), IsEmpty());
}

TEST_P(RedisAdapterTest, EventWithAttachments_IsSentAsABinaryEvent) {
  const auto socket = b.connect("s", {"room1"});
  const std::string_view classic =
      "\x93\xa6iAmVg2\x83\xa4type\x02\xa4"
      "data\x92\xa3"
      "bin\xc4\x04\x01\x02\x03\x04\xa3nsp\xa1/\x83\xa5rooms\x91\xa5room1"
      "\xa6"
      "except\x90\xa5"
      "flags\x80";
  const std::string_view sharded =
      "\x84\xa4type\x03\xa4"
      "data\x82\xa6packet\x82\xa4type\x02\xa4"
      "data\x92\xa3"
      "bin\xc4\x04\x01\x02\x03\x04\xa4opts\x83"
      "\xa5rooms\x91\xa5room1\xa6"
      "except\x90\xa5"
      "flags\x80\xa3uid\xa1p\xa3nsp\xa1/";
  b.bus.receive("socket.io#/#room1#", std::string(is_classic() ? classic : sharded));
  EXPECT_THAT(b.sent_to(socket), ElementsAre(R"(451-["bin",{"_placeholder":true,"num":0}])", "bAQIDBA=="));
}

TEST_P(RedisAdapterTest, Garbage_IsLeftAlone) {
  const auto socket = b.connect("s", {"x"});
  for (const auto* const payload : {"", "{", "\x93", "\xdd\xff\xff\xff\xff", "[]", "{}"}) {
    b.bus.receive("socket.io#/#", payload);
    b.bus.receive("socket.io#/#x#", payload);
    b.bus.receive("socket.io-request#/#", payload);
  }
  EXPECT_THAT(b.sent_to(socket), IsEmpty());
  EXPECT_THAT(b.take_log(), IsEmpty());
}

TEST_P(RedisAdapterTest, Subscriptions_AreOfTheRoomsThatAreHeldHere) {
  std::vector<std::string> common{"messagingd:lost#/#", "socket.io#/#"};
  if (is_classic()) common.emplace_back("socket.io-request#/#");
  EXPECT_THAT(b.bus.subscriptions(), ::testing::UnorderedElementsAreArray(common));

  const auto first = b.connect("AAAAAAAAAAAAAAAAAAAA", {"x"}, 0);
  const auto second = b.connect("BBBBBBBBBBBBBBBBBBBB", {"x"}, 1);
  auto with_sockets = common;
  with_sockets.emplace_back("socket.io#/#x#");
  if (is_classic()) {
    with_sockets.emplace_back("socket.io#/#AAAAAAAAAAAAAAAAAAAA#");
    with_sockets.emplace_back("socket.io#/#BBBBBBBBBBBBBBBBBBBB#");
  }
  EXPECT_THAT(b.bus.subscriptions(), ::testing::UnorderedElementsAreArray(with_sockets));

  b.on_thread(0, [&] { b.adapter->remove_all(first); });
  EXPECT_TRUE(b.bus.subscriptions().contains("socket.io#/#x#"));
  b.on_thread(1, [&] { b.adapter->remove_all(second); });
  EXPECT_THAT(b.bus.subscriptions(), ::testing::UnorderedElementsAreArray(common));
}

TEST_P(RedisAdapterTest, HeldRoom_IsOpenWithoutASocket) {
  bool is_ready = false;
  b.executor.enter([&] { b.adapter->hold_room("user:bob", [&] { is_ready = true; }); });
  EXPECT_FALSE(is_ready);
  b.settle();
  EXPECT_TRUE(is_ready);
  a.adapter->publish(R"(["x"])", {.rooms = {"user:bob"}}, "");
  settle();
  EXPECT_THAT(b.take_log(), ElementsAre(R"(relayed ["x"])"));
  b.adapter->release_room("user:bob");
  a.adapter->publish(R"(["y"])", {.rooms = {"user:bob"}}, "");
  settle();
  EXPECT_THAT(b.take_log(), IsEmpty());
}

TEST_P(RedisAdapterTest, HeldRoomThatIsConfirmedLate_IsReportedAsAPossibleLoss) {
  bool is_ready = false;
  b.bus.hold_confirmations(true);
  b.executor.enter([&] { b.adapter->hold_room("user:bob", [&] { is_ready = true; }); });
  b.executor.advance(base::milliseconds(100));
  EXPECT_TRUE(is_ready);
  EXPECT_THAT(b.take_log(), IsEmpty());
  b.bus.hold_confirmations(false);
  EXPECT_THAT(b.take_log(), ElementsAre("loss user:bob"));
}

TEST_P(RedisAdapterTest, LinkThatWasLost_IsReportedWithAPossibleLossOfEverything) {
  b.connect("s", {"x"});
  b.bus.set_link(false);
  EXPECT_THAT(b.take_log(), ElementsAre("down"));
  b.bus.set_link(true);
  EXPECT_THAT(b.take_log(), ElementsAre("up", "loss "));
}

TEST_P(RedisAdapterTest, PublishThatWasLost_IsKnownToAllMembers) {
  a.bus.lose_publishes(1);
  a.adapter->publish(R"(["lost"])", {}, "");
  settle();
  EXPECT_THAT(b.take_log(), IsEmpty());
  a.adapter->publish(R"(["next"])", {}, "");
  settle();
  EXPECT_THAT(a.take_log(), ElementsAre("loss "));
  EXPECT_THAT(b.take_log(), ElementsAre(R"(relayed ["next"])", "loss "));
}

TEST_P(RedisAdapterTest, AnnouncedLoss_IsKnownToAllMembers) {
  a.adapter->announce_loss();
  settle();
  EXPECT_THAT(a.take_log(), ElementsAre("loss "));
  EXPECT_THAT(b.take_log(), ElementsAre("loss "));
}

TEST_P(RedisAdapterTest, Observer_IsToldOfTheLinkOnce) {
  RecordingListener late;
  b.adapter->observe(late);
  b.settle();
  EXPECT_THAT(late.log, ElementsAre("up"));
}

TEST_P(RedisAdapterTest, RequestForSockets_IsAnsweredWithoutTheirSecrets) {
  b.connect("s1", {"x"}, 0);
  b.connect("s2", {"y"}, 1);
  request(R"("requestId":"r","type":5,"opts":{"rooms":["y"],"except":[]})", "7",
          R"("requestId":"r","opts":{"rooms":["y"],"except":[],"flags":{}})");
  EXPECT_EQ(answer("sockets"),
            R"([{"id":"s2","handshake":{"headers":{},"time":"1970-01-01T00:00:00.000Z","address":"","xdomain":false,)"
            R"("secure":false,"issued":0,"url":"/socket.io/","query":{"EIO":"4","transport":"polling"},"auth":{}},)"
            R"("rooms":["s2","y"],"data":{}}])");
  request(R"("requestId":"r","type":5,"opts":{"rooms":["nobody"],"except":[]})", "7",
          R"("requestId":"r","opts":{"rooms":["nobody"],"except":[],"flags":{}})");
  EXPECT_EQ(answer("sockets"), "[]");
}

TEST_P(RedisAdapterTest, RequestToJoinAndLeave_ChangesTheSocketsOfThisMember) {
  const auto socket = b.connect("s", {"x"}, 1);
  request(R"("type":2,"opts":{"rooms":["x"],"except":[]},"rooms":["new","n2"])", "4",
          R"("opts":{"rooms":["x"],"except":[]},"rooms":["new","n2"])");
  EXPECT_THAT(b.bus.take_published(), IsEmpty());
  a.adapter->publish(R"(["to new"])", {.rooms = {"new"}}, "");
  settle();
  EXPECT_THAT(b.sent_to(socket), ElementsAre(R"(42["to new"])"));

  request(R"("type":3,"opts":{"rooms":["x"],"except":[]},"rooms":["new"])", "5",
          R"("opts":{"rooms":["x"],"except":[]},"rooms":["new"])");
  EXPECT_FALSE(b.bus.subscriptions().contains("socket.io#/#new#"));
  EXPECT_TRUE(b.bus.subscriptions().contains("socket.io#/#n2#"));
}

TEST_P(RedisAdapterTest, RequestToDisconnect_IsObeyed) {
  const auto gentle = b.connect("s1", {"x"});
  const auto closed = b.connect("s2", {"y"}, 1);
  const auto spared = b.connect("s3", {});
  request(R"("type":4,"opts":{"rooms":["x"],"except":[]},"close":false)", "6",
          R"("opts":{"rooms":["x"],"except":[]},"close":false)");
  request(R"("type":4,"opts":{"rooms":["y"],"except":[]},"close":true)", "6",
          R"("opts":{"rooms":["y"],"except":[]},"close":true)");
  EXPECT_TRUE(gentle->is_disconnected);
  EXPECT_FALSE(gentle->is_transport_closed);
  EXPECT_TRUE(closed->is_transport_closed);
  EXPECT_THAT(b.sent_to(closed), ElementsAre("41"));
  EXPECT_FALSE(spared->is_disconnected || spared->is_transport_closed);
}

TEST_P(RedisAdapterTest, ServerSideEmit_IsAnsweredWhereAnAnswerIsAwaited) {
  request(R"("type":6,"data":["hello"])", "9", R"("packet":["hello"])");
  EXPECT_THAT(b.bus.take_published(), IsEmpty());
  request(R"("requestId":"r","type":6,"data":["hello"])", "9", R"("requestId":"r","packet":["hello"])");
  EXPECT_EQ(answer(is_classic() ? "data" : "packet"), "null");
}

class AckedBroadcast : public RedisAdapterTest {
 protected:
  void broadcast(std::string_view timeout) {
    request(
        R"("requestId":"r","type":7,"packet":{"type":2,"data":["ask",7],"nsp":"/"},"opts":{"rooms":["x"],"flags":{"timeout":)" +
            std::string(timeout) + "}}",
        "3",
        R"("requestId":"r","packet":{"type":2,"data":["ask",7]},"opts":{"rooms":["x"],"flags":{"timeout":)" +
            std::string(timeout) + "}}");
  }
  void acknowledge(const std::shared_ptr<FakeSocket>& socket, std::string args) {
    args.append(simdjson::SIMDJSON_PADDING, ' ');
    const auto handler = socket->awaited_acks.extract(0);
    handler.mapped()(std::string_view(args).substr(0, args.size() - simdjson::SIMDJSON_PADDING), {});
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, AckedBroadcast,
                         ::testing::Values(AdapterProtocol::classic, AdapterProtocol::sharded),
                         [](const auto& of) { return of.param == AdapterProtocol::classic ? "classic" : "sharded"; });

TEST_P(AckedBroadcast, OfAPeer_IsAnsweredWithTheCountAndEachAck) {
  const auto first = b.connect("s1", {"x"}, 0);
  const auto second = b.connect("s2", {"x"}, 1);
  b.connect("s3", {"y"});
  broadcast("5000");
  EXPECT_EQ(answer("clientCount"), "2");
  EXPECT_THAT(b.sent_to(first), ElementsAre(R"(420["ask",7])"));
  b.on_thread(1, [&] { acknowledge(second, R"(["yes",2])"); });
  const auto acks = b.bus.take_published();
  ASSERT_EQ(acks.size(), 1U);
  EXPECT_THAT(acks[0].payload, ::testing::HasSubstr(is_classic() ? "\xa6packet\xa3yes" : R"("packet":"yes")"));
  b.on_thread(0, [&] { acknowledge(first, "[]"); });
  const auto empty_acks = b.bus.take_published();
  ASSERT_EQ(empty_acks.size(), 1U);
  EXPECT_THAT(empty_acks[0].payload, ::testing::Not(::testing::HasSubstr("packet")));
}

TEST_P(AckedBroadcast, ToNobodyHere_IsCountedAsZero) {
  broadcast("5000");
  EXPECT_EQ(answer("clientCount"), "0");
}

TEST_P(AckedBroadcast, AfterItsTime_AwaitsNoAcks) {
  const auto socket = b.connect("s", {"x"});
  std::latch forgotten(1);
  socket->on_forget = [&] { forgotten.count_down(); };
  broadcast("1");
  forgotten.wait();
  b.on_thread(0, [&] { EXPECT_THAT(socket->awaited_acks, IsEmpty()); });
}

class ClassicAdapterTest : public RedisAdapterTest {};
INSTANTIATE_TEST_SUITE_P(Protocols, ClassicAdapterTest, ::testing::Values(AdapterProtocol::classic));

TEST_P(ClassicAdapterTest, RequestsForRoomsAndIds_AreAnswered) {
  b.connect("s1", {"x"}, 0);
  b.connect("s2", {"x", "y"}, 1);
  request(R"("requestId":"r","type":1)", "", "");
  EXPECT_EQ(answer("rooms"), R"(["s1","s2","x","y"])");
  request(R"("requestId":"r","type":0,"rooms":["y"])", "", "");
  EXPECT_EQ(answer("sockets"), R"(["s2"])");
}

TEST_P(ClassicAdapterTest, RequestForMoreRoomsThanAreAnswered_IsAnsweredWithSomeOfThem) {
  std::vector<Room> rooms(20'001);
  for (std::size_t i = 0; i < rooms.size(); ++i) rooms[i] = "room" + std::to_string(i);
  b.connect("s", rooms);
  request(R"("requestId":"r","type":1)", "", "");
  EXPECT_EQ(std::ranges::count(answer("rooms"), ','), 19'999);
}

TEST_P(ClassicAdapterTest, RequestsInTheOlderForm_AreAnsweredByTheMemberThatHasTheSocket) {
  const auto socket = b.connect("s1", {}, 1);
  request(R"("requestId":"r","type":2,"sid":"s1","room":"x")", "", "");
  EXPECT_THAT(b.bus.take_published(), ElementsAre(FakeBus::Published{"socket.io-response#/#", R"({"requestId":"r"})"}));
  EXPECT_TRUE(b.bus.subscriptions().contains("socket.io#/#x#"));
  request(R"("requestId":"r","type":3,"sid":"s1","room":"x")", "", "");
  EXPECT_EQ(b.bus.take_published().size(), 1U);
  EXPECT_FALSE(b.bus.subscriptions().contains("socket.io#/#x#"));
  request(R"("requestId":"r","type":4,"sid":"elsewhere","close":false)", "", "");
  EXPECT_THAT(b.bus.take_published(), IsEmpty());
  request(R"("requestId":"r","type":4,"sid":"s1","close":false)", "", "");
  EXPECT_EQ(b.bus.take_published().size(), 1U);
  EXPECT_TRUE(socket->is_disconnected);
}

TEST_P(ClassicAdapterTest, RequestInTheOlderFormOfARoomsName_IsNotForItsMembers) {
  const auto socket = b.connect("s1", {"x"});
  request(R"("requestId":"r","type":4,"sid":"x","close":true)", "", "");
  EXPECT_FALSE(socket->is_disconnected || socket->is_transport_closed);
}

}  // namespace
}  // namespace redis
