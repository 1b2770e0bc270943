// A namespace: who may connect, and what happens with events. One object for all threads, set up before the server
// serves.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/adapter.hpp"
#include "socketio/socket.hpp"

namespace socketio {

// An EVENT as it came. Views are good during the call.
struct IncomingEvent {
  std::string_view name;  // the first element, unescaped; a number's digits where it was a number
  // The JSON array as sent, name included, validated, with simdjson's padding behind it: for json.hpp's parse_json().
  std::string_view json;
  std::optional<AckId> ack_id{};
  // Binary attachments, in order.
  const std::vector<std::string>& attachments;
};

// A CONNECT that waits for its answer. Copyable handle; the session's thread only. If the client goes away first, the
// answer is dropped, and accept() returns null.
class PendingConnect {
 public:
  class Target {
   public:
    virtual ~Target() = default;
    virtual std::shared_ptr<Socket> accept(SocketId id, std::string_view pid) = 0;
    virtual void refuse(std::string_view error_json, bool close_transport) = 0;
    virtual const engineio::Handshake& handshake() const noexcept = 0;
    virtual net::IoThread& thread() const noexcept = 0;
    virtual bool is_waiting() const noexcept = 0;
  };
  explicit PendingConnect(std::shared_ptr<Target> target) : target_(std::move(target)) {}

  // Sends CONNECT {"sid":id} (with "pid" where one is given) and makes the socket, in its own room `id`, in that order;
  // events of the client follow from the next turn on.
  std::shared_ptr<Socket> accept(SocketId id, std::string_view pid = {}) const {
    return target_->accept(std::move(id), pid);
  }
  // Sends CONNECT_ERROR with this JSON object; with close_transport, the transport closes within 1 s.
  void refuse(std::string_view error_json, bool close_transport) const { target_->refuse(error_json, close_transport); }
  [[nodiscard]] const engineio::Handshake& handshake() const noexcept { return target_->handshake(); }
  [[nodiscard]] net::IoThread& thread() const noexcept { return target_->thread(); }
  [[nodiscard]] bool is_waiting() const noexcept { return target_->is_waiting(); }

 private:
  std::shared_ptr<Target> target_;
};

[[nodiscard]] SocketId make_socket_id();

class Namespace {
 public:
  struct Handlers {
    // `auth_json`: the CONNECT's payload, an object as sent and validated, "" where none; padded; good during the call.
    std::function<void(PendingConnect connect, std::string_view auth_json)> on_connect;
    std::function<void(const std::shared_ptr<Socket>& socket, const IncomingEvent& event)> on_event;
    std::function<void(const std::shared_ptr<Socket>& socket, engineio::CloseReason reason)> on_disconnect;
    // False: packets with attachments close the connection.
    bool accepts_binary = false;
  };

  Namespace(std::string name, Handlers handlers, std::unique_ptr<Adapter> adapter)
      : name_(std::move(name)), handlers_(std::move(handlers)), adapter_(std::move(adapter)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const Handlers& handlers() const noexcept { return handlers_; }
  [[nodiscard]] Adapter& adapter() const noexcept { return *adapter_; }
  // For an event of the server's; no other socket's has it. Any thread.
  [[nodiscard]] AckId next_ack_id() noexcept { return next_ack_id_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::string name_;
  Handlers handlers_;
  std::unique_ptr<Adapter> adapter_;
  std::atomic<AckId> next_ack_id_ = 0;
};

}  // namespace socketio
