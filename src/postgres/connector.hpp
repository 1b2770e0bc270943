// Opens connections, on a thread of its own: libpq blocks while it looks a host name up, reads certificates and derives
// a key from a password, and an event loop must not. One for the database, for as long as it is open; the connections
// it has opened belong to whoever asked.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <thread>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/executor.hpp"
#include "postgres/connection.hpp"
#include "postgres/session.hpp"

namespace postgres {

class Connector {
 public:
  struct Target {
    // Checked by check_url(). May hold a secret.
    std::string url;
    // For reaching the server, setting the session up and preparing its statements, together.
    base::milliseconds time_max{5'000};
    base::milliseconds operation_time_max{10'000};
  };
  // A failure is a sentence for the operator.
  using Opened = std::expected<OpenConnection, std::string>;
  using Handler = std::move_only_function<void(Opened)>;

  Connector(Target target, const base::Clock& clock);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // Calls `done` on the executor. The statements live as long as the program. After stop() nothing is called. Any
  // thread.
  void open(Purpose purpose, std::span<const Statement> statements, base::Executor& executor, Handler done);

  // Waits for what cannot be interrupted (the name look-up), then ends the thread. A second call does nothing.
  void stop();

 private:
  struct Request {
    Purpose purpose;
    std::span<const Statement> statements;
    base::Executor* executor;
    Handler done;
  };

  void run();
  [[nodiscard]] Opened attempt(const Request& request);

  const Target target_;
  const base::Clock& clock_;
  // Readable once stop() was called: ends a wait for a socket.
  const int stop_signal_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  bool is_stopping_ = false;
  std::deque<Request> requests_;
  std::thread thread_;
};

}  // namespace postgres
