#include "engineio/sid.hpp"

#include <gtest/gtest.h>

#include <set>

namespace engineio {
namespace {

TEST(Sid, MadeForAThread_NamesIt) {
  for (std::size_t index = 0; index < sid_threads_max; ++index) {
    const auto sid = make_sid(index);
    EXPECT_EQ(sid.size(), sid_length);
    EXPECT_EQ(thread_index_of(sid), index);
  }
}

TEST(Sid, MadeOften_IsNeverTheSameAndDoesNotShowItsThread) {
  std::set<std::string> sids;
  std::set<char> first_characters;
  for (int i = 0; i < 1'000; ++i) {
    const auto sid = make_sid(0);
    sids.insert(sid);
    first_characters.insert(sid.front());
  }
  EXPECT_EQ(sids.size(), 1'000U);
  EXPECT_GT(first_characters.size(), 32U);
}

TEST(Sid, TextThatIsNone_NamesNoThread) {
  for (const std::string_view text : {"", "__proto__", "constructor", "AAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA",
                                      "AAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAA%", "AAAAAAAAAAAAAAAAAAA+"}) {
    EXPECT_FALSE(thread_index_of(text)) << text;
  }
}

}  // namespace
}  // namespace engineio
