// HTTP/1.1 as the layers above see it: a request, a response, and the handler between them. Behind it stands
// http_session.hpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/executor.hpp"

namespace net {

class IoThread;
class WebSocketStream;

enum class Method : std::uint8_t { get, head, post, put, del, options, patch, other };

struct Header {
  std::string name;
  std::string value;
};

// A request's start line and header. Limits: 16 KiB in all, 100 fields; what exceeds them was answered 431 already.
struct RequestHead {
  Method method = Method::get;
  std::string path{};   // before '?', as sent (not percent-decoded)
  std::string query{};  // after '?', as sent
  std::vector<Header> headers{};
  bool keep_alive = true;
  // The connection asks to become a WebSocket (RFC 6455, section 4.2.1, all conditions).
  bool is_websocket_upgrade = false;
  // The peer's address; behind a trusted proxy the client's, from X-Forwarded-For.
  std::string remote_address{};

  // The first header of that name, compared without case; empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
  // The query's last parameter of that name, percent-decoded ("%00" and malformed escapes stay as they are).
  [[nodiscard]] std::string query_parameter(std::string_view name) const;
};

struct Request {
  RequestHead head;
  std::string body;
};

struct Response {
  unsigned status = 200;
  std::vector<Header> headers{};  // Content-Length, Connection and Date are added
  std::string body{};
  // Close the connection after this response.
  bool close = false;
};

// The way to answer one request. Copyable handle; its connection's thread only. The first respond() counts.
class Exchange {
 public:
  class Connection {
   public:
    virtual ~Connection() = default;
    virtual void respond(Response response) = 0;
    virtual void on_client_gone(base::Job job) = 0;
    virtual void abort() = 0;
  };
  explicit Exchange(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  // HEAD requests get the header alone.
  void respond(Response response) const { connection_->respond(std::move(response)); }
  // Runs the job when the client closes or resets the connection before it was answered; at most once, not after
  // respond().
  void on_client_gone(base::Job job) const { connection_->on_client_gone(std::move(job)); }
  // Closes the connection without an answer.
  void abort() const { connection_->abort(); }

 private:
  std::shared_ptr<Connection> connection_;
};

// What a listener serves. One object for all threads.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  struct Route {
    // The thread that must serve this request; null: whichever has it. The connection moves there before its body is
    // read.
    IoThread* thread = nullptr;
    // A longer body is answered through on_body_too_large().
    std::size_t body_bytes_max = 64 * 1024;
  };
  // Called on any of the listener's threads.
  virtual Route route(const RequestHead& head) = 0;
  // Called on the routed thread with the whole request.
  virtual void handle(Request request, Exchange exchange) = 0;
  // The body passed the route's maximum. Called instead of handle(); the connection closes after the response.
  virtual void on_body_too_large(const RequestHead& head, Exchange exchange) = 0;
  // A WebSocket upgrade: called instead of handle(). Null accepts (on_websocket() follows), a response refuses: it is
  // sent and the connection closes.
  virtual std::unique_ptr<Response> check_upgrade(const RequestHead& head) = 0;
  // The 101 is on its way; the handler owns the stream from here and calls start() on it in this call.
  virtual void on_websocket(RequestHead head, std::shared_ptr<WebSocketStream> stream) = 0;
};

}  // namespace net
