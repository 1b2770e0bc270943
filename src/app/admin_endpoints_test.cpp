#include "app/admin_endpoints.hpp"

#include <gmock/gmock.h>

#include <optional>

#include "base/metrics.hpp"

namespace app {
namespace {

using testing::HasSubstr;

struct FakeConnection final : net::Exchange::Connection {
  std::optional<net::Response> response;
  void respond(net::Response r) override { response = std::move(r); }
  void on_client_gone(base::Job) override {}
  void abort() override {}
};

net::Response ask(AdminEndpoints& admin, std::string path, net::Method method = net::Method::get) {
  auto connection = std::make_shared<FakeConnection>();
  net::Request request;
  request.head.method = method;
  request.head.path = std::move(path);
  admin.handle(std::move(request), net::Exchange(connection));
  return connection->response.value();
}

TEST(AdminEndpoints, WhileAPartIsNotReady_ReadyzSaysWhich) {
  Readiness readiness;
  AdminEndpoints admin(readiness);
  readiness.set("storage", "no space left");
  auto response = ask(admin, "/readyz");
  EXPECT_EQ(response.status, 503u);
  EXPECT_EQ(response.body, "{\"ready\":false,\"reasons\":[\"storage: no space left\"],\"degraded\":[]}\n");
  readiness.set("storage", "");
  response = ask(admin, "/readyz");
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, "{\"ready\":true,\"reasons\":[],\"degraded\":[]}\n");
}

TEST(AdminEndpoints, PartsThatAreAsked_SayWhatIsRequiredAndWhatIsWishedFor) {
  Readiness readiness;
  AdminEndpoints admin(readiness);
  std::string database;
  std::string redis = "unreachable";
  readiness.require("database", [&] { return database; });
  readiness.wish_for("redis", [&] { return redis; });
  auto response = ask(admin, "/readyz");
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, "{\"ready\":true,\"reasons\":[],\"degraded\":[\"redis: unreachable\"]}\n");
  database = "read-only";
  redis.clear();
  response = ask(admin, "/readyz");
  EXPECT_EQ(response.status, 503u);
  EXPECT_EQ(response.body, "{\"ready\":false,\"reasons\":[\"database: read-only\"],\"degraded\":[]}\n");
}

TEST(AdminEndpoints, Metrics_AreInTheTextFormat) {
  base::metrics::add(base::metrics::Counter::messages_stored, 3);
  base::metrics::observe(base::metrics::Histogram::batch_size, 7);
  Readiness readiness;
  AdminEndpoints admin(readiness);
  const auto text = ask(admin, "/metrics").body;
  EXPECT_THAT(text, HasSubstr("# TYPE messaging_messages_stored_total counter"));
  EXPECT_THAT(text, HasSubstr("messaging_messages_stored_total 3"));
  EXPECT_THAT(text, HasSubstr("messaging_batch_size_bucket{le=\"8\"} 1"));
  EXPECT_THAT(text, HasSubstr("messaging_batch_size_bucket{le=\"+Inf\"} 1"));
}

TEST(AdminEndpoints, OtherPathsAndMethods_AreRefused) {
  Readiness readiness;
  AdminEndpoints admin(readiness);
  EXPECT_EQ(ask(admin, "/healthz").status, 200u);
  EXPECT_EQ(ask(admin, "/").status, 404u);
  EXPECT_EQ(ask(admin, "/healthz", net::Method::post).status, 405u);
}

}  // namespace
}  // namespace app
