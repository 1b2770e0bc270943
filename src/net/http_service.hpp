// What the HTTP sessions of one listener share: once per listener, and once per thread. They outlive the listener for
// as long as sessions refer to them.
#pragma once

#include <memory>
#include <vector>

#include "net/connection.hpp"
#include "net/http.hpp"
#include "net/io_thread.hpp"
#include "net/listener.hpp"
#include "net/trusted_proxies.hpp"

namespace net {

struct HttpService;

// Immutable once the listener is open, but for the count; any thread.
struct SharedHttpService {
  ListenerOptions options;
  HttpHandler& handler;
  TrustedProxies trusted_proxies;
  std::shared_ptr<ConnectionCount> count;
  // One for each thread.
  std::vector<std::weak_ptr<HttpService>> services{};
};

// That thread only.
struct HttpService {
  IoThread& thread;
  std::shared_ptr<const SharedHttpService> shared;
  ConnectionList connections{};
  // No connection is accepted any more, or kept for another request.
  bool is_stopping = false;
  // No connection is left, and one that is still on its way here from another thread closes on arrival.
  bool is_closed = false;

  // The same listener's service on another of its threads; null where that is not one of them.
  [[nodiscard]] std::shared_ptr<HttpService> on_thread(const IoThread& wanted) const {
    for (const auto& each : shared->services) {
      auto service = each.lock();
      if (service && &service->thread == &wanted) return service;
    }
    return nullptr;
  }
};

}  // namespace net
