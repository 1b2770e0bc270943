// The seed's MessagingGateway: the Socket.IO face of the service. Which events there are, what guards each, and how it
// is answered. Between socketio's namespace "/" and MessagingService. One object for all threads: what belongs to a
// socket lives in its ConnectionState, on the socket's thread. Lives as long as the server.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/task_group.hpp"
#include "gateway/admission.hpp"
#include "gateway/gateway_dependencies.hpp"
#include "socketio/namespace.hpp"

namespace gateway {

struct GetConversationsDto;
struct GetMessagesDto;
struct OpenConversationDto;
struct ReceiptDto;
struct RefreshTokenDto;
struct SendMessageDto;
struct SyncDto;
struct TypingDto;

// What an event needs besides a valid token. Enforced by MessagingService, for gRPC alike.
enum class Guard : std::uint8_t {
  connection,       // participant, and the two users are first-degree connections
  cached_decision,  // the same, by what is known already: never waits for the Connections service
  participant,      // of the conversation
  self,             // nothing: it concerns the caller alone
};
[[nodiscard]] std::string_view to_string(Guard guard) noexcept;

class MessagingGateway {
 public:
  explicit MessagingGateway(GatewayDependencies dependencies, GatewayLimits limits = {});
  MessagingGateway(const MessagingGateway&) = delete;
  MessagingGateway& operator=(const MessagingGateway&) = delete;

  // For the namespace "/". They refer to this object.
  [[nodiscard]] socketio::Namespace::Handlers handlers();

  struct EventRow {
    std::string_view event;
    Guard guard;
  };
  // The events that clients may send.
  [[nodiscard]] static std::span<const EventRow> events() noexcept;

  // Tells every client of this node to expect the end of its connection, with `serverDraining`. Events go on being
  // served. Any thread.
  void begin_drain(base::milliseconds reconnect_in);
  // From now on events are answered SERVER_DRAINING; calls `done` when those under way have been answered. Any thread.
  void quiesce(base::Job done);
  // Calls `done` when the last handler has ended. After the last socket was disconnected.
  void stop(base::Job done);

 private:
  using SocketPtr = std::shared_ptr<socketio::Socket>;
  // The arguments of the event's ack, as acks.hpp writes them.
  using Outcome = base::Result<std::string>;
  using Handling = base::Task<Outcome>;
  struct Route;
  // The rows and their handlers; a member, so that the handlers can be private.
  struct Routes;
  // One event of a client, from its arrival to its answer.
  struct Request {
    SocketPtr socket;
    base::TraceContext trace;
    const Route* route;
    std::optional<socketio::AckId> ack_id;
  };

  void handle_event(const SocketPtr& socket, const socketio::IncomingEvent& event);
  base::Task<> answer_when_done(Request request, Handling handling);
  [[nodiscard]] static messaging::Caller caller_of(const Request& request);

  Handling open_conversation(Request request, OpenConversationDto dto);
  Handling send_message(Request request, SendMessageDto dto);
  Handling typing(Request request, TypingDto dto);
  Handling message_delivered(Request request, ReceiptDto dto);
  Handling message_read(Request request, ReceiptDto dto);
  Handling get_messages(Request request, GetMessagesDto dto);
  Handling get_conversations(Request request, GetConversationsDto dto);
  Handling sync(Request request, SyncDto dto);
  Handling refresh_token(Request request, RefreshTokenDto dto);

  GatewayDependencies with_;
  GatewayLimits limits_;
  Admission admission_;
  std::atomic<bool> is_quiescing_{false};
  base::TaskGroup tasks_;
};

}  // namespace gateway
