// The admin port: /healthz (the process answers), /readyz (503 with reasons while this node should get no traffic),
// /metrics (Prometheus text format). Loopback unless ADMIN_HOST says otherwise; no secret is ever shown.
#pragma once

#include "app/plain_http_handler.hpp"
#include "app/readiness.hpp"

namespace app {

class AdminEndpoints final : public PlainHttpHandler {
 public:
  explicit AdminEndpoints(const Readiness& readiness) : readiness_(readiness) {}

 protected:
  [[nodiscard]] net::Response get(const net::RequestHead& head) override;

 private:
  const Readiness& readiness_;
};

}  // namespace app
