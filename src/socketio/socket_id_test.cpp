#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "socketio/namespace.hpp"

namespace socketio {
namespace {

TEST(MakeSocketId, Always_GivesTwentyCharactersOfBase64Url) {
  for (int i = 0; i < 1000; ++i) EXPECT_THAT(make_socket_id(), testing::MatchesRegex("[A-Za-z0-9_-]{20}"));
}

TEST(MakeSocketId, CalledOften_NeverRepeatsItself) {
  std::set<SocketId> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(make_socket_id());
  EXPECT_EQ(ids.size(), 1000U);
}

}  // namespace
}  // namespace socketio
