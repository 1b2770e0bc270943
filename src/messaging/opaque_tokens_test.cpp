#include "messaging/opaque_tokens.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "base/base64.hpp"
#include "messaging/siphash.hpp"
#include "messaging/test_world.hpp"

namespace messaging {
namespace {

using test::alice;
using test::bob;
using test::conversation;

ServiceState state(std::int64_t epoch = 1, std::uint8_t key_byte = 7) {
  ServiceState made{.epoch = epoch};
  made.key.fill(key_byte);
  return made;
}

// Each other text that has one character exchanged for another of the alphabet or from outside it.
template <class Visit>
void for_each_mutation(const std::string& token, Visit visit) {
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.% ";
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (const char character : characters) {
      if (token[at] == character) continue;
      std::string mutated = token;
      mutated[at] = character;
      visit(mutated);
    }
  }
}

TEST(Siphash, reference_vectors_of_siphash_2_4_with_64_bits_are_met) {
  Siphash::Key key;
  std::iota(key.begin(), key.end(), std::uint8_t{0});
  const Siphash siphash(key);
  const Siphash::Tag of_nothing{0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72};
  EXPECT_EQ(siphash.tag_of({}), of_nothing);
  std::array<std::uint8_t, 15> input;
  std::iota(input.begin(), input.end(), std::uint8_t{0});
  const Siphash::Tag of_fifteen{0xe5, 0x45, 0xbe, 0x49, 0x61, 0xca, 0x29, 0xa1};
  EXPECT_EQ(siphash.tag_of(input), of_fifteen);
}

TEST(Siphash, two_keys_on_one_thread_in_turn_do_not_mix) {
  const Siphash one(Siphash::Key{1});
  const Siphash other(Siphash::Key{2});
  const std::array<std::uint8_t, 3> input{1, 2, 3};
  const auto first = one.tag_of(input);
  EXPECT_NE(other.tag_of(input), first);
  EXPECT_EQ(one.tag_of(input), first);
}

TEST(Base64url, every_length_round_trips) {
  std::vector<std::uint8_t> bytes;
  for (int length = 0; length < 40; ++length) {
    const auto text = base::to_base64url(bytes);
    EXPECT_EQ(text.size(), base::base64url_length(bytes.size()));
    std::vector<std::uint8_t> read(bytes.size());
    EXPECT_TRUE(base::decode_base64url_into(text, read));
    EXPECT_EQ(read, bytes);
    bytes.push_back(static_cast<std::uint8_t>(length * 37 + 201));
  }
}

TEST(Base64url, bits_behind_the_last_byte_must_be_zero) {
  std::array<std::uint8_t, 1> out;
  EXPECT_TRUE(base::decode_base64url_into("AA", out));
  EXPECT_FALSE(base::decode_base64url_into("AB", out));
  EXPECT_FALSE(base::decode_base64url_into("A", out));
  EXPECT_FALSE(base::decode_base64url_into("AA==", out));
  EXPECT_FALSE(base::decode_base64url_into("A\x80", out));
}

TEST(OpaqueTokens, offset_of_any_position_reads_back_from_22_characters) {
  const OpaqueTokens tokens(state());
  for (const Position position :
       {Position{0}, Position{1}, Position{255}, Position{1} << 40, std::numeric_limits<Position>::max()}) {
    const auto token = tokens.offset(alice, position);
    EXPECT_EQ(token.size(), 22U);
    EXPECT_EQ(tokens.read_offset(alice, token), position);
  }
}

TEST(OpaqueTokens, tokens_of_two_nodes_with_one_state_are_the_same) {
  const OpaqueTokens one(state());
  const OpaqueTokens other(state());
  EXPECT_EQ(one.offset(alice, 42), other.offset(alice, 42));
  EXPECT_TRUE(other.is_pid_of(alice, one.new_pid(alice)));
}

TEST(OpaqueTokens, every_single_character_mutation_is_refused) {
  const OpaqueTokens tokens(state());
  for_each_mutation(tokens.offset(alice, 4711),
                    [&](const auto& text) { EXPECT_FALSE(tokens.read_offset(alice, text)) << text; });
  for_each_mutation(tokens.new_pid(alice),
                    [&](const auto& text) { EXPECT_FALSE(tokens.is_pid_of(alice, text)) << text; });
  for_each_mutation(tokens.history_cursor(alice, conversation, {HistoryRange::From::before, 9}), [&](const auto& text) {
    EXPECT_FALSE(tokens.read_history_cursor(alice, conversation, text)) << text;
  });
  for_each_mutation(tokens.inbox_cursor(alice, {SystemTime(base::seconds(5)), conversation}),
                    [&](const auto& text) { EXPECT_FALSE(tokens.read_inbox_cursor(alice, text)) << text; });
}

TEST(OpaqueTokens, a_text_of_another_length_is_refused) {
  const OpaqueTokens tokens(state());
  const auto token = tokens.offset(alice, 1);
  EXPECT_FALSE(tokens.read_offset(alice, ""));
  EXPECT_FALSE(tokens.read_offset(alice, token.substr(0, 21)));
  EXPECT_FALSE(tokens.read_offset(alice, token + "A"));
  EXPECT_FALSE(tokens.read_offset(alice, token + "=="));
}

TEST(OpaqueTokens, a_token_of_another_user_is_refused) {
  const OpaqueTokens tokens(state());
  EXPECT_FALSE(tokens.read_offset(bob, tokens.offset(alice, 1)));
  EXPECT_FALSE(tokens.is_pid_of(bob, tokens.new_pid(alice)));
  const auto history = tokens.history_cursor(alice, conversation, {HistoryRange::From::after, 9});
  EXPECT_FALSE(tokens.read_history_cursor(bob, conversation, history));
  EXPECT_FALSE(tokens.read_inbox_cursor(bob, tokens.inbox_cursor(alice, {})));
}

TEST(OpaqueTokens, a_token_of_another_epoch_or_key_is_refused) {
  const OpaqueTokens tokens(state(1));
  const OpaqueTokens restored(state(2));
  const OpaqueTokens elsewhere(state(1, 8));
  EXPECT_FALSE(restored.read_offset(alice, tokens.offset(alice, 1)));
  EXPECT_FALSE(restored.is_pid_of(alice, tokens.new_pid(alice)));
  EXPECT_FALSE(elsewhere.read_offset(alice, tokens.offset(alice, 1)));
}

TEST(OpaqueTokens, a_token_of_another_kind_is_refused) {
  const OpaqueTokens tokens(state());
  // A pid and an inbox cursor differ in length from the rest; all are tried all the same.
  const std::vector<std::string> all{tokens.offset(alice, 1), tokens.new_pid(alice),
                                     tokens.history_cursor(alice, conversation, {HistoryRange::From::before, 1}),
                                     tokens.inbox_cursor(alice, {})};
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(tokens.read_offset(alice, all[i]).has_value(), i == 0);
    EXPECT_EQ(tokens.is_pid_of(alice, all[i]), i == 1);
    EXPECT_EQ(tokens.read_history_cursor(alice, conversation, all[i]).has_value(), i == 2);
    EXPECT_EQ(tokens.read_inbox_cursor(alice, all[i]).has_value(), i == 3);
  }
}

TEST(OpaqueTokens, a_history_cursor_keeps_direction_and_place_and_its_conversation) {
  const OpaqueTokens tokens(state());
  for (const auto from : {HistoryRange::From::before, HistoryRange::From::after}) {
    const auto token = tokens.history_cursor(alice, conversation, {from, 77});
    const auto read = tokens.read_history_cursor(alice, conversation, token);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->from, from);
    EXPECT_EQ(read->anchor, 77);
    EXPECT_FALSE(tokens.read_history_cursor(alice, test::id<ConversationId>(2), token));
  }
}

TEST(OpaqueTokens, an_inbox_cursor_reads_back) {
  const OpaqueTokens tokens(state());
  const InboxCursor cursor{SystemTime(base::milliseconds(1'700'000'000'123)), conversation};
  EXPECT_EQ(tokens.read_inbox_cursor(alice, tokens.inbox_cursor(alice, cursor)), cursor);
}

TEST(OpaqueTokens, the_longest_user_id_fits) {
  const OpaqueTokens tokens(state());
  const auto longest = test::user(std::string(UserId::length_max, 'x'));
  const auto shorter = test::user(std::string(UserId::length_max - 1, 'x'));
  const InboxCursor cursor{SystemTime(base::seconds(1)), conversation};
  EXPECT_EQ(tokens.read_inbox_cursor(longest, tokens.inbox_cursor(longest, cursor)), cursor);
  EXPECT_FALSE(tokens.read_inbox_cursor(shorter, tokens.inbox_cursor(longest, cursor)));
  const auto history = tokens.history_cursor(longest, conversation, {HistoryRange::From::before, 3});
  EXPECT_TRUE(tokens.read_history_cursor(longest, conversation, history));
}

TEST(OpaqueTokens, two_pids_of_one_user_differ_and_both_are_his) {
  const OpaqueTokens tokens(state());
  const auto one = tokens.new_pid(alice);
  const auto other = tokens.new_pid(alice);
  EXPECT_NE(one, other);
  EXPECT_TRUE(tokens.is_pid_of(alice, one));
  EXPECT_TRUE(tokens.is_pid_of(alice, other));
}

}  // namespace
}  // namespace messaging
