#include "net/response_text.hpp"

#include <gtest/gtest.h>

namespace net {
namespace {

constexpr base::SystemTime now{base::seconds(784'111'777)};

TEST(ResponseTextTest, ADateIsWrittenAsHttpWritesIt) {
  EXPECT_EQ(to_http_date(now), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(ResponseTextTest, AResponseCarriesItsHeadersAndTheAddedOnes) {
  EXPECT_EQ(to_text({.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = "hello"}, {}, now),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Connection: keep-alive\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(ResponseTextTest, AnAnswerToHeadHasTheLengthWithoutTheBody) {
  const auto text = to_text({.body = "hello"}, {.without_body = true}, now);
  EXPECT_NE(text.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(ResponseTextTest, NoContentHasNeitherLengthNorBody) {
  const auto text = to_text({.status = 204, .body = "ignored"}, {}, now);
  EXPECT_EQ(text.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(ResponseTextTest, ClosingIsAnnounced) {
  EXPECT_NE(to_text({}, {.closes = true}, now).find("Connection: close\r\n"), std::string::npos);
}

TEST(ResponseTextTest, HeadersThatWouldSplitTheResponseAreLeftOut) {
  const Response response{.headers = {{"X-Bad", "a\r\nSet-Cookie: b"},
                                      {"X-Nul", std::string("a\0b", 3)},
                                      {"X Space", "a"},
                                      {"", "a"},
                                      {"content-length", "99"},
                                      {"Transfer-Encoding", "chunked"},
                                      {"X-Good", "kept"}}};
  const auto text = to_text(response, {}, now);
  EXPECT_EQ(text.find("X-Bad"), std::string::npos);
  EXPECT_EQ(text.find("X-Nul"), std::string::npos);
  EXPECT_EQ(text.find("X Space"), std::string::npos);
  EXPECT_EQ(text.find(": 99"), std::string::npos);
  EXPECT_EQ(text.find("chunked"), std::string::npos);
  EXPECT_NE(text.find("X-Good: kept\r\n"), std::string::npos);
}

}  // namespace
}  // namespace net
