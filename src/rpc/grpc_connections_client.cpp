#include "rpc/grpc_connections_client.hpp"

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "connections/v1/connections.grpc.pb.h"

// States: open → stopping (stop()) → stopped (the last call has ended). A call is in `calls_` from try_begin() of the
// breaker to its end, which gRPC tells exactly once, on a thread of its own; from there one posted job resumes the
// asking task.
// The channel, which every call holds as well, must not be let go on gRPC's threads: the last one to go joins them. So
// gRPC's callback owns nothing, and hands the call over to the executor.

namespace rpc {
namespace {

namespace v1 = connections::v1;
using base::Errc;
using base::metrics::Counter;
using base::metrics::Gauge;

// Under way at once; beyond, questions are refused as OVERLOADED. At the deadline's worst 4000 a second.
constexpr std::size_t calls_max = 1'000;
// The answer is one bool.
constexpr int response_bytes_max = 16 * 1024;
// A service that comes back is found within a second.
constexpr int reconnect_pause_min_ms = 100;
constexpr int reconnect_pause_max_ms = 1'000;
// A peer that vanished without a word is noticed 2 s after the next call (this is TCP_USER_TIMEOUT too), and kept
// connections are not cut by proxies while nobody asks. The library sends no more than two pings between calls, which
// every server permits.
constexpr int keepalive_interval_ms = 30'000;
constexpr int keepalive_timeout_ms = 2'000;

std::shared_ptr<grpc::ChannelCredentials> credentials_of(const ConnectionsTarget& target) {
  if (!target.tls) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({.pem_root_certs = target.ca_certificates,
                               .pem_private_key = target.client_key,
                               .pem_cert_chain = target.client_certificate});
}

std::shared_ptr<grpc::Channel> channel_to(const ConnectionsTarget& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, reconnect_pause_min_ms);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, reconnect_pause_max_ms);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, reconnect_pause_max_ms);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive_interval_ms);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepalive_timeout_ms);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // All addresses of the name, each kept connected.
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // What this process connects to stands in its configuration, not in http_proxy.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // The service may come back at another address of its name.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 1'000);
  arguments.SetMaxReceiveMessageSize(response_bytes_max);
  return grpc::CreateCustomChannel(target.address, credentials_of(target), arguments);
}

// gRPC ends the process on metadata that HTTP/2 cannot carry. A verified token never holds such characters.
bool can_be_sent(std::string_view token) {
  return token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=") ==
         std::string_view::npos;
}

// True where the status says that the service cannot do its work now; the others are answers about the one question.
bool is_about_the_service(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
      return false;
    default:
      return true;
  }
}

base::Result<bool> to_result(const grpc::Status& status, bool connected) {
  if (status.ok()) return connected;
  if (status.error_code() == grpc::StatusCode::PERMISSION_DENIED) return base::fail(Errc::not_connected);
  auto detail = "IsConnected: status " + std::to_string(status.error_code());
  // The service is there, and does not answer this question: no reason to go on with an older answer.
  const auto code = is_about_the_service(status.error_code()) ? Errc::authz_unavailable : Errc::unauthenticated;
  return base::fail(code, std::move(detail));
}

std::string_view name_of(CircuitBreaker::State state) {
  switch (state) {
    case CircuitBreaker::State::closed:
      return "closed";
    case CircuitBreaker::State::half_open:
      return "half_open";
    case CircuitBreaker::State::open:
      return "open";
  }
}

using Answer = messaging::Result<bool>;

struct Call {
  explicit Call(base::Completion<Answer> resume) : done(std::move(resume)) {}

  // Resumes the asking task on its executor, and lets the call go there.
  static void answer(std::shared_ptr<Call> call, Answer answer) {
    auto& executor = call->executor;
    executor.post([call = std::move(call), answer = std::move(answer)]() mutable {
      auto done = std::move(call->done);
      call.reset();
      done(std::move(answer));
    });
  }

  grpc::ClientContext context;
  v1::IsConnectedRequest request;
  v1::IsConnectedResponse response;
  base::Executor& executor = base::Executor::current();
  base::Completion<Answer> done;
};

}  // namespace

class GrpcConnectionsClient::Impl {
 public:
  Impl(const ConnectionsTarget& target, CircuitBreaker::Settings breaker, const base::Clock& clock)
      : deadline_(target.deadline),
        clock_(clock),
        stub_(v1::ConnectionsService::NewStub(rpc::channel_to(target))),
        breaker_(breaker) {}

  void begin(std::shared_ptr<Call> call);
  [[nodiscard]] CircuitBreaker::State breaker_state() const;
  void stop(base::Job done);

 private:
  base::Result<void> admit(const std::shared_ptr<Call>& call);
  void end(Call& call, const grpc::Status& status);
  void tell_breaker(const grpc::Status& status);
  void note_breaker_state();

  const base::milliseconds deadline_;
  const base::Clock& clock_;
  const std::unique_ptr<v1::ConnectionsService::Stub> stub_;

  mutable std::mutex mutex_;  // guards what follows
  CircuitBreaker breaker_;
  CircuitBreaker::State noted_state_ = CircuitBreaker::State::closed;
  std::unordered_map<Call*, std::shared_ptr<Call>> calls_;
  // Of the calls that were admitted, those whose ends are not over yet: as many as calls_, or a few more.
  std::size_t under_way_ = 0;
  bool stopping_ = false;
  base::Job stopped_;
  base::Executor* stopping_executor_ = nullptr;
};

void GrpcConnectionsClient::Impl::begin(std::shared_ptr<Call> call) {
  if (auto admitted = admit(call); !admitted) {
    Call::answer(std::move(call), base::forward(admitted));
    return;
  }
  base::metrics::add(Counter::connections_calls);
  // The monotonic clock: a correction of the wall clock neither shortens nor lengthens a call.
  call->context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(deadline_.count(), GPR_TIMESPAN)));
  stub_->async()->IsConnected(&call->context, &call->request, &call->response,
                              [this, &ended = *call](const grpc::Status& status) { end(ended, status); });
}

base::Result<void> GrpcConnectionsClient::Impl::admit(const std::shared_ptr<Call>& call) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return base::fail(Errc::authz_unavailable, "the connections client has stopped");
  if (under_way_ >= calls_max) return base::fail(Errc::overloaded, "too many calls of the Connections service");
  const bool may_begin = breaker_.try_begin(clock_.steady_now());
  note_breaker_state();
  if (!may_begin) return base::fail(Errc::authz_unavailable, "the breaker is open");
  calls_.emplace(call.get(), call);
  ++under_way_;
  return {};
}

// On gRPC's thread. The breaker knows before the caller does; and the client may be gone as soon as the last call has
// been counted out.
void GrpcConnectionsClient::Impl::end(Call& call, const grpc::Status& status) {
  if (!status.ok() && status.error_code() != grpc::StatusCode::PERMISSION_DENIED) {
    base::metrics::add(Counter::connections_failures);
  }
  const auto result = to_result(status, call.response.connected());
  std::unique_lock lock(mutex_);
  tell_breaker(status);
  auto owned = std::move(calls_.extract(&call).mapped());
  lock.unlock();
  Call::answer(std::move(owned), result);
  lock.lock();
  auto* const executor = stopping_executor_;
  base::Job stopped;
  if (--under_way_ == 0) stopped = std::move(stopped_);
  lock.unlock();
  if (stopped) executor->post(std::move(stopped));
}

void GrpcConnectionsClient::Impl::tell_breaker(const grpc::Status& status) {
  const auto now = clock_.steady_now();
  if (stopping_ && status.error_code() == grpc::StatusCode::CANCELLED) {
    breaker_.abandoned(now);
  } else if (is_about_the_service(status.error_code())) {
    breaker_.failed(now);
  } else {
    breaker_.succeeded(now);
  }
  note_breaker_state();
}

void GrpcConnectionsClient::Impl::note_breaker_state() {
  const auto state = breaker_.state(clock_.steady_now());
  if (state == noted_state_) return;
  base::metrics::add(Gauge::connections_breaker_state, static_cast<int>(state) - static_cast<int>(noted_state_));
  base::log::warn("connections.breaker", {{"from", name_of(noted_state_)}, {"to", name_of(state)}});
  noted_state_ = state;
}

CircuitBreaker::State GrpcConnectionsClient::Impl::breaker_state() const {
  const std::lock_guard lock(mutex_);
  return breaker_.state(clock_.steady_now());
}

void GrpcConnectionsClient::Impl::stop(base::Job done) {
  std::vector<std::shared_ptr<Call>> to_cancel;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  stopping_executor_ = &base::Executor::current();
  for (const auto& [key, call] : calls_) to_cancel.push_back(call);
  if (under_way_ > 0) stopped_ = std::move(done);
  lock.unlock();
  if (done) base::Executor::current().post(std::move(done));
  for (const auto& call : to_cancel) call->context.TryCancel();
}

GrpcConnectionsClient::GrpcConnectionsClient(ConnectionsTarget target, CircuitBreaker::Settings breaker,
                                             const base::Clock& clock)
    : impl_(std::make_unique<Impl>(target, breaker, clock)) {}

GrpcConnectionsClient::~GrpcConnectionsClient() = default;

messaging::Task<messaging::Result<bool>> GrpcConnectionsClient::is_connected(messaging::UserId caller,
                                                                             messaging::UserId other,
                                                                             messaging::BearerToken token,
                                                                             base::TraceContext trace) {
  if (token && !can_be_sent(*token)) co_return base::fail(Errc::authz_unavailable, "the token cannot be forwarded");
  const auto start = [&](base::Completion<Answer> done) {
    auto call = std::make_shared<Call>(std::move(done));
    call->request.set_user_id(caller.str());
    call->request.set_other_user_id(other.str());
    if (token) call->context.AddMetadata("authorization", "Bearer " + *token);
    if (trace.is_set()) call->context.AddMetadata("traceparent", trace.to_traceparent());
    impl_->begin(std::move(call));
  };
  co_return co_await base::async<Answer>(start);
}

void GrpcConnectionsClient::observe_changes(Observer /*observer*/) {}

CircuitBreaker::State GrpcConnectionsClient::breaker_state() const {
  return impl_->breaker_state();
}

void GrpcConnectionsClient::stop(base::Job done) {
  impl_->stop(std::move(done));
}

}  // namespace rpc
