#include "redis/resp_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "redis/fake_commands.hpp"
#include "redis/resp_command.hpp"

namespace redis {
namespace {

std::vector<Reply> read_all(RespReader& reader, std::string_view bytes, std::size_t piece = std::string_view::npos) {
  std::vector<Reply> replies;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (auto* reply = reader.next()) replies.push_back(*reply);
  }
  return replies;
}

TEST(RespReaderTest, EveryTypeOfReplyIsDecoded) {
  RespReader reader;
  const auto replies = read_all(reader, "+OK\r\n-ERR no\r\n:-42\r\n$-1\r\n");
  ASSERT_EQ(replies.size(), 4U);
  EXPECT_EQ(replies[0], status_reply("OK"));
  EXPECT_EQ(replies[1], error_reply("ERR no"));
  EXPECT_EQ(replies[2], integer_reply(-42));
  EXPECT_EQ(replies[3], Reply{});
}

TEST(RespReaderTest, ATextMayHoldAnyBytes) {
  RespReader reader;
  const std::string text("a\r\n\0b", 5);
  const auto replies = read_all(reader, "$5\r\n" + text + "\r\n$0\r\n\r\n");
  EXPECT_EQ(replies, (std::vector<Reply>{text_reply(text), text_reply("")}));
}

TEST(RespReaderTest, NestedAndEmptyArraysAreDecoded) {
  RespReader reader;
  const auto replies = read_all(reader, "*3\r\n*1\r\n:7\r\n*0\r\n$-1\r\n*-1\r\n");
  EXPECT_EQ(replies,
            (std::vector<Reply>{array_reply({array_reply({integer_reply(7)}), array_reply({}), Reply{}}), Reply{}}));
}

TEST(RespReaderTest, TheSameComesOutHoweverTheStreamIsCut) {
  const std::string stream =
      "*3\r\n$7\r\nmessage\r\n$4\r\nroom\r\n$5\r\nhello\r\n:1\r\n+PONG\r\n*2\r\n*1\r\n$1\r\nx\r\n-E\r\n";
  RespReader whole;
  const auto expected = read_all(whole, stream);
  EXPECT_EQ(expected.size(), 4U);
  for (std::size_t piece = 1; piece < stream.size(); ++piece) {
    RespReader cut;
    EXPECT_EQ(read_all(cut, stream, piece), expected) << piece;
  }
}

TEST(RespReaderTest, NothingOfOneReplyIsLeftInTheNext) {
  RespReader reader;
  const auto replies = read_all(reader, "*2\r\n$3\r\nabc\r\n*1\r\n:5\r\n*2\r\n:1\r\n$-1\r\n$2\r\nxy\r\n:3\r\n");
  EXPECT_EQ(replies[1], array_reply({integer_reply(1), Reply{}}));
  EXPECT_EQ(replies[2], text_reply("xy"));
  EXPECT_EQ(replies[3], integer_reply(3));
}

TEST(RespReaderTest, AReplyThatWasMovedAwayDoesNotDisturbTheNext) {
  RespReader reader;
  reader.feed("*1\r\n$3\r\nabc\r\n*2\r\n:1\r\n:2\r\n");
  const Reply first = std::move(*reader.next());
  EXPECT_EQ(first, array_reply({text_reply("abc")}));
  EXPECT_EQ(*reader.next(), array_reply({integer_reply(1), integer_reply(2)}));
}

TEST(RespReaderTest, WhatIsNoRespEndsTheReader) {
  for (const auto* bytes : {"HTTP/1.1 400 Bad Request\r\n", "!", "*x\r\n", "$-5\r\n", "*99999999999\r\n",
                            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
    RespReader reader;
    EXPECT_TRUE(read_all(reader, bytes).empty()) << bytes;
    EXPECT_TRUE(reader.is_malformed()) << bytes;
    EXPECT_TRUE(read_all(reader, ":1\r\n").empty()) << bytes;
  }
}

TEST(RespReaderTest, TooManyElementsEndTheReaderWhenTheyAreAnnounced) {
  RespReader reader;
  EXPECT_TRUE(read_all(reader, "*262145\r\n").empty());
  EXPECT_TRUE(reader.is_malformed());
}

TEST(RespReaderTest, TheElementsOfNestedArraysAreCountedTogether) {
  RespReader reader;
  std::string bytes = "*2\r\n*200000\r\n";
  for (int i = 0; i < 200'000; ++i) bytes += ":1\r\n";
  EXPECT_TRUE(read_all(reader, bytes).empty());
  EXPECT_FALSE(reader.is_malformed());
  EXPECT_TRUE(read_all(reader, "*200000\r\n").empty());
  EXPECT_TRUE(reader.is_malformed());
}

TEST(RespReaderTest, AnEndlessTextEndsTheReader) {
  RespReader reader;
  const std::string piece(1024 * 1024, 'x');
  reader.feed("$999999999\r\n");
  for (int i = 0; i < 17 && !reader.is_malformed(); ++i) {
    reader.feed(piece);
    EXPECT_EQ(reader.next(), nullptr);
  }
  EXPECT_TRUE(reader.is_malformed());
}

TEST(RespReaderTest, MuchTextInManyElementsEndsTheReader) {
  RespReader reader;
  std::string element = "$1000000\r\n" + std::string(1'000'000, 'x') + "\r\n";
  reader.feed("*20\r\n");
  for (int i = 0; i < 20 && !reader.is_malformed(); ++i) EXPECT_TRUE(read_all(reader, element).empty());
  EXPECT_TRUE(reader.is_malformed());
}

TEST(RespCommandTest, ACommandIsAnArrayOfBulkStrings) {
  EXPECT_EQ(encode_command({"SET", "key", ""}), "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$0\r\n\r\n");
  const std::vector<std::string> arguments{"PING"};
  EXPECT_EQ(encode_command(arguments), "*1\r\n$4\r\nPING\r\n");
}

}  // namespace
}  // namespace redis
