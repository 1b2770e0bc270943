#include "gateway/user_sequencer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

namespace gateway {
namespace {

using messaging::FeedPage;
using messaging::Position;
using Item = UserSequencer::Item;
using Items = UserSequencer::Items;

std::shared_ptr<const messaging::Event> an_event() {
  return std::make_shared<const messaging::Event>(messaging::StatusMoved{});
}

Item item(Position position, std::string except = {}) {
  return {.position = position, .event = an_event(), .packet = {}, .known_at = {}, .except = std::move(except)};
}

const messaging::UserId alice = *messaging::UserId::parse("alice");
const messaging::UserId bob = *messaging::UserId::parse("bob");

class UserSequencerTest : public ::testing::Test {
 protected:
  void start(Position head) { sequencer.start(head, clock.steady_now(), out); }
  void offer(Position position, std::string except = {}) {
    sequencer.offer(item(position, std::move(except)), clock.steady_now(), out);
  }
  void answer(FeedPage page) { sequencer.repaired(alice, std::move(page), clock.steady_now(), out); }

  std::vector<Position> take_told() {
    std::vector<Position> positions;
    for (const auto& item : std::exchange(out, {})) positions.push_back(item.position);
    return positions;
  }
  [[nodiscard]] bool is_repair_due() const {
    const auto due = sequencer.repair_due();
    return due && *due <= clock.steady_now();
  }

  // A page with messages at these positions, all by the same author.
  [[nodiscard]] static FeedPage messages_of(const messaging::UserId& author, std::vector<Position> positions) {
    FeedPage page{.events = {}, .head = positions.back()};
    for (const Position position : positions) {
      messaging::Message message;
      message.author_id = author;
      page.events.push_back({position, messaging::NewMessage{std::move(message)}});
    }
    return page;
  }

  base::ManualClock clock;
  UserSequencer sequencer;
  Items out;
};

using Positions = std::vector<Position>;

TEST_F(UserSequencerTest, head_of_the_table_that_nobody_told_of_is_read_after_a_while) {
  start(5);
  EXPECT_FALSE(sequencer.learn_head(5, clock.steady_now()));
  EXPECT_TRUE(sequencer.learn_head(7, clock.steady_now()));
  EXPECT_FALSE(is_repair_due());
  clock.advance(UserSequencer::hold_max);
  EXPECT_TRUE(is_repair_due());
  EXPECT_EQ(sequencer.begin_repair(), 5);
}

TEST_F(UserSequencerTest, head_whose_events_come_in_time_needs_no_read) {
  start(5);
  EXPECT_TRUE(sequencer.learn_head(7, clock.steady_now()));
  offer(6);
  offer(7);
  EXPECT_EQ(take_told(), Positions({6, 7}));
  EXPECT_FALSE(sequencer.repair_due());
}

TEST_F(UserSequencerTest, head_that_overtakes_the_one_it_starts_with_leaves_a_gap) {
  EXPECT_FALSE(sequencer.learn_head(7, clock.steady_now()));
  start(7);
  EXPECT_FALSE(sequencer.repair_due());
  UserSequencer late;
  EXPECT_FALSE(late.learn_head(8, clock.steady_now()));
  late.start(7, clock.steady_now(), out);
  EXPECT_TRUE(late.repair_due());
}

TEST_F(UserSequencerTest, own_message_that_was_read_waits_for_the_publication_that_knows_its_device) {
  start(0);
  offer(3);
  clock.advance(UserSequencer::hold_max);
  static_cast<void>(sequencer.begin_repair());
  answer(messages_of(alice, {1, 2, 3}));
  EXPECT_EQ(take_told(), Positions());
  offer(1, "phone");
  offer(2, "phone");
  EXPECT_EQ(out.front().except, "phone");
  EXPECT_EQ(take_told(), Positions({1, 2, 3}));
  EXPECT_FALSE(sequencer.repair_due());
}

TEST_F(UserSequencerTest, own_message_that_nobody_publishes_is_told_after_a_while) {
  start(0);
  EXPECT_TRUE(sequencer.learn_head(2, clock.steady_now()));
  clock.advance(UserSequencer::hold_max);
  static_cast<void>(sequencer.begin_repair());
  answer(messages_of(alice, {1, 2}));
  EXPECT_EQ(take_told(), Positions());
  clock.advance(UserSequencer::own_message_wait - UserSequencer::hold_max);
  ASSERT_TRUE(is_repair_due());
  EXPECT_EQ(sequencer.begin_repair(), 0);
  answer(messages_of(alice, {1, 2}));
  EXPECT_EQ(take_told(), Positions({1, 2}));
}

TEST_F(UserSequencerTest, message_of_somebody_else_that_was_read_is_told_at_once) {
  start(0);
  EXPECT_TRUE(sequencer.learn_head(2, clock.steady_now()));
  clock.advance(UserSequencer::hold_max);
  static_cast<void>(sequencer.begin_repair());
  answer(messages_of(bob, {1, 2}));
  EXPECT_EQ(take_told(), Positions({1, 2}));
}

TEST_F(UserSequencerTest, positions_in_order_are_told_at_once) {
  start(5);
  offer(6);
  EXPECT_EQ(take_told(), Positions({6}));
  offer(7);
  EXPECT_EQ(take_told(), Positions({7}));
  EXPECT_FALSE(sequencer.repair_due());
}

TEST_F(UserSequencerTest, position_that_comes_early_waits_for_the_one_before) {
  start(0);
  offer(2);
  offer(3);
  EXPECT_EQ(take_told(), Positions());
  offer(1);
  EXPECT_EQ(take_told(), Positions({1, 2, 3}));
  EXPECT_FALSE(sequencer.repair_due());
}

TEST_F(UserSequencerTest, position_at_or_below_the_last_is_told_once) {
  start(5);
  offer(5);
  offer(6);
  offer(6);
  offer(8);
  offer(8);
  offer(7);
  EXPECT_EQ(take_told(), Positions({6, 7, 8}));
}

TEST_F(UserSequencerTest, events_that_come_before_the_head_is_known_are_held) {
  offer(7);
  offer(6);
  EXPECT_EQ(take_told(), Positions());
  EXPECT_FALSE(sequencer.repair_due());
  start(6);
  EXPECT_EQ(take_told(), Positions({7}));
}

TEST_F(UserSequencerTest, gap_is_held_for_50_ms_and_then_read_from_the_table) {
  start(0);
  offer(3, "device");
  clock.advance(base::milliseconds(49));
  EXPECT_FALSE(is_repair_due());
  clock.advance(base::milliseconds(1));
  ASSERT_TRUE(is_repair_due());
  EXPECT_EQ(sequencer.begin_repair(), 0);
  EXPECT_FALSE(sequencer.repair_due());
  answer({.events = {{1, messaging::StatusMoved{}}, {2, messaging::StatusMoved{}}, {3, messaging::StatusMoved{}}},
          .head = 3});
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[2].except, "device");
  EXPECT_EQ(take_told(), Positions({1, 2, 3}));
  EXPECT_FALSE(sequencer.repair_due());
}

TEST_F(UserSequencerTest, hold_counts_from_the_first_gap_also_when_a_second_one_follows) {
  start(0);
  offer(2);
  clock.advance(base::milliseconds(40));
  offer(4);
  offer(1);
  EXPECT_EQ(take_told(), Positions({1, 2}));
  clock.advance(base::milliseconds(10));
  EXPECT_TRUE(is_repair_due());
}

TEST_F(UserSequencerTest, positions_that_a_newer_receipt_replaced_are_passed_over) {
  start(0);
  offer(2);
  clock.advance(UserSequencer::hold_max);
  EXPECT_EQ(sequencer.begin_repair(), 0);
  answer({.events = {{4, messaging::StatusMoved{}}}, .head = 4});
  EXPECT_EQ(take_told(), Positions({4}));
  offer(3);
  offer(4);
  offer(5);
  EXPECT_EQ(take_told(), Positions({5}));
}

TEST_F(UserSequencerTest, whole_page_covers_everything_up_to_its_head) {
  start(0);
  offer(3);
  clock.advance(UserSequencer::hold_max);
  EXPECT_EQ(sequencer.begin_repair(), 0);
  answer({.events = {{1, messaging::StatusMoved{}}}, .head = 3});
  EXPECT_EQ(take_told(), Positions({1}));
  EXPECT_FALSE(sequencer.repair_due());
  offer(4);
  EXPECT_EQ(take_told(), Positions({4}));
}

TEST_F(UserSequencerTest, page_with_more_behind_it_is_followed_by_another_read_at_once) {
  start(0);
  offer(4);
  clock.advance(UserSequencer::hold_max);
  EXPECT_EQ(sequencer.begin_repair(), 0);
  answer({.events = {{1, messaging::StatusMoved{}}, {2, messaging::StatusMoved{}}}, .head = 4, .more = true});
  EXPECT_EQ(take_told(), Positions({1, 2}));
  ASSERT_TRUE(is_repair_due());
  EXPECT_EQ(sequencer.begin_repair(), 2);
}

TEST_F(UserSequencerTest, read_that_failed_is_tried_again_after_a_pause) {
  start(0);
  offer(2);
  clock.advance(UserSequencer::hold_max);
  static_cast<void>(sequencer.begin_repair());
  sequencer.repair_failed(clock.steady_now());
  EXPECT_FALSE(is_repair_due());
  clock.advance(UserSequencer::repair_pause);
  EXPECT_TRUE(is_repair_due());
}

TEST_F(UserSequencerTest, gap_that_closes_during_a_read_needs_no_other_read) {
  start(0);
  offer(2);
  clock.advance(UserSequencer::hold_max);
  static_cast<void>(sequencer.begin_repair());
  offer(1);
  EXPECT_EQ(take_told(), Positions({1, 2}));
  answer({.events = {{1, messaging::StatusMoved{}}, {2, messaging::StatusMoved{}}}, .head = 2});
  EXPECT_EQ(take_told(), Positions());
  EXPECT_FALSE(sequencer.repair_due());
}

TEST_F(UserSequencerTest, what_is_held_is_bounded_and_read_from_the_table_at_once_beyond) {
  start(0);
  const auto beyond = static_cast<Position>(UserSequencer::held_events_max) + 2;
  for (Position position = 2; position <= beyond; ++position) offer(position);
  ASSERT_TRUE(is_repair_due());
  FeedPage page{.events = {}, .head = beyond};
  EXPECT_EQ(sequencer.begin_repair(), 0);
  for (Position position = 1; position <= beyond; ++position)
    page.events.push_back({position, messaging::StatusMoved{}});
  answer(std::move(page));
  EXPECT_EQ(take_told().size(), static_cast<std::size_t>(beyond));
}

// Commits in order; the news of them shuffled within a window, some of it lost, some of it twice; reads that answer
// late, with the head of the moment, or fail.
TEST(UserSequencerProperty, whatever_happens_to_the_news_positions_ascend_and_all_are_told) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto chance = [&random](int percent) { return static_cast<int>(random() % 100) < percent; };
    constexpr Position last = 200;
    std::vector<Position> news(last);
    std::iota(news.begin(), news.end(), 1);
    for (std::size_t i = 0; i + 8 < news.size(); i += 4)
      std::shuffle(news.begin() + static_cast<long>(i), news.begin() + static_cast<long>(i) + 8, random);

    base::ManualClock clock;
    UserSequencer sequencer;
    Items out;
    Position committed = 0;
    std::optional<Position> reading;
    const auto answer_read = [&](bool fails) {
      if (!reading) return;
      if (fails) {
        sequencer.repair_failed(clock.steady_now());
      } else {
        FeedPage page{.events = {}, .head = committed};
        for (Position p = *reading + 1; p <= committed; ++p) {
          if (page.events.size() == 10) {
            page.more = true;
            break;
          }
          page.events.push_back({p, messaging::StatusMoved{}});
        }
        sequencer.repaired(alice, std::move(page), clock.steady_now(), out);
      }
      reading.reset();
    };
    const auto follow = [&] {
      const auto due = sequencer.repair_due();
      if (!reading && due && *due <= clock.steady_now()) reading = sequencer.begin_repair();
    };

    const Position head = static_cast<Position>(random() % 20);
    bool started = false;
    for (const Position position : news) {
      committed = std::max(committed, position);
      if (!started && committed >= head && chance(30)) {
        sequencer.start(head, clock.steady_now(), out);
        started = true;
      }
      if (!chance(10) || position == last) sequencer.offer(item(position), clock.steady_now(), out);
      if (chance(10)) sequencer.offer(item(position), clock.steady_now(), out);
      if (chance(30)) clock.advance(base::milliseconds(random() % 40));
      follow();
      if (chance(50)) answer_read(chance(20));
    }
    committed = last;
    if (!started) sequencer.start(head, clock.steady_now(), out);
    for (int i = 0; i < 200 && sequencer.last() < last; ++i) {
      clock.advance(base::milliseconds(60));
      follow();
      answer_read(chance(20));
    }

    Position before = head;
    for (const auto& item : out) {
      ASSERT_EQ(item.position, before + 1) << "seed " << seed;
      before = item.position;
    }
    ASSERT_EQ(before, last) << "seed " << seed;
    ASSERT_FALSE(sequencer.repair_due()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace gateway
