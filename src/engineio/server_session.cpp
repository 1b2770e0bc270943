// States and transitions are the machine's: session_machine.cpp. What the session holds in them:
//   polling            polling_
//   probing            polling_, probe_
//   websocket          websocket_
//   closing            polling_ with the packets that wait for the last poll, probe_ if the client was about to move;
//                      on_close() is posted already
//   closed             none of them
#include "engineio/server_session.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/json_text.hpp"
#include "base/metrics.hpp"
#include "engineio/payload_text.hpp"
#include "net/ascii.hpp"

namespace engineio {
namespace {

using base::metrics::Counter;

const OutboundMessage& ping_packet() {
  static const OutboundMessage packet = OutboundMessage::packet(PacketType::ping);
  return packet;
}

const OutboundMessage& noop_packet() {
  static const OutboundMessage packet = OutboundMessage::packet(PacketType::noop);
  return packet;
}

bool is_octet_stream(std::string_view content_type) {
  const std::string_view media_type = content_type.substr(0, content_type.find(';'));
  return net::ascii::equal(net::ascii::trimmed(media_type), "application/octet-stream");
}

}  // namespace

net::WebSocketStream::Limits stream_limits(const ServerOptions& options) noexcept {
  return {.message_bytes_max = options.payload_bytes_max,
          .queue_bytes_soft = options.queue_bytes_soft,
          .queue_bytes_hard = options.queue_bytes_hard};
}

ServerSession::ServerSession(SessionHost& host, std::string id, Handshake handshake)
    : host_(host),
      machine_(host.timing,
               handshake.has_websocket_transport ? SessionMachine::State::websocket : SessionMachine::State::polling,
               host.clock.steady_now()),
      id_(std::move(id)),
      handshake_(std::move(handshake)) {}

void ServerSession::open() {
  polling_ = std::make_unique<PollingTransport>();
  advance();
}

void ServerSession::open(std::shared_ptr<net::WebSocketStream> stream) {
  websocket_ = WebSocketTransport::start(std::move(stream), stream_limits(host_.options), *this);
  websocket_->send(OutboundMessage::packet(PacketType::open, handshake_json()));
  advance();
}

std::string ServerSession::handshake_json() const {
  std::string json = R"({"sid":)";
  base::append_json_string(json, id_);
  json += handshake_.has_websocket_transport ? R"(,"upgrades":[])" : R"(,"upgrades":["websocket"])";
  json += R"(,"pingInterval":)";
  base::append_json_number(json, host_.timing.ping_interval.count());
  json += R"(,"pingTimeout":)";
  base::append_json_number(json, host_.timing.ping_timeout.count());
  json += R"(,"maxPayload":)";
  base::append_json_number(json, static_cast<std::int64_t>(host_.options.payload_bytes_max));
  json += '}';
  return json;
}

// --- Time

void ServerSession::advance() {
  advance(host_.clock.steady_now());
}

void ServerSession::advance(base::SteadyTime now) {
  for (;;) {
    const Action action = machine_.on_time(now);
    if (action == Action::none) break;
    perform(action);
  }
  arm_timer(now);
}

// Deadlines mostly move away while the session talks: a timer that fires too early finds nothing due and is set again,
// which costs less than moving it with each packet.
void ServerSession::arm_timer(base::SteadyTime now) {
  const base::SteadyTime wake = machine_.next_wake();
  if (wake >= timer_at_) return;
  host_.thread.cancel(timer_);
  timer_at_ = wake;
  const auto after = std::chrono::ceil<base::milliseconds>(std::max(wake - now, base::SteadyTime::duration::zero()));
  timer_ = host_.thread.schedule(after, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->timer_at_ = base::SteadyTime::max();
    self->advance();
  });
}

// --- From the machine

void ServerSession::perform(Action action, const Packet& packet) {
  switch (action) {
    case Action::none:
      return;
    case Action::deliver:
      handler_->on_message(packet.data, packet.is_binary);
      return;
    case Action::send_ping:
      send(ping_packet());
      return;
    case Action::send_noop:
      if (!polling_->has_packets()) polling_->enqueue(noop_packet());
      flush();
      return;
    case Action::answer_probe:
      probe_->send(OutboundMessage::packet(PacketType::pong, "probe"));
      return;
    case Action::drop_probe:
      drop_probe();
      return;
    case Action::switch_transport:
      switch_to_websocket();
      return;
    case Action::linger:
      announce_close();
      return;
    case Action::switch_and_finish:
      switch_to_websocket();
      finish();
      return;
    case Action::finish:
      finish();
      return;
  }
}

void ServerSession::drop_probe() {
  if (probe_) host_.closing.adopt(std::move(probe_));
}

void ServerSession::switch_to_websocket() {
  const bool was_above = is_above_soft_limit();
  websocket_ = std::move(probe_);
  const auto polling = std::move(polling_);
  for (const OutboundMessage& message : polling->take_packets()) websocket_->send(message);
  if (polling->has_poll()) {
    polling->enqueue(noop_packet());
    polling->answer(host_.options.payload_bytes_max);
    machine_.on_poll_answered();
  }
  if (was_above && !is_above_soft_limit() && machine_.is_open()) handler_->on_drained();
}

void ServerSession::finish() {
  const auto self = shared_from_this();
  host_.thread.cancel(timer_);
  drop_probe();
  if (websocket_) host_.closing.adopt(std::move(websocket_));
  if (polling_) end_polling();
  announce_close();
  host_.release(*this);
}

// A parked poll learns of the end: as the answer to the client's own `1` with a `6`, else with a `1`; or with what is
// queued alone, and then the next poll finds the sid unknown. A `1` never shares a payload with messages: the official
// client would disconnect its socket before it emits the events that came beside it, and emit them again after the next
// CONNECT.
void ServerSession::end_polling() {
  const auto polling = std::move(polling_);
  if (!polling->has_poll()) return;
  if (machine_.is_closed_by_packet()) {
    (void)polling->take_packets();
    polling->enqueue(noop_packet());
  } else if (!polling->has_packets()) {
    polling->enqueue(OutboundMessage::packet(PacketType::close));
  }
  polling->answer(std::numeric_limits<std::size_t>::max());
}

void ServerSession::announce_close() {
  if (std::exchange(is_close_announced_, true)) return;
  host_.thread.post([self = shared_from_this()] {
    if (Handler* handler = std::exchange(self->handler_, nullptr)) handler->on_close(self->machine_.reason());
  });
}

// --- From the layer above

void ServerSession::send(const OutboundMessage& message) {
  if (!machine_.is_open()) return;
  if (websocket_) {
    websocket_->send(message);
    return;
  }
  polling_->enqueue(message);
  if (polling_->queued_bytes() > host_.options.queue_bytes_hard) {
    base::metrics::add(Counter::slow_consumers_closed);
    (void)polling_->take_packets();
    perform(machine_.on_failure(CloseReason::slow_consumer));
    return;
  }
  flush_at_end_of_turn();
}

bool ServerSession::send_volatile(const OutboundMessage& message) {
  if (!machine_.is_open() || is_above_soft_limit()) return false;
  send(message);
  return true;
}

std::size_t ServerSession::queued_bytes() const noexcept {
  if (websocket_) return websocket_->queued_bytes();
  return polling_ ? polling_->queued_bytes() : 0;
}

bool ServerSession::is_above_soft_limit() const noexcept {
  return queued_bytes() > host_.options.queue_bytes_soft;
}

void ServerSession::close(CloseReason reason) {
  const base::SteadyTime now = host_.clock.steady_now();
  // What is queued leaves by itself; the `1` then waits for the next poll.
  answer_poll();
  perform(machine_.on_close_request(reason, now));
  arm_timer(now);
}

void ServerSession::discard() {
  is_close_announced_ = true;
  perform(machine_.on_failure(CloseReason::forced_close));
}

// --- Polling

void ServerSession::on_get(Reply reply) {
  if (polling_->has_poll()) {
    reply.status(400);
    perform(machine_.on_failure(CloseReason::transport_error));
    return;
  }
  reply.on_client_gone([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || !self->polling_) return;
    self->polling_->forget_poll();
    self->perform(self->machine_.on_failure(CloseReason::transport_close));
  });
  polling_->park(std::move(reply));
  // While the session is closing, what is left in the queue goes first, and the `1` with the poll after that.
  if (machine_.is_open() || !polling_->has_packets()) perform(machine_.on_poll());
  flush();
  advance();
}

void ServerSession::on_post(Reply reply, std::string body, std::string_view content_type) {
  // Version 4 of the protocol never uses it; left unanswered it is how sockets were made to pile up (CVE-2026-59725).
  if (is_octet_stream(content_type)) {
    base::metrics::add(Counter::malformed_input);
    reply.status(400);
    perform(machine_.on_failure(CloseReason::transport_error));
    return;
  }
  // The reference server says `ok` to an empty body, and ends the session all the same.
  const bool is_empty = body.empty();
  if (receive_payload(std::move(body)) || is_empty) {
    reply.ok();
  } else {
    reply.status(400);
  }
  advance();
}

// Packets before a malformed one count, as they would on a WebSocket.
bool ServerSession::receive_payload(std::string body) {
  const PayloadText payload(std::move(body));
  const base::SteadyTime now = host_.clock.steady_now();
  std::string scratch;
  const auto parts = payload.split(host_.options.packets_per_payload_max);
  for (const std::string_view part : parts.value_or(std::vector<std::string_view>{{}})) {
    if (!machine_.is_open()) return true;
    const auto packet = decode_packet(part, scratch);
    if (!packet) {
      base::metrics::add(Counter::malformed_input);
      perform(machine_.on_failure(CloseReason::parse_error));
      return false;
    }
    perform(machine_.on_packet(*packet, now), *packet);
  }
  return true;
}

void ServerSession::on_body_too_large(Reply reply) {
  base::metrics::add(Counter::malformed_input);
  reply.send({.status = 413, .close = true});
  perform(machine_.on_failure(CloseReason::transport_error));
}

void ServerSession::flush_at_end_of_turn() {
  if (is_flush_scheduled_ || !polling_->has_poll()) return;
  is_flush_scheduled_ = true;
  host_.thread.at_end_of_turn([self = shared_from_this()] {
    self->is_flush_scheduled_ = false;
    self->flush();
  });
}

void ServerSession::flush() {
  const bool was_above = is_above_soft_limit();
  if (answer_poll() && was_above && !is_above_soft_limit() && machine_.is_open()) handler_->on_drained();
}

// False where no poll is parked or nothing is queued.
bool ServerSession::answer_poll() {
  if (!polling_ || !polling_->has_poll() || !polling_->has_packets()) return false;
  machine_.on_poll_answered();
  polling_->answer(host_.options.payload_bytes_max);
  return true;
}

// --- WebSocket

void ServerSession::on_upgrade(std::shared_ptr<net::WebSocketStream> stream) {
  const base::SteadyTime now = host_.clock.steady_now();
  if (!machine_.on_probe_opened(now)) {
    host_.closing.refuse(std::move(stream), stream_limits(host_.options));
    return;
  }
  probe_ = WebSocketTransport::start(std::move(stream), stream_limits(host_.options), *this);
  arm_timer(now);
}

void ServerSession::on_frame(WebSocketTransport& transport, std::string_view payload, bool is_binary) {
  const base::SteadyTime now = host_.clock.steady_now();
  const auto self = shared_from_this();
  std::string scratch;
  const auto packet = is_binary ? Packet{.type = PacketType::message, .data = payload, .is_binary = true}
                                : decode_packet(payload, scratch);
  if (!packet) base::metrics::add(Counter::malformed_input);
  if (&transport == probe_.get()) {
    perform(packet ? machine_.on_probe_packet(*packet, now) : machine_.on_probe_failure());
  } else if (packet) {
    perform(machine_.on_packet(*packet, now), *packet);
  } else {
    perform(machine_.on_failure(CloseReason::parse_error));
  }
  advance(now);
}

void ServerSession::on_stream_closed(WebSocketTransport& transport, net::CloseCause cause) {
  const auto self = shared_from_this();
  if (&transport == probe_.get()) {
    const auto gone = std::move(probe_);
    perform(machine_.on_probe_failure());
    return;
  }
  const auto gone = std::move(websocket_);
  switch (cause) {
    case net::CloseCause::peer_closed:
    case net::CloseCause::closed_here:
      perform(machine_.on_failure(CloseReason::transport_close));
      return;
    case net::CloseCause::protocol_error:
    case net::CloseCause::too_large:
      perform(machine_.on_failure(CloseReason::transport_error));
      return;
    case net::CloseCause::too_slow:
      perform(machine_.on_failure(CloseReason::slow_consumer));
      return;
  }
}

void ServerSession::on_stream_drained(WebSocketTransport& transport) {
  if (&transport == websocket_.get() && machine_.is_open()) handler_->on_drained();
}

}  // namespace engineio
