// The Socket.IO v5 server on top of Engine.IO sessions: namespaces, connect timeout, attachments. Made before serving,
// then shared by all threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "engineio/session.hpp"
#include "socketio/namespace.hpp"

namespace socketio {

struct ServerOptions {
  // A session without a CONNECT (or whose CONNECT is not answered) is closed after this.
  base::milliseconds connect_timeout{10'000};
  std::size_t namespaces_per_connection_max = 16;
};

class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();

  // Before the first session.
  Namespace& add_namespace(std::string name, Namespace::Handlers handlers, std::unique_ptr<Adapter> adapter);

  // For engineio::Server: takes over a new session. On the session's thread.
  engineio::Session::Handler* open(std::shared_ptr<engineio::Session> session);

  [[nodiscard]] const ServerOptions& options() const noexcept { return options_; }
  [[nodiscard]] Namespace* find(std::string_view name) const noexcept;

 private:
  ServerOptions options_;
  std::vector<std::unique_ptr<Namespace>> namespaces_;
};

}  // namespace socketio
