#include "rpc/grpc_connections_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "base/metrics.hpp"
#include "base/task_group.hpp"
#include "rpc/fake_connections_service.hpp"
#include "rpc/test_service.hpp"

namespace rpc {
namespace {

using base::Errc;
using base::milliseconds;
using messaging::Result;
using Answer = FakeConnectionsService::Answer;
using State = CircuitBreaker::State;

constexpr std::string_view traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

messaging::Task<> ask_into(GrpcConnectionsClient& client, messaging::BearerToken token, base::TraceContext trace,
                           std::promise<Result<bool>> told) {
  const auto* const executor = base::Executor::current_or_null();
  const auto alice = *messaging::UserId::parse("alice");
  const auto bob = *messaging::UserId::parse("bob");
  auto answer = co_await client.is_connected(alice, bob, token, trace);
  EXPECT_EQ(base::Executor::current_or_null(), executor);
  told.set_value(std::move(answer));
}

double metric(std::string_view name) {
  const auto samples = base::metrics::collect();
  return std::ranges::find(samples, name, &base::metrics::Sample::name)->value;
}

class ConnectionsClient : public testing::Test {
 protected:
  ~ConnectionsClient() override { stop(); }

  GrpcConnectionsClient& connect(ConnectionsTarget target, CircuitBreaker::Settings breaker = {}) {
    stop();
    client = std::make_unique<GrpcConnectionsClient>(std::move(target), breaker, clock);
    return *client;
  }
  // A deadline that no healthy call on a busy machine comes near; tests of the deadline take their own.
  GrpcConnectionsClient& connect(const FakeConnectionsService& service) {
    return connect({.address = service.address(), .deadline = milliseconds(20'000)});
  }
  std::future<Result<bool>> begin_asking(messaging::BearerToken token = nullptr, base::TraceContext trace = {}) {
    std::promise<Result<bool>> told;
    auto answer = told.get_future();
    executor.post([this, token = std::move(token), trace, told = std::move(told)]() mutable {
      tasks.spawn(ask_into(*client, token, trace, std::move(told)));
    });
    return answer;
  }
  Result<bool> ask(messaging::BearerToken token = nullptr, base::TraceContext trace = {}) {
    return begin_asking(std::move(token), trace).get();
  }
  Errc refusal() {
    const auto answer = ask();
    EXPECT_FALSE(answer.has_value());
    return answer ? Errc::internal : answer.error().code;
  }
  void stop() {
    if (!client) return;
    std::promise<void> stopped;
    executor.post([&] { client->stop([&stopped] { stopped.set_value(); }); });
    stopped.get_future().wait();
    client.reset();
  }

  base::ManualClock clock;
  ThreadExecutor executor;
  base::TaskGroup tasks;
  std::unique_ptr<GrpcConnectionsClient> client;
};

TEST_F(ConnectionsClient, passes_the_services_yes_and_no_on) {
  FakeConnectionsService service;
  connect(service);
  EXPECT_EQ(ask(), true);
  service.answer_with(Answer::no);
  EXPECT_EQ(ask(), false);
}

TEST_F(ConnectionsClient, sends_the_pair_the_token_and_the_trace) {
  FakeConnectionsService service;
  connect(service);
  auto trace = base::TraceContext::from(traceparent);
  ASSERT_TRUE(ask(std::make_shared<const std::string>("header.claims.signature"), trace));
  const auto seen = service.last_seen();
  EXPECT_EQ(seen.user, "alice");
  EXPECT_EQ(seen.other, "bob");
  EXPECT_EQ(seen.authorization, "Bearer header.claims.signature");
  EXPECT_EQ(seen.traceparent, trace.to_traceparent());
}

TEST_F(ConnectionsClient, without_a_token_and_a_trace_sends_neither) {
  FakeConnectionsService service;
  connect(service);
  ASSERT_TRUE(ask());
  EXPECT_EQ(service.last_seen().authorization, "");
  EXPECT_EQ(service.last_seen().traceparent, "");
}

TEST_F(ConnectionsClient, a_token_that_http_cannot_carry_is_not_sent) {
  FakeConnectionsService service;
  connect(service);
  EXPECT_EQ(ask(std::make_shared<const std::string>("a\r\nb: c")).error().code, Errc::authz_unavailable);
  EXPECT_EQ(service.calls(), 0);
}

TEST_F(ConnectionsClient, permission_denied_is_not_connected_and_good_health) {
  FakeConnectionsService service;
  service.answer_with(Answer::permission_denied);
  connect({.address = service.address(), .deadline = milliseconds(20'000)}, {.failures_to_open = 1});
  EXPECT_EQ(refusal(), Errc::not_connected);
  EXPECT_EQ(client->breaker_state(), State::closed);
}

TEST_F(ConnectionsClient, a_complaint_about_the_token_is_about_the_token_and_good_health) {
  FakeConnectionsService service;
  service.answer_with(Answer::unauthenticated);
  connect({.address = service.address(), .deadline = milliseconds(20'000)}, {.failures_to_open = 1});
  EXPECT_EQ(refusal(), Errc::unauthenticated);
  EXPECT_EQ(client->breaker_state(), State::closed);
}

TEST_F(ConnectionsClient, a_service_that_fails_is_authz_unavailable) {
  FakeConnectionsService service;
  connect(service);
  for (const auto answer : {Answer::unavailable, Answer::internal}) {
    service.answer_with(answer);
    EXPECT_EQ(refusal(), Errc::authz_unavailable);
  }
}

TEST_F(ConnectionsClient, a_service_that_is_not_there_is_authz_unavailable) {
  std::string address;
  {
    const FakeConnectionsService gone;
    address = gone.address();
  }
  connect({.address = address});
  EXPECT_EQ(refusal(), Errc::authz_unavailable);
}

TEST_F(ConnectionsClient, a_service_that_does_not_answer_is_given_up_at_the_deadline) {
  FakeConnectionsService service;
  service.answer_with(Answer::none);
  connect({.address = service.address(), .deadline = milliseconds(50)});
  EXPECT_EQ(refusal(), Errc::authz_unavailable);
}

TEST_F(ConnectionsClient, failures_open_the_breaker_and_good_trials_close_it) {
  FakeConnectionsService service;
  service.answer_with(Answer::unavailable);
  const double before = metric("messaging_connections_breaker_state");
  connect({.address = service.address(), .deadline = milliseconds(20'000)},
          {.failures_to_open = 2, .open_time = milliseconds(1'000), .successes_to_close = 1});
  EXPECT_EQ(refusal(), Errc::authz_unavailable);
  EXPECT_EQ(refusal(), Errc::authz_unavailable);
  EXPECT_EQ(client->breaker_state(), State::open);
  EXPECT_EQ(metric("messaging_connections_breaker_state"), before + 2);

  service.answer_with(Answer::yes);
  EXPECT_EQ(refusal(), Errc::authz_unavailable);
  EXPECT_EQ(service.calls(), 2);

  clock.advance(milliseconds(1'000));
  EXPECT_EQ(client->breaker_state(), State::half_open);
  EXPECT_EQ(ask(), true);
  EXPECT_EQ(client->breaker_state(), State::closed);
  EXPECT_EQ(metric("messaging_connections_breaker_state"), before);
}

TEST_F(ConnectionsClient, counts_calls_and_those_without_an_answer) {
  FakeConnectionsService service;
  connect(service);
  const double calls = metric("messaging_connections_calls_total");
  const double failures = metric("messaging_connections_failures_total");
  ASSERT_TRUE(ask());
  service.answer_with(Answer::permission_denied);
  EXPECT_EQ(refusal(), Errc::not_connected);
  service.answer_with(Answer::unavailable);
  EXPECT_EQ(refusal(), Errc::authz_unavailable);
  EXPECT_EQ(metric("messaging_connections_calls_total"), calls + 3);
  EXPECT_EQ(metric("messaging_connections_failures_total"), failures + 1);
}

TEST_F(ConnectionsClient, a_service_that_comes_back_is_found_again) {
  auto service = std::make_unique<FakeConnectionsService>();
  const int port = service->port();
  connect({.address = service->address(), .deadline = milliseconds(20'000)},
          {.failures_to_open = 1'000'000, .window_calls_min = 1'000'000});
  EXPECT_EQ(ask(), true);
  service.reset();
  EXPECT_EQ(refusal(), Errc::authz_unavailable);
  service = std::make_unique<FakeConnectionsService>(port);
  // Each try that comes too early fails at once; the library connects again within its longest pause.
  Result<bool> answer = ask();
  const base::SystemClock real;
  const base::Deadline patience(real, milliseconds(10'000));
  while (!answer && !patience.has_passed(real.steady_now())) answer = ask();
  EXPECT_EQ(answer, true);
}

TEST_F(ConnectionsClient, more_calls_than_it_has_room_for_are_overloaded) {
  FakeConnectionsService service;
  service.answer_with(Answer::none);
  connect(service);
  std::vector<std::future<Result<bool>>> waiting;
  for (int i = 0; i < 1'000; ++i) waiting.push_back(begin_asking());
  EXPECT_EQ(refusal(), Errc::overloaded);
  stop();
  for (auto& each : waiting) EXPECT_EQ(each.get().error().code, Errc::authz_unavailable);
}

TEST_F(ConnectionsClient, stop_cancels_the_call_under_way_and_takes_no_new_one) {
  FakeConnectionsService service;
  service.answer_with(Answer::none);
  connect(service);
  auto waiting = begin_asking();
  service.wait_for_calls(1);
  std::promise<void> stopped;
  executor.post([&] { client->stop([&stopped] { stopped.set_value(); }); });
  stopped.get_future().wait();
  EXPECT_EQ(waiting.get().error().code, Errc::authz_unavailable);
  EXPECT_EQ(refusal(), Errc::authz_unavailable);
  EXPECT_EQ(service.calls(), 1);
}

TEST_F(ConnectionsClient, with_tls_shows_its_certificate_and_checks_the_services) {
  const auto certificate = make_test_certificate();
  FakeConnectionsService service(0, &certificate);
  ConnectionsTarget target{.address = service.address(),
                           .tls = true,
                           .ca_certificates = certificate.certificate_pem,
                           .client_certificate = certificate.certificate_pem,
                           .client_key = certificate.key_pem,
                           .deadline = milliseconds(20'000)};
  connect(target);
  EXPECT_EQ(ask(), true);

  target.ca_certificates = make_test_certificate().certificate_pem;
  connect(target);
  EXPECT_EQ(refusal(), Errc::authz_unavailable);

  target.ca_certificates = certificate.certificate_pem;
  target.client_certificate.clear();
  target.client_key.clear();
  connect(target);
  EXPECT_EQ(refusal(), Errc::authz_unavailable);
}

}  // namespace
}  // namespace rpc
