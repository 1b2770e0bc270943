#include "net/http.hpp"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(RequestHeadTest, AHeaderIsFoundWithoutRegardToCaseAndTheFirstCounts) {
  const RequestHead head{.headers = {{"Accept", "one"}, {"accept", "two"}}};
  EXPECT_EQ(head.header("ACCEPT"), "one");
  EXPECT_EQ(head.header("accep"), "");
}

TEST(RequestHeadTest, OfAQueryParameterTheLastCounts) {
  const RequestHead head{.query = "sid=a&EIO=4&sid=b&flag&t="};
  EXPECT_EQ(head.query_parameter("sid"), "b");
  EXPECT_EQ(head.query_parameter("EIO"), "4");
  EXPECT_EQ(head.query_parameter("flag"), "");
  EXPECT_EQ(head.query_parameter("t"), "");
  EXPECT_EQ(head.query_parameter("absent"), "");
}

TEST(RequestHeadTest, AQueryParameterIsPercentDecoded) {
  const RequestHead head{.query = "a=%41%2fb+c&%62=x"};
  EXPECT_EQ(head.query_parameter("a"), "A/b+c");
  EXPECT_EQ(head.query_parameter("b"), "x");
}

TEST(RequestHeadTest, EscapesThatAreMalformedOrZeroStayAsTheyAre) {
  const RequestHead head{.query = "nul=a%00b&cut=a%4&end=%&bad=%zz"};
  EXPECT_EQ(head.query_parameter("nul"), "a%00b");
  EXPECT_EQ(head.query_parameter("cut"), "a%4");
  EXPECT_EQ(head.query_parameter("end"), "%");
  EXPECT_EQ(head.query_parameter("bad"), "%zz");
}

}  // namespace
}  // namespace net
