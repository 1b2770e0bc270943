// One client: a session of the floor below, seen as Socket.IO packets. It decodes what comes in, keeps to which
// namespaces the client belongs, and closes the session on the first packet that breaks the protocol. Lives on the
// session's thread and owns itself from open() until on_close().
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/executor.hpp"
#include "engineio/session.hpp"
#include "socketio/namespace.hpp"

namespace socketio {

class BinaryAssembly;
class ClientSocket;
class ConnectAttempt;
class Server;
struct Packet;

class Client final : public engineio::Session::Handler {
 public:
  // `executor` runs the connect timeout: the session's thread, or a test's stand-in for it.
  static Client& open(const Server& server, std::shared_ptr<engineio::Session> session, base::Executor& executor);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void on_message(std::string_view data, bool is_binary) override;
  void on_close(engineio::CloseReason reason) override;
  void on_drained() override;

  // For the attempt, while it waits.
  std::shared_ptr<Socket> accept(ConnectAttempt& attempt, SocketId id, std::string_view pid);
  void refuse(ConnectAttempt& attempt, std::string_view error_json, bool close_transport);
  // For the socket, while it is connected.
  void disconnect(ClientSocket& socket);
  void close(engineio::CloseReason reason);

 private:
  // The client's place in one namespace: either member is set, by whether the CONNECT was accepted.
  struct Membership {
    Namespace* nsp;
    std::shared_ptr<ConnectAttempt> attempt;
    std::shared_ptr<ClientSocket> socket;
  };
  using Memberships = std::vector<Membership>;

  Client(const Server& server, std::shared_ptr<engineio::Session> session, base::Executor& executor);

  void on_connect(const Packet& packet);
  void on_disconnect(const Packet& packet);
  void on_event(const Packet& packet);
  void on_ack(const Packet& packet);
  void on_attachment(std::string_view bytes);
  void on_assembled();
  void on_violation();

  void refuse_unknown_namespace(std::string_view name);
  void leave(Memberships::iterator place, engineio::CloseReason reason);
  void drop_attempts() noexcept;
  void update_connect_timer();

  [[nodiscard]] Memberships::iterator find(std::string_view nsp) noexcept;
  // Null where the client has not joined, or its CONNECT still waits.
  [[nodiscard]] std::shared_ptr<ClientSocket> joined(std::string_view nsp) noexcept;

  const Server& server_;
  base::Executor& executor_;
  std::shared_ptr<engineio::Session> session_;
  std::unique_ptr<Client> self_;
  Memberships memberships_;
  std::unique_ptr<BinaryAssembly> assembly_;  // while attachments are due
  base::TimerId connect_timer_ = 0;
  bool is_closing_ = false;
};

}  // namespace socketio
