// The Connections service over gRPC (connections.v1.ConnectionsService): one call for each question, with the asking
// user's JWT and the trace in its metadata, behind a circuit breaker. Any thread; resumes its caller on the executor
// that it was called on. Calls run on gRPC's own threads.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "messaging/connections_client.hpp"
#include "rpc/circuit_breaker.hpp"

namespace rpc {

struct ConnectionsTarget {
  // host:port
  std::string address;
  // grpcs://: the server's certificate is checked against this CA (PEM text; empty: the system's).
  bool tls = false;
  std::string ca_certificates{};
  // Where the service asks for them: this client's own (PEM texts), both or none.
  std::string client_certificate{};
  std::string client_key{};
  base::milliseconds deadline{250};
};

class GrpcConnectionsClient final : public messaging::ConnectionsClient {
 public:
  GrpcConnectionsClient(ConnectionsTarget target, CircuitBreaker::Settings breaker, const base::Clock& clock);
  // After stop().
  ~GrpcConnectionsClient() override;

  messaging::Task<messaging::Result<bool>> is_connected(messaging::UserId caller, messaging::UserId other,
                                                        messaging::BearerToken token,
                                                        base::TraceContext trace) override;
  // The service tells nothing by itself: changes come over Redis (`connections:changed`).
  void observe_changes(Observer observer) override;

  // Any thread.
  [[nodiscard]] CircuitBreaker::State breaker_state() const;

  // Cancels the calls under way (their callers get authz_unavailable); `done` on the calling executor when none is
  // left.
  void stop(base::Job done);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace rpc
