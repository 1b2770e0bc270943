// The gRPC port: messaging.v1.ConversationsService, the health service (grpc.health.v1) and reflection. For services of
// the same platform, on loopback or with certificates on both sides, never for the internet: the packaged gRPC gets no
// security updates. gRPC's own threads serve it; the work of the calls runs on the executors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "auth/jwt_verifier.hpp"
#include "base/executor.hpp"
#include "messaging/messaging_service.hpp"

namespace rpc {

// PEM texts. Where one is given all are needed: clients have to present a certificate of the client CA.
struct RpcTls {
  std::string certificate_chain{};
  std::string private_key{};
  std::string client_ca{};

  [[nodiscard]] bool is_given() const noexcept {
    return !certificate_chain.empty() || !private_key.empty() || !client_ca.empty();
  }
};

struct RpcServerOptions {
  // Anything but loopback needs TLS.
  std::string host = "127.0.0.1";
  // 0: any free port; port() tells which.
  std::uint16_t port = 50051;
  RpcTls tls{};
  // A request: 20 000 bytes of content and its ids fit many times.
  std::size_t request_bytes_max = 128 * 1024;
  // An answer: 100 messages of 20 000 bytes.
  std::size_t response_bytes_max = 4 * 1024 * 1024;
  // At once, over all connections; beyond, calls are OVERLOADED.
  std::size_t calls_max = 1000;
  // At once on one connection; beyond, the client's library holds them back.
  int calls_per_connection_max = 250;
};

class RpcServer {
 public:
  // Listens and serves. The error: Errc::internal with a sentence in `detail`; a port that is taken is one, also where
  // the other process would share it. `messaging`, `verifier` and the executors outlive the server, and the executors
  // run until drain() returned.
  [[nodiscard]] static base::Result<std::unique_ptr<RpcServer>> start(RpcServerOptions options,
                                                                      messaging::MessagingService& messaging,
                                                                      const auth::JwtVerifier& verifier,
                                                                      std::vector<base::Executor*> executors);
  // drain() with no time, where it was not called before.
  ~RpcServer();
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

  // Health says NOT_SERVING, no new call is taken, clients are told to go elsewhere. Calls under way may end; those
  // that have not within `budget` are cancelled. Blocks until the last one is gone: not on an executor's thread, whose
  // tasks it waits for.
  void drain(base::milliseconds budget);

 private:
  struct Running;
  explicit RpcServer(std::unique_ptr<Running> running);
  std::unique_ptr<Running> running_;
};

}  // namespace rpc
