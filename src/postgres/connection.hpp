// One open connection to the server: sends an exchange as one pipeline and calls back with its answers, on the event
// loop of its thread. Made by Link from what the Connector opened; thrown away when it is lost. Everything on the
// thread's loop.
#pragma once

#include <memory>

#include "net/io_thread.hpp"
#include "postgres/exchange.hpp"

struct pg_conn;

namespace postgres {

struct CloseConnection {
  void operator()(pg_conn* connection) const noexcept;
};
// A connection as the Connector opens it: in pipeline mode, not blocking, statements prepared, nothing in flight.
using OpenConnection = std::unique_ptr<pg_conn, CloseConnection>;

class Connection {
 public:
  // `on_lost` is called once, when the server has closed the connection or cannot be reached, at a moment when no
  // exchange is in flight; an exchange that is in flight is told by its own handler instead.
  Connection(net::IoThread& thread, OpenConnection opened, base::Job on_lost);
  // No handler is called any more.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Precondition: none is in flight. `done` may destroy this object. After a failure that is a loss the connection is
  // of no use.
  void exchange(const std::vector<Call>& calls, Transaction transaction, AnswerHandler done);

 private:
  class Pipeline;
  const std::shared_ptr<Pipeline> pipeline_;
};

}  // namespace postgres
