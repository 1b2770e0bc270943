#include "socketio/in_memory_adapter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "base/clock.hpp"
#include "socketio/fake_socket.hpp"
#include "socketio/namespace.hpp"
#include "socketio/room_map.hpp"

namespace socketio {
namespace {

using testing::FakeSocket;

constexpr std::size_t thread_count = 3;

class InMemoryAdapterTest : public ::testing::Test {
 protected:
  InMemoryAdapterTest() {
    for (std::size_t i = 0; i < thread_count; ++i) {
      threads.push_back(std::make_unique<net::IoThread>(clock, i));
      pointers.push_back(threads.back().get());
    }
    adapter = std::make_unique<InMemoryAdapter>(pointers);
    for (auto* const thread : pointers) runners.emplace_back([thread] { thread->run(); });
  }
  ~InMemoryAdapterTest() override {
    for (auto* const thread : pointers) thread->stop();
  }

  // Runs the job on every thread and waits for all: what was posted before has run then.
  template <class F>
  void on_every_thread(F job) {
    std::latch done(static_cast<std::ptrdiff_t>(thread_count));
    for (auto* const thread : pointers) {
      thread->post([&job, &done, thread] {
        job(*thread);
        done.count_down();
      });
    }
    done.wait();
  }

  base::SystemClock clock;
  std::vector<std::unique_ptr<net::IoThread>> threads;
  std::vector<net::IoThread*> pointers;
  std::unique_ptr<InMemoryAdapter> adapter;
  std::vector<std::jthread> runners;
};

TEST_F(InMemoryAdapterTest, BroadcastsOfSeveralThreads_ReachEverySocketOnceAndInEachThreadsOrder) {
  constexpr int broadcasts = 200;
  std::vector<std::shared_ptr<FakeSocket>> sockets;
  for (std::size_t i = 0; i < 2 * thread_count; ++i) {
    sockets.push_back(std::make_shared<FakeSocket>("s" + std::to_string(i), *pointers[i % thread_count]));
  }
  on_every_thread([&](net::IoThread& thread) {
    for (const auto& socket : sockets) {
      if (&socket->thread() != &thread) continue;
      adapter->add(socket, socket->id());
      adapter->add(socket, "all");
    }
  });

  {
    std::vector<std::jthread> broadcasters;
    for (const char who : {'a', 'b'}) {
      broadcasters.emplace_back([this, who] {
        for (int i = 0; i < broadcasts; ++i) {
          adapter->broadcast_here(engineio::OutboundMessage::text(who + std::to_string(i)),
                                  {.rooms = {"all"}, .except = {"s0"}});
        }
      });
    }
  }
  on_every_thread([](net::IoThread&) {});

  EXPECT_TRUE(sockets[0]->sent.empty());
  for (std::size_t s = 1; s < sockets.size(); ++s) {
    ASSERT_EQ(sockets[s]->sent.size(), 2U * broadcasts);
    int next_of_a = 0;
    int next_of_b = 0;
    for (const auto& message : sockets[s]->sent) {
      auto& next = message[1] == 'a' ? next_of_a : next_of_b;
      EXPECT_EQ(message.substr(2), std::to_string(next++));
    }
  }
}

TEST_F(InMemoryAdapterTest, BroadcastFromASocketsOwnThread_ComesAfterTheCall) {
  const auto socket = std::make_shared<FakeSocket>("s", *pointers[0]);
  bool came_within_the_call = true;
  on_every_thread([&](net::IoThread& thread) {
    if (&thread != pointers[0]) return;
    adapter->add(socket, "s");
    adapter->broadcast_here(engineio::OutboundMessage::text("x"), {});
    came_within_the_call = !socket->sent.empty();
  });
  on_every_thread([](net::IoThread&) {});
  EXPECT_FALSE(came_within_the_call);
  EXPECT_THAT(socket->sent, ::testing::ElementsAre("4x"));
}

TEST_F(InMemoryAdapterTest, RoomsOfSocketsThatLeft_Vanish) {
  std::vector<std::shared_ptr<FakeSocket>> sockets;
  for (auto* const thread : pointers) sockets.push_back(std::make_shared<FakeSocket>(make_socket_id(), *thread));
  on_every_thread([&](net::IoThread& thread) {
    for (const auto& socket : sockets) {
      if (&socket->thread() != &thread) continue;
      adapter->add(socket, "a");
      adapter->add(socket, "b");
      EXPECT_EQ(adapter->rooms_of(thread).room_count(), 2U);
      adapter->remove(socket, "a");
      EXPECT_EQ(adapter->rooms_of(thread).room_count(), 1U);
      adapter->remove_all(socket);
      EXPECT_EQ(adapter->rooms_of(thread).room_count(), 0U);
      EXPECT_EQ(adapter->rooms_of(thread).socket_count(), 0U);
    }
  });
}

TEST_F(InMemoryAdapterTest, BroadcastThatOutlivesTheAdapter_StillArrives) {
  const auto socket = std::make_shared<FakeSocket>("s", *pointers[0]);
  on_every_thread([&](net::IoThread& thread) {
    if (&thread != pointers[0]) return;
    adapter->add(socket, "s");
    adapter->broadcast_here(engineio::OutboundMessage::text("x"), {.rooms = {"s"}});
    adapter = nullptr;
  });
  on_every_thread([](net::IoThread&) {});
  EXPECT_THAT(socket->sent, ::testing::ElementsAre("4x"));
}

TEST_F(InMemoryAdapterTest, Visit_ReachesTheSocketsOfABroadcastOnTheirThreads) {
  std::vector<std::shared_ptr<FakeSocket>> sockets;
  for (auto* const thread : pointers) sockets.push_back(std::make_shared<FakeSocket>(make_socket_id(), *thread));
  on_every_thread([&](net::IoThread& thread) {
    for (const auto& socket : sockets) {
      if (&socket->thread() == &thread) adapter->add(socket, "r");
    }
  });
  std::atomic<int> visited_at_home = 0;
  adapter->broadcast_here(engineio::OutboundMessage::text("before"), {.rooms = {"r"}});
  adapter->visit_here({.rooms = {"r"}}, [&](Socket& socket) {
    if (socket.thread().is_current()) ++visited_at_home;
    socket.send(engineio::OutboundMessage::text("visit"));
  });
  on_every_thread([](net::IoThread&) {});
  EXPECT_EQ(visited_at_home, thread_count);
  for (const auto& socket : sockets) EXPECT_THAT(socket->sent, ::testing::ElementsAre("4before", "4visit"));
}

TEST_F(InMemoryAdapterTest, VolatileBroadcast_SendsVolatile) {
  const auto socket = std::make_shared<FakeSocket>("s", *pointers[0]);
  on_every_thread([&](net::IoThread& thread) {
    if (&thread == pointers[0]) adapter->add(socket, "s");
  });
  adapter->broadcast_here(engineio::OutboundMessage::text("x"), {.is_volatile = true});
  on_every_thread([](net::IoThread&) {});
  EXPECT_THAT(socket->sent, ::testing::IsEmpty());
  EXPECT_THAT(socket->sent_volatile, ::testing::ElementsAre("4x"));
}

TEST_F(InMemoryAdapterTest, WithoutACluster_EveryRoomIsOpenAndNobodyIsPublishedTo) {
  EXPECT_FALSE(adapter->has_cluster());
  bool is_ready = false;
  adapter->hold_room("r", [&] { is_ready = true; });
  EXPECT_TRUE(is_ready);
}

}  // namespace
}  // namespace socketio
