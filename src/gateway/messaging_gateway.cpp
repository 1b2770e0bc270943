#include "gateway/messaging_gateway.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "gateway/acks.hpp"
#include "gateway/dtos.hpp"
#include "gateway/event_packet.hpp"
#include "gateway/wire.hpp"

namespace gateway {

using base::Errc;
using base::Result;
using messaging::Caller;
using socketio::Socket;

// --- the table

struct MessagingGateway::Route {
  EventRow row;
  // Reads the payload, at once, and returns what is to be run with it.
  Result<Handling> (*begin)(MessagingGateway& gateway, const Request& request, JsonObject payload);
};

struct MessagingGateway::Routes {
  template <class Dto, Handling (MessagingGateway::*handler)(Request, Dto)>
  static Result<Handling> with(MessagingGateway& gateway, const Request& request, JsonObject payload) {
    auto dto = Dto::parse(payload);
    if (!dto) return base::forward(dto);
    return (gateway.*handler)(request, *std::move(dto));
  }

  using G = MessagingGateway;
  static constexpr auto table = std::to_array<Route>({
      // clang-format off
      // event                guard                    payload, handler
      {{"openConversation",   Guard::connection},      with<OpenConversationDto, &G::open_conversation>},
      {{"sendMessage",        Guard::connection},      with<SendMessageDto,      &G::send_message>},
      {{"typing",             Guard::cached_decision}, with<TypingDto,           &G::typing>},
      {{"messageDelivered",   Guard::participant},     with<ReceiptDto,          &G::message_delivered>},
      {{"messageRead",        Guard::participant},     with<ReceiptDto,          &G::message_read>},
      {{"getMessages",        Guard::participant},     with<GetMessagesDto,      &G::get_messages>},
      {{"getConversations",   Guard::self},            with<GetConversationsDto, &G::get_conversations>},
      {{"sync",               Guard::self},            with<SyncDto,             &G::sync>},
      {{"refreshToken",       Guard::self},            with<RefreshTokenDto,     &G::refresh_token>},
      // clang-format on
  });

  [[nodiscard]] static const Route* find(std::string_view event) noexcept {
    const auto* const found = std::ranges::find(table, event, [](const Route& route) { return route.row.event; });
    return found == table.end() ? nullptr : found;
  }
};

std::string_view to_string(Guard guard) noexcept {
  switch (guard) {
    case Guard::connection:
      return "connection";
    case Guard::cached_decision:
      return "cached_decision";
    case Guard::participant:
      return "participant";
    case Guard::self:
      return "self";
  }
  return "self";
}

std::span<const MessagingGateway::EventRow> MessagingGateway::events() noexcept {
  static const auto rows = [] {
    std::array<EventRow, Routes::table.size()> copies;
    std::ranges::transform(Routes::table, copies.begin(), &Route::row);
    return copies;
  }();
  return rows;
}

// --- life

MessagingGateway::MessagingGateway(GatewayDependencies dependencies, GatewayLimits limits)
    : with_(dependencies), limits_(limits), admission_(with_, limits_, tasks_) {}

socketio::Namespace::Handlers MessagingGateway::handlers() {
  return {
      .on_connect = [this](socketio::PendingConnect connect,
                           std::string_view auth_json) { admission_.handle_connect(std::move(connect), auth_json); },
      .on_event = [this](const SocketPtr& socket,
                         const socketio::IncomingEvent& event) { handle_event(socket, event); },
      .on_disconnect = [this](const SocketPtr& socket, engineio::CloseReason) { admission_.handle_disconnect(socket); },
      .accepts_binary = false,
  };
}

void MessagingGateway::begin_drain(base::milliseconds reconnect_in) {
  with_.notifier.announce(event_packet(server_draining_json(reconnect_in)));
}

void MessagingGateway::quiesce(base::Job done) {
  is_quiescing_.store(true, std::memory_order_relaxed);
  tasks_.on_idle(std::move(done));
}

void MessagingGateway::stop(base::Job done) {
  tasks_.on_idle(std::move(done));
}

// --- events and their answers

namespace {

void answer(Socket& socket, std::optional<socketio::AckId> ack_id, std::string_view event,
            const Result<std::string>& outcome) {
  if (ack_id) {
    socket.ack(*ack_id, outcome ? *outcome : error_ack_json(outcome.error()));
  } else if (!outcome) {
    socket.send(event_packet(exception_json(outcome.error(), event)));
  }
}

void log_failure(const MessagingGateway::EventRow& row, const base::TraceContext& trace, const base::Error& error) {
  // What a client did wrong is its own affair; what this side could not do is the operator's.
  const bool is_ours = error.code == Errc::internal || error.code == Errc::storage_unavailable;
  base::log::write(is_ours ? base::log::Level::warn : base::log::Level::debug, "event.failed",
                   {{"request", trace.request_id()},
                    {"name", row.event},
                    {"guard", to_string(row.guard)},
                    {"code", base::to_string(error.code)},
                    {"detail", error.detail}});
}

template <class T>
Result<std::string> to_outcome(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return ack_json(*result);
}

}  // namespace

void MessagingGateway::handle_event(const SocketPtr& socket, const socketio::IncomingEvent& event) {
  const auto refuse = [&](base::Error error) {
    answer(*socket, event.ack_id, event.name, std::unexpected(std::move(error)));
  };
  const auto* const route = Routes::find(event.name);
  if (route == nullptr) return refuse({.code = Errc::unknown_event});
  if (is_quiescing_.load(std::memory_order_relaxed)) return refuse({.code = Errc::server_draining});
  auto& in_flight = ConnectionState::of(*socket).events_in_flight;
  if (in_flight >= limits_.events_in_flight_max) return refuse({.code = Errc::overloaded});
  const auto payload = payload_of(event.json);
  if (!payload) return refuse(payload.error());
  Request request{.socket = socket,
                  .trace = base::TraceContext::from(socket->handshake().traceparent),
                  .route = route,
                  .ack_id = event.ack_id};
  auto handling = route->begin(*this, request, *payload);
  if (!handling) return refuse(std::move(handling.error()));
  if (base::log::enabled(base::log::Level::debug)) {
    base::log::debug("event.received",
                     {{"request", request.trace.request_id()}, {"name", route->row.event}, {"socket", socket->id()}});
  }
  ++in_flight;
  tasks_.spawn(answer_when_done(std::move(request), *std::move(handling)));
}

base::Task<> MessagingGateway::answer_when_done(Request request, Handling handling) {
  Outcome outcome = base::fail(Errc::internal);
  try {
    outcome = co_await handling;
  } catch (const std::exception& e) {
    // A bug; but every ack is called, whatever happens.
    outcome = base::fail(Errc::internal, e.what());
  }
  --ConnectionState::of(*request.socket).events_in_flight;
  const auto& row = request.route->row;
  if (!outcome) log_failure(row, request.trace, outcome.error());
  answer(*request.socket, request.ack_id, row.event, outcome);
}

messaging::Caller MessagingGateway::caller_of(const Request& request) {
  const auto& state = ConnectionState::of(*request.socket);
  return {
      .user = state.feed.user(), .token = state.token.token(), .device = request.socket->id(), .trace = request.trace};
}

// --- handlers

MessagingGateway::Handling MessagingGateway::open_conversation(Request request, OpenConversationDto dto) {
  const auto conversation = co_await with_.service.open_conversation(caller_of(request), std::move(dto.user_id));
  co_return to_outcome(conversation);
}

MessagingGateway::Handling MessagingGateway::send_message(Request request, SendMessageDto dto) {
  const auto came_at = with_.clock.steady_now();
  messaging::SendMessage message{.conversation_id = dto.conversation_id,
                                 .content = std::move(dto.content),
                                 .client_message_id = dto.client_message_id};
  const auto stored = co_await with_.service.create_message(caller_of(request), std::move(message),
                                                            &ConnectionState::of(*request.socket).send_order);
  const std::chrono::duration<double> taken = with_.clock.steady_now() - came_at;
  base::metrics::observe(base::metrics::Histogram::ack_seconds, taken.count());
  co_return to_outcome(stored);
}

MessagingGateway::Handling MessagingGateway::typing(Request request, TypingDto dto) {
  auto told = co_await with_.service.broadcast_typing_event(caller_of(request), dto.conversation_id, dto.is_typing);
  if (!told) co_return base::forward(told);
  co_return empty_ack_json();
}

MessagingGateway::Handling MessagingGateway::message_delivered(Request request, ReceiptDto dto) {
  const auto moved = co_await with_.service.mark_delivered(caller_of(request), dto.conversation_id, dto.message_id);
  co_return to_outcome(moved);
}

MessagingGateway::Handling MessagingGateway::message_read(Request request, ReceiptDto dto) {
  const auto moved = co_await with_.service.mark_read(caller_of(request), dto.conversation_id, dto.message_id);
  co_return to_outcome(moved);
}

MessagingGateway::Handling MessagingGateway::get_messages(Request request, GetMessagesDto dto) {
  messaging::HistoryQuery query{.conversation_id = dto.conversation_id,
                                .limit = dto.limit,
                                .cursor = std::move(dto.cursor),
                                .around = dto.around};
  const auto history = co_await with_.service.get_message_history(caller_of(request), std::move(query));
  co_return to_outcome(history);
}

MessagingGateway::Handling MessagingGateway::get_conversations(Request request, GetConversationsDto dto) {
  const auto inbox = co_await with_.service.get_conversations(caller_of(request), dto.limit, std::move(dto.cursor));
  co_return to_outcome(inbox);
}

MessagingGateway::Handling MessagingGateway::sync(Request request, SyncDto dto) {
  const auto page = co_await with_.service.sync(caller_of(request), std::move(dto.since), dto.limit);
  co_return to_outcome(page);
}

// Waits for nothing; a handler like the others, so that the table has one shape.
MessagingGateway::Handling MessagingGateway::refresh_token(Request request, RefreshTokenDto dto) {
  auto& state = ConnectionState::of(*request.socket);
  // Verifying a signature is the most that a client can have done for one small packet.
  if (const auto wait = with_.rate_limiter.try_take(state.feed.user(), messaging::RateLimiter::Kind::request)) {
    co_return std::unexpected(base::Error{.code = Errc::rate_limited, .retry_after = *wait});
  }
  auto claims = with_.verifier.verify(dto.token);
  if (!claims) co_return base::forward(claims);
  if (claims->user != state.feed.user()) co_return base::fail(Errc::unauthenticated, "another user's token");
  state.token.refresh(request.socket, std::make_shared<const std::string>(std::move(dto.token)), claims->expires_at);
  co_return expires_at_ack_json(claims->expires_at);
}

}  // namespace gateway
