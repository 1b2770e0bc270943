// For this folder's tests: a Connections service in this process, on loopback, that answers as it is told and notes
// what came. Calls are answered on gRPC's threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "rpc/test_certificate.hpp"

namespace rpc {

class FakeConnectionsService {
 public:
  enum class Answer : std::uint8_t {
    yes,
    no,
    permission_denied,
    unauthenticated,
    unavailable,
    internal,
    none  // until the caller gives up
  };
  struct Seen {
    std::string user;
    std::string other;
    std::string authorization;
    std::string traceparent;
  };

  // Port 0: any. With a certificate it speaks TLS and asks clients for one that this certificate signed.
  explicit FakeConnectionsService(int port = 0, const TestCertificate* certificate = nullptr);
  ~FakeConnectionsService();

  [[nodiscard]] int port() const noexcept { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void answer_with(Answer answer);
  [[nodiscard]] Seen last_seen() const;
  [[nodiscard]] int calls() const;
  // Blocks until so many calls have come.
  void wait_for_calls(int count);

 private:
  class Service;
  struct Running;
  std::unique_ptr<Running> running_;
  int port_ = 0;
};

}  // namespace rpc
