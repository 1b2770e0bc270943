#include "rpc/rpc_server.hpp"

#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include "base/log.hpp"
#include "rpc/conversations_controller.hpp"

// States: running → drained. drain() is the only transition and may be called again; start() never hands out a server
// that does not run.

namespace rpc {
namespace {

using base::Errc;

// Finds clients that are gone without a word, and keeps proxies from cutting idle connections.
constexpr base::milliseconds keepalive_interval{60'000};
constexpr base::milliseconds keepalive_timeout{20'000};
// More frequent pings from a client are answered with GOAWAY (too_many_pings).
constexpr base::milliseconds client_ping_interval_min{10'000};
// All buffers of the server together.
constexpr std::size_t memory_bytes_max = 256UL * 1024 * 1024;

int to_argument(base::milliseconds time) {
  return static_cast<int>(time.count());
}

// A name is loopback only where it is "localhost": what another one resolves to is not ours to say.
bool is_loopback(std::string_view host) {
  const bool is_ipv4 = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return (is_ipv4 && host.starts_with("127.")) || host == "::1" || host == "localhost";
}

// The library writes to standard error by itself, where only our own lines belong.
void log_for_library(gpr_log_func_args* line) {
  if (line->severity == GPR_LOG_SEVERITY_ERROR) base::log::warn("rpc.library", {{"message", line->message}});
}

std::string address_of(const RpcServerOptions& options) {
  const bool is_ipv6 = options.host.contains(':');
  return (is_ipv6 ? '[' + options.host + ']' : options.host) + ':' + std::to_string(options.port);
}

base::Result<std::shared_ptr<grpc::ServerCredentials>> credentials_of(const RpcServerOptions& options) {
  const auto& tls = options.tls;
  if (!tls.is_given()) {
    if (is_loopback(options.host)) return grpc::InsecureServerCredentials();
    return base::fail(Errc::internal, "gRPC on " + options.host + " needs a certificate, its key and a client CA");
  }
  if (tls.certificate_chain.empty() || tls.private_key.empty() || tls.client_ca.empty()) {
    return base::fail(Errc::internal, "gRPC needs a certificate, its key and a client CA, or none of them");
  }
  grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  ssl.pem_key_cert_pairs.push_back({.private_key = tls.private_key, .cert_chain = tls.certificate_chain});
  ssl.pem_root_certs = tls.client_ca;
  return grpc::SslServerCredentials(ssl);
}

void set_limits(grpc::ServerBuilder& builder, const RpcServerOptions& options) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.request_bytes_max));
  builder.SetMaxSendMessageSize(static_cast<int>(options.response_bytes_max));
  builder.SetResourceQuota(grpc::ResourceQuota("rpc").Resize(memory_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.calls_per_connection_max);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, to_argument(keepalive_interval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, to_argument(keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             to_argument(client_ping_interval_min));
  // With SO_REUSEPORT a second process would get half of the calls unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Reflection is the only service that is not served by callbacks: one thread is enough.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
}

}  // namespace

struct RpcServer::Running {
  ConversationsController controller;
  int port = 0;
  std::unique_ptr<grpc::Server> server{};
};

base::Result<std::unique_ptr<RpcServer>> RpcServer::start(RpcServerOptions options,
                                                          messaging::MessagingService& messaging,
                                                          const auth::JwtVerifier& verifier,
                                                          std::vector<base::Executor*> executors) {
  auto credentials = credentials_of(options);
  if (!credentials) return base::forward(credentials);

  // Switches of the library, for all servers that are built afterwards. Naming reflection here also keeps it linked.
  gpr_set_log_function(log_for_library);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  std::unique_ptr<Running> running(
      new Running{.controller = {messaging, verifier, std::move(executors), options.calls_max}});
  auto& service = running->controller.service();
  grpc::ServerBuilder builder;
  set_limits(builder, options);
  builder.AddListeningPort(address_of(options), *credentials, &running->port);
  builder.RegisterService(&service);
  running->server = builder.BuildAndStart();
  if (!running->server || running->port == 0) {
    return base::fail(Errc::internal,
                      "gRPC cannot listen on " + address_of(options) +
                          (options.tls.is_given() ? ": it is taken, or the certificate and its key do not fit"
                                                  : ": it is taken, or no address of this machine"));
  }
  running->server->GetHealthCheckService()->SetServingStatus("messaging.v1.ConversationsService", true);
  return std::unique_ptr<RpcServer>(new RpcServer(std::move(running)));
}

RpcServer::RpcServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}

RpcServer::~RpcServer() {
  drain(base::milliseconds(0));
}

std::uint16_t RpcServer::port() const noexcept {
  return static_cast<std::uint16_t>(running_->port);
}

void RpcServer::drain(base::milliseconds budget) {
  running_->server->GetHealthCheckService()->Shutdown();
  // A span is what gRPC takes for "from now".
  running_->server->Shutdown(gpr_time_from_millis(budget.count(), GPR_TIMESPAN));
  running_->controller.join();
}

}  // namespace rpc
