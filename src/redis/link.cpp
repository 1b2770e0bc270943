// States: closed -> connecting (open) -> logging_in (the transport is there) -> up (PING was answered) -> pausing
// (whatever goes wrong, in any of these) -> connecting (the pause is over). close() leads to closed from everywhere.
// One timer: the attempt's time, the pause, or, while up, the look whether the node is still there.
#include "redis/link.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "redis/resp_command.hpp"

namespace redis {
namespace {

// A silent node is noticed so much later than silence_max at most.
constexpr base::milliseconds look_interval{200};
// A link that breaks sooner after it came up counts as one more failed attempt.
constexpr base::milliseconds proven_after{1'000};
constexpr std::size_t quoted_bytes_max = 200;

// Half to all of it, so that the nodes of a service do not come back in step.
base::milliseconds jittered(base::milliseconds pause) {
  const auto half = static_cast<std::uint64_t>(pause.count()) / 2;
  return base::milliseconds(half + base::random_u64() % (half + 1));
}

// To PING: a status, or, from a subscribed connection, ["pong", ""].
bool is_pong(const Reply& reply) {
  if (reply.type == Reply::Type::status) return reply.text == "PONG";
  return reply.type == Reply::Type::array && reply.elements.size() == 2 && reply.elements.front().text == "pong";
}

}  // namespace

Link::Link(const LinkContext& context, Endpoint endpoint, Kind kind, LinkHandler& handler)
    : context_(context), endpoint_(std::move(endpoint)), kind_(kind), handler_(handler) {}

Link::~Link() {
  close();
}

void Link::open() {
  if (state_ == State::closed) connect();
}

void Link::close() {
  state_ = State::closed;
  // A link that was closed on its thread may be destroyed on any.
  if (timer_ != 0) context_.executor.cancel(std::exchange(timer_, 0));
  transport_.reset();
  reader_.reset();
}

void Link::connect() {
  state_ = State::connecting;
  sent_ = answered_ = ping_ = 0;
  reader_ = std::make_shared<RespReader>();
  set_timer(connect_time_max, &Link::on_connect_timeout);
  transport_ = context_.transports.open(endpoint_, *this);
}

void Link::on_connected() {
  state_ = State::logging_in;
  const auto& options = context_.options;
  std::string commands;
  login_replies_ = 1;
  if (!options.password.empty()) {
    ++login_replies_;
    if (options.username.empty()) {
      append_command(commands, {"AUTH", options.password});
    } else {
      append_command(commands, {"AUTH", options.username, options.password});
    }
  }
  if (options.database != 0) {
    ++login_replies_;
    append_command(commands, {"SELECT", std::to_string(options.database)});
  }
  // A server that wants a login or is loading its data says so here.
  append_command(commands, {"PING"});
  transport_->send(commands);
}

void Link::on_login_reply(const Reply& reply) {
  if (reply.is_error()) {
    // An unknown command is repeated with its arguments, which hold the password.
    const auto sentence = reply.text.substr(0, reply.text.find(", with args"));
    return fail("it answers to the login: " + sentence.substr(0, quoted_bytes_max));
  }
  if (--login_replies_ == 0) come_up();
}

void Link::come_up() {
  state_ = State::up;
  up_since_ = heard_ = context_.clock.steady_now();
  failure_.clear();
  if (std::exchange(was_up_, true)) base::metrics::add(base::metrics::Counter::redis_reconnects);
  base::log::info("redis.link_up", {{"host", endpoint_.host}, {"port", endpoint_.port}});
  set_timer(look_interval, &Link::look_after);
  handler_.on_link_up();
}

void Link::send(std::string_view command, std::size_t replies) {
  if (kind_ == Kind::answering) {
    if (sent_ == answered_) heard_ = context_.clock.steady_now();
    sent_ += replies;
  }
  transport_->send(command);
}

void Link::on_received(std::string_view bytes) {
  heard_ = context_.clock.steady_now();
  // Held: what a reply leads to may end the connection.
  const auto reader = reader_;
  reader->feed(bytes);
  while (auto* const reply = reader->next()) {
    take_reply(*reply);
    if (reader_ != reader) return;
  }
  if (reader->is_malformed()) fail("it sends what is no RESP, or beyond all limits");
}

void Link::take_reply(Reply& reply) {
  if (state_ != State::up) return on_login_reply(reply);
  if (kind_ == Kind::pushing) {
    if (ping_ == 0 || !is_pong(reply)) return handler_.on_link_reply(reply);
    ping_ = 0;
    return;
  }
  if (answered_ == sent_) return fail("it answers what nobody asked");
  if (++answered_ != ping_) return handler_.on_link_reply(reply);
  ping_ = 0;
}

void Link::look_after() {
  set_timer(look_interval, &Link::look_after);
  const auto silence = context_.clock.steady_now() - heard_;
  const bool awaits = kind_ == Kind::answering ? answered_ < sent_ : ping_ != 0;
  if (awaits && silence >= silence_max) return fail("it does not answer any more");
  if (ping_ != 0 || silence < idle_time_max) return;
  if (kind_ == Kind::answering && awaits) return;
  ping_ = ++sent_;
  transport_->send(encode_command({"PING"}));
}

void Link::fail(std::string_view reason) {
  const bool was_up = state_ == State::up;
  if (was_up && context_.clock.steady_now() - up_since_ >= proven_after) attempts_ = 0;
  close();
  pause();
  auto sentence = "Redis at " + endpoint_.host + ":" + std::to_string(endpoint_.port) + ": " + std::string(reason);
  // A node that stays away is reported once.
  if (sentence != failure_) {
    failure_ = std::move(sentence);
    base::log::warn("redis.link_down", {{"host", endpoint_.host}, {"port", endpoint_.port}, {"reason", reason}});
  }
  handler_.on_link_failed(failure_);
  if (was_up) handler_.on_link_down();
}

void Link::pause() {
  state_ = State::pausing;
  const auto doubled = pause_min * (1 << std::min(attempts_++, 10U));
  set_timer(jittered(std::min<base::milliseconds>(doubled, pause_max)), &Link::connect);
}

void Link::set_timer(base::milliseconds after, void (Link::*job)()) {
  if (timer_ != 0) context_.executor.cancel(timer_);
  timer_ = context_.executor.schedule(after, [this, job] {
    timer_ = 0;
    (this->*job)();
  });
}

}  // namespace redis
