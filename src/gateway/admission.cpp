// A connection's way: verified → registered → subscribed → started (its place in the feed is known) → accepted → gone.
// Every step after `registered` is undone by withdraw(), or by handle_disconnect() once it was accepted.
#include "gateway/admission.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "gateway/event_packet.hpp"
#include "gateway/wire.hpp"

namespace gateway {
namespace {

using base::Errc;
using base::Result;
using messaging::Position;

// RFC 6750, section 2.1; the scheme's name is compared without case (RFC 9110, section 11.1). Empty where the header is
// another.
std::string_view bearer_token(std::string_view authorization) noexcept {
  constexpr std::string_view scheme = "bearer ";
  const auto equal = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  };
  if (!std::ranges::equal(authorization.substr(0, scheme.size()), scheme, equal)) return {};
  const auto start = authorization.find_first_not_of(' ', scheme.size());
  return start == std::string_view::npos ? std::string_view() : authorization.substr(start);
}

void refuse(const socketio::PendingConnect& connect, const base::Error& error) {
  base::log::info("connection.refused", {{"code", base::to_string(error.code)},
                                         {"detail", error.detail},
                                         {"remote_address", connect.handshake().remote_address}});
  connect.refuse(connect_error_json(error.code), true);
}

}  // namespace

Admission::Admission(const GatewayDependencies& dependencies, const GatewayLimits& limits, base::TaskGroup& tasks)
    : with_(dependencies),
      limits_(limits),
      token_policy_{dependencies.clock, dependencies.verifier.leeway()},
      feed_services_{dependencies.feeds, dependencies.tokens, tasks} {}

void Admission::handle_connect(socketio::PendingConnect connect, std::string_view auth_json) {
  const auto auth = ConnectAuth::parse(auth_json);
  // A token in the payload counts alone, also a bad one.
  const auto token = auth.token ? std::string_view(*auth.token) : bearer_token(connect.handshake().authorization);
  auto claims = check_token(token);
  if (!claims) return refuse(connect, claims.error());

  auto id = socketio::make_socket_id();
  if (!with_.registry.register_connection(claims->user, id, limits_.sockets_per_user_max)) {
    return refuse(connect, {.code = Errc::too_many_connections});
  }
  auto resumption = read_resumption(with_.tokens, claims->user, auth);
  auto state = std::make_unique<ConnectionState>(feed_services_, token_policy_, std::move(claims->user),
                                                 std::make_shared<const std::string>(token), claims->expires_at);
  feed_services_.tasks.spawn(let_in(std::move(connect), std::move(id), std::move(state), std::move(resumption)));
}

Result<auth::Claims> Admission::check_token(std::string_view token) const {
  if (token.empty()) return base::fail(Errc::unauthenticated, "no token");
  return with_.verifier.verify(token);
}

base::Task<> Admission::let_in(socketio::PendingConnect connect, socketio::SocketId id,
                               std::unique_ptr<ConnectionState> state, Resumption resumption) {
  // First the live feed, then the place to start at: so nothing falls between the two.
  const auto told_up_to = co_await with_.notifier.subscribe(state->feed.user(), state->feed);
  if (!told_up_to) {
    withdraw(id, *state);
    co_return;
  }
  const auto start = co_await find_start(state->feed.user(), resumption, *told_up_to);
  if (!start) {
    base::log::warn("connection.unanswered", {{"socket", id}, {"detail", start.error().detail}});
    withdraw(id, *state);
    co_return;
  }
  const bool keeps_pid = !start->resync_required && !resumption.pid.empty();
  const auto pid = keeps_pid ? resumption.pid : with_.tokens.new_pid(state->feed.user());
  const auto socket = connect.accept(id, pid);
  if (!socket) {
    withdraw(id, *state);
    co_return;
  }
  welcome(socket, std::move(state), *start, *told_up_to);
}

base::Task<Result<StartingPoint>> Admission::find_start(messaging::UserId user, Resumption resumption,
                                                        Position told_up_to) {
  if (resumption.position <= told_up_to) co_return starting_point(resumption, told_up_to);
  // Not necessarily an invention: another node may have told the client of a commit that has not reached this one.
  const auto head = co_await with_.feeds.head(user);
  if (!head) co_return std::unexpected(head.error());
  co_return starting_point(resumption, std::max(*head, told_up_to));
}

void Admission::welcome(const std::shared_ptr<socketio::Socket>& socket, std::unique_ptr<ConnectionState> state,
                        StartingPoint start, Position told_up_to) {
  auto& kept = *state;
  socket->set_state(std::move(state));
  socket->join(user_room(kept.feed.user()));
  if (start.resync_required) socket->send(event_packet(resync_required_json()));
  kept.feed.begin(socket, start.position, told_up_to);
  kept.token.start(socket);
}

void Admission::handle_disconnect(const std::shared_ptr<socketio::Socket>& socket) {
  auto& state = ConnectionState::of(*socket);
  state.token.stop();
  with_.notifier.unsubscribe(state.feed.user(), state.feed);
  const bool was_last = with_.registry.unregister_connection(state.feed.user(), socket->id());
  if (was_last) with_.service.user_disconnected(state.feed.user());
}

void Admission::withdraw(const socketio::SocketId& id, ConnectionState& state) {
  with_.notifier.unsubscribe(state.feed.user(), state.feed);
  with_.registry.unregister_connection(state.feed.user(), id);
}

}  // namespace gateway
