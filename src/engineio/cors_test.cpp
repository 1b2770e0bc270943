#include "engineio/cors.hpp"

#include <gtest/gtest.h>

namespace engineio {
namespace {

std::string value_of(const std::vector<net::Header>& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (header.name == name) return header.value;
  }
  return "-";
}

net::RequestHead from_page(std::string origin, std::string host = "chat.example") {
  net::RequestHead head;
  head.headers = {{"Host", std::move(host)}, {"Origin", std::move(origin)}};
  return head;
}

TEST(Cors, WithoutOrigins_SetsNoHeadersAndPermitsTheSameOriginAlone) {
  const CorsPolicy cors({});
  EXPECT_FALSE(cors.is_configured());
  EXPECT_TRUE(cors.headers("http://app.example").empty());
  EXPECT_TRUE(cors.permits_websocket(from_page("https://chat.example")));
  EXPECT_TRUE(cors.permits_websocket(from_page("https://Chat.Example")));
  EXPECT_TRUE(cors.permits_websocket(from_page("http://localhost:3000", "localhost:3000")));
  EXPECT_TRUE(cors.permits_websocket(net::RequestHead{}));
  for (const auto* foreign : {"https://evil.example", "https://chat.example.evil.example", "https://chat.example:81",
                              "null", "chat.example", "https://"}) {
    EXPECT_FALSE(cors.permits_websocket(from_page(foreign))) << foreign;
    EXPECT_FALSE(cors.permits_polling(from_page(foreign))) << foreign;
  }
}

TEST(Cors, OneOrigin_StandsInEveryAnswer) {
  const CorsPolicy cors({"http://app.example"});
  for (const auto* origin : {"", "http://app.example", "http://evil.example"}) {
    const auto headers = cors.headers(origin);
    EXPECT_EQ(value_of(headers, "Access-Control-Allow-Origin"), "http://app.example");
    EXPECT_EQ(value_of(headers, "Vary"), "Origin");
    EXPECT_EQ(value_of(headers, "Access-Control-Allow-Credentials"), "true");
  }
  EXPECT_TRUE(cors.permits_websocket(from_page("http://app.example")));
  EXPECT_FALSE(cors.permits_websocket(from_page("http://evil.example")));
  EXPECT_TRUE(cors.permits_polling(from_page("http://evil.example")));
}

TEST(Cors, SeveralOrigins_AreReflectedWhereListed) {
  const CorsPolicy cors({"http://a.example", "http://b.example"});
  EXPECT_EQ(value_of(cors.headers("http://b.example"), "Access-Control-Allow-Origin"), "http://b.example");
  EXPECT_EQ(value_of(cors.headers("http://c.example"), "Access-Control-Allow-Origin"), "-");
  EXPECT_EQ(value_of(cors.headers("http://c.example"), "Vary"), "Origin");
  EXPECT_FALSE(cors.permits_websocket(from_page("http://c.example")));
}

TEST(Cors, AnyOrigin_IsPermittedWithoutCredentials) {
  const CorsPolicy cors({"*"});
  const auto headers = cors.headers("http://a.example");
  EXPECT_EQ(value_of(headers, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(value_of(headers, "Access-Control-Allow-Credentials"), "-");
  EXPECT_TRUE(cors.permits_websocket(from_page("http://a.example")));
}

TEST(Cors, Preflight_NamesTheMethodsAndEchoesTheHeaders) {
  const CorsPolicy cors({"http://app.example"});
  auto head = from_page("http://app.example");
  head.headers.push_back({"Access-Control-Request-Headers", "content-type,x-foo"});
  const auto response = cors.preflight(head);
  EXPECT_EQ(response.status, 204U);
  EXPECT_EQ(value_of(response.headers, "Access-Control-Allow-Origin"), "http://app.example");
  EXPECT_EQ(value_of(response.headers, "Access-Control-Allow-Methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
  EXPECT_EQ(value_of(response.headers, "Access-Control-Allow-Headers"), "content-type,x-foo");
  EXPECT_EQ(value_of(response.headers, "Vary"), "Origin, Access-Control-Request-Headers");
}

}  // namespace
}  // namespace engineio
