#include "net/request_parser.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace net {
namespace {

using Status = RequestParser::Status;

struct Parsed {
  Status status = Status::incomplete;
  RequestHead head{};
  std::string body{};
  std::string rest{};
};

// Adds `bytes` to a connection's input in pieces, as a session does, up to the end of the first request.
Parsed parse(std::string_view bytes, std::size_t piece, std::size_t body_bytes_max) {
  RequestParser parser;
  Parsed parsed;
  bool has_head = false;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parsed.rest += bytes.substr(at, piece);
    if (!has_head) {
      parsed.status = parser.read_head(parsed.rest);
      if (parsed.status == Status::incomplete) continue;
      if (parsed.status != Status::complete) return parsed;
      has_head = true;
      parsed.head = parser.take_head();
      if (!parser.limit_body(body_bytes_max)) {
        parsed.status = Status::body_too_large;
        return parsed;
      }
    }
    parsed.status = parser.announces_body() ? parser.read_body(parsed.rest) : Status::complete;
    if (parsed.status == Status::incomplete) continue;
    if (parsed.status == Status::complete) parsed.body = parser.take_body();
    parsed.rest += bytes.substr(std::min(at + piece, bytes.size()));
    return parsed;
  }
  return parsed;
}

Parsed parse(std::string_view bytes, std::size_t body_bytes_max = 1'000) {
  auto whole = parse(bytes, bytes.size(), body_bytes_max);
  for (const std::size_t piece : {1U, 2U, 3U, 7U}) {
    const auto cut = parse(bytes, piece, body_bytes_max);
    EXPECT_EQ(cut.status, whole.status) << "pieces of " << piece;
    EXPECT_EQ(cut.body, whole.body) << "pieces of " << piece;
    if (whole.status == Status::complete) EXPECT_EQ(cut.rest, whole.rest) << "pieces of " << piece;
  }
  return whole;
}

std::string request_with(std::string_view fields) {
  return "POST /x HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

TEST(RequestParserTest, ARequestIsTakenApart) {
  const auto parsed = parse("GET /socket.io/?EIO=4&t=%41 HTTP/1.1\r\nHost: h\r\nX-One:  two \r\n\r\n");
  ASSERT_EQ(parsed.status, Status::complete);
  EXPECT_EQ(parsed.head.method, Method::get);
  EXPECT_EQ(parsed.head.path, "/socket.io/");
  EXPECT_EQ(parsed.head.query, "EIO=4&t=%41");
  EXPECT_EQ(parsed.head.header("x-one"), "two");
  EXPECT_TRUE(parsed.head.keep_alive);
}

TEST(RequestParserTest, WhetherTheConnectionIsKeptFollowsVersionAndHeader) {
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").head.keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").head.keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").head.keep_alive);
}

TEST(RequestParserTest, TheAbsoluteFormIsTakenAsItsPath) {
  EXPECT_EQ(parse("GET http://h:1/a?b HTTP/1.1\r\nHost: h\r\n\r\n").head.path, "/a");
  EXPECT_EQ(parse("GET http://h:1/a?b HTTP/1.1\r\nHost: h\r\n\r\n").head.query, "b");
  EXPECT_EQ(parse("GET HTTPS://h HTTP/1.1\r\nHost: h\r\n\r\n").head.path, "/");
}

TEST(RequestParserTest, EmptyLinesBeforeARequestAreIgnored) {
  EXPECT_EQ(parse("\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n").head.path, "/a");
}

TEST(RequestParserTest, ABodyOfAnnouncedLengthEndsThereAndTheRestStays) {
  const auto parsed = parse(request_with("Content-Length: 5\r\n") + "helloGET /next");
  EXPECT_EQ(parsed.status, Status::complete);
  EXPECT_EQ(parsed.body, "hello");
  EXPECT_EQ(parsed.rest, "GET /next");
}

TEST(RequestParserTest, AChunkedBodyIsJoinedAndTheRestStays) {
  const auto parsed = parse(request_with("Transfer-Encoding: Chunked\r\n") +
                            "3\r\nabc\r\nA;ext=\"1\"\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\nGET /next");
  EXPECT_EQ(parsed.status, Status::complete);
  EXPECT_EQ(parsed.body, "abc0123456789");
  EXPECT_EQ(parsed.rest, "GET /next");
}

TEST(RequestParserTest, AChunkedBodyMayBeEmpty) {
  const auto parsed = parse(request_with("Transfer-Encoding: chunked\r\n") + "0\r\n\r\nGET /next");
  EXPECT_EQ(parsed.status, Status::complete);
  EXPECT_EQ(parsed.body, "");
  EXPECT_EQ(parsed.rest, "GET /next");
}

TEST(RequestParserTest, HeadsThatCanBeReadInTwoWaysAreMalformed) {
  for (const std::string_view fields : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
           "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: 5\r\nContent-Length: 5\r\n",
           "Content-Length: 5, 5\r\n",
           "Content-Length: +5\r\n",
           "Content-Length: -5\r\n",
           "Content-Length: 0x5\r\n",
           "Content-Length: \r\n",
           "Content-Length: 99999999999999999999999\r\n",
           "Transfer-Encoding: xchunked\r\n",
           "Transfer-Encoding: gzip, chunked\r\n",
           "Transfer-Encoding: chunked, identity\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: \x0b"
           "chunked\r\n",
           "Transfer-Encoding : chunked\r\n",
           "Content-Length : 5\r\n",
           "X-Folded: a\r\n b\r\n",
           "X-Folded: a\r\n\tb\r\n",
           "X-Bare: a\nX-Other: b\r\n",
           "X-Return: a\rb\r\n",
           "X Space: a\r\n",
           ": nameless\r\n",
           "No colon\r\n",
           "X-\x01: a\r\n",
           "Host: other\r\n",
       }) {
    EXPECT_EQ(parse(request_with(fields) + "5\r\nhello\r\n0\r\n\r\n").status, Status::malformed) << fields;
  }
}

TEST(RequestParserTest, RequestLinesThatAreNoneAreMalformed) {
  for (const std::string_view line :
       {"GET", "GET /", "GET / HTTP/1.2", "GET / HTTP/2.0", "GET / HTTP/0.9", "GET / http/1.1", "GET  / HTTP/1.1",
        "G\x01T / HTTP/1.1", " GET / HTTP/1.1", "GET relative HTTP/1.1", "GET ftp://h/ HTTP/1.1", "\x16\x03\x01\x02",
        "GET /\x7f HTTP/1.1"}) {
    EXPECT_EQ(parse(std::string(line) + "\r\nHost: h\r\n\r\n").status, Status::malformed) << line;
  }
  EXPECT_EQ(parse("GET /" + std::string(1, '\0') + " HTTP/1.1\r\nHost: h\r\n\r\n").status, Status::malformed);
}

TEST(RequestParserTest, LinesThatEndWithoutCarriageReturnAreMalformedAtOnce) {
  EXPECT_EQ(parse("GET / HTTP/1.1\nHost: h\n\n").status, Status::malformed);
  EXPECT_EQ(parse("\nGET / HTTP/1.1\r\n").status, Status::malformed);
}

TEST(RequestParserTest, OnlyHttp11NeedsAHost) {
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n\r\n").status, Status::malformed);
  EXPECT_EQ(parse("GET / HTTP/1.0\r\n\r\n").status, Status::complete);
}

TEST(RequestParserTest, ChunkedIsNotForHttp10) {
  EXPECT_EQ(parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status, Status::malformed);
}

TEST(RequestParserTest, AHeadOfTheLargestSizeIsTakenAndOneByteMoreIsNot) {
  const std::string frame = request_with("X: \r\n");
  const std::string filler(RequestParser::head_bytes_max - frame.size(), 'a');
  EXPECT_EQ(parse(request_with("X: " + filler + "\r\n")).status, Status::complete);
  EXPECT_EQ(parse(request_with("X: " + filler + "a\r\n")).status, Status::head_too_large);
}

TEST(RequestParserTest, AHeadThatNeverEndsIsTooLarge) {
  EXPECT_EQ(parse("GET /" + std::string(RequestParser::head_bytes_max, 'a')).status, Status::head_too_large);
}

// CVE-2024-37890: an upgrade with very many headers.
TEST(RequestParserTest, AHundredFieldsAreTakenAndOneMoreIsNot) {
  std::string fields;
  for (std::size_t i = 1; i < RequestParser::fields_max; ++i) fields += "X-" + std::to_string(i) + ": a\r\n";
  EXPECT_EQ(parse(request_with(fields)).status, Status::complete);
  EXPECT_EQ(parse(request_with(fields + "X-More: a\r\n")).status, Status::head_too_large);
}

TEST(RequestParserTest, ABodyOfTheLimitIsTakenAndOneByteMoreIsNot) {
  EXPECT_EQ(parse(request_with("Content-Length: 5\r\n") + "hello", 5).status, Status::complete);
  EXPECT_EQ(parse(request_with("Content-Length: 6\r\n"), 5).status, Status::body_too_large);
  EXPECT_EQ(parse(request_with("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n", 5).status,
            Status::complete);
  EXPECT_EQ(parse(request_with("Transfer-Encoding: chunked\r\n") + "3\r\nhel\r\n3\r\n", 5).status,
            Status::body_too_large);
  EXPECT_EQ(parse(request_with("Transfer-Encoding: chunked\r\n") + "ffffffffffffffff\r\n", 5).status,
            Status::body_too_large);
}

TEST(RequestParserTest, ChunksThatAreNoneAreMalformed) {
  for (const std::string_view chunks : {"x\r\n", "\r\n", "-1\r\nabc", "5\nhello", "3\r\nabcX", "000000003\r\nabc",
                                        "3 \r\nabc", "3;a\nabc", "3\rabc", "3;a\rb\r\nabc", "0x3\r\nabc\r\n"}) {
    EXPECT_EQ(parse(request_with("Transfer-Encoding: chunked\r\n") + std::string(chunks) + "\r\n\r\n").status,
              Status::malformed)
        << chunks;
  }
}

TEST(RequestParserTest, AChunkHeadThatNeverEndsIsMalformed) {
  EXPECT_EQ(parse(request_with("Transfer-Encoding: chunked\r\n") + "5;" + std::string(8'000, 'a')).status,
            Status::malformed);
}

}  // namespace
}  // namespace net
