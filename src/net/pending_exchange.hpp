// One request's way back to its connection: what an Exchange holds. It stands between a handler that may answer late,
// twice or never, and a connection that may be gone or serving the next request by then. The connection's thread only.
#pragma once

#include <memory>
#include <utility>

#include "net/http.hpp"
#include "net/io_thread.hpp"

namespace net {

// The connection, as far as its unanswered request sees it.
class Answerable {
 public:
  virtual ~Answerable() = default;
  virtual void answer(Response response) = 0;
  // No answer will come: the connection closes.
  virtual void abandon() = 0;
};

class PendingExchange final : public Exchange::Connection {
 public:
  PendingExchange(IoThread& thread, std::shared_ptr<Answerable> connection)
      : thread_(thread), connection_(std::move(connection)) {}
  // The last handle is gone: nobody can answer any more.
  ~PendingExchange() override {
    if (connection_) connection_->abandon();
  }

  void respond(Response response) override {
    gone_ = nullptr;
    if (const auto connection = std::exchange(connection_, nullptr)) connection->answer(std::move(response));
  }
  void on_client_gone(base::Job job) override {
    if (connection_) {
      gone_ = std::move(job);
    } else if (is_client_gone_) {
      thread_.post(std::move(job));
    }
  }
  void abort() override {
    gone_ = nullptr;
    if (const auto connection = std::exchange(connection_, nullptr)) connection->abandon();
  }

  // For the connection: it has closed before an answer came.
  void client_gone() {
    const auto connection = std::exchange(connection_, nullptr);
    is_client_gone_ = true;
    // The job may hold the last handle to this exchange, and end it by ending.
    if (auto job = std::exchange(gone_, nullptr)) job();
  }

 private:
  IoThread& thread_;
  std::shared_ptr<Answerable> connection_;
  base::Job gone_;
  bool is_client_gone_ = false;
};

}  // namespace net
