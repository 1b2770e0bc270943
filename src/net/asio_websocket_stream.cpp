// States and transitions (the handler is told once, on leaving `open` or `closing`):
//   made      -> open       start()
//   open      -> closing    close(): a close frame is queued; input is read for the peer's answer
//   open      -> lingering  the peer's close frame, or a breach of the protocol: our close frame is queued, input is
//   thrown away closing   -> lingering  the peer's close frame lingering -> closed     the peer ended the connection
//   too any       -> closed     end of stream, reset, abort(), the hard limit; closing and lingering: 1 s has passed
// Lingering: closing a socket with unread input makes the kernel send a reset, which can overtake the close frame. So
// the sending direction is ended first, and the rest is read until the peer has done the same.
#include "net/asio_websocket_stream.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "net/socket.hpp"
#include "net/websocket_frame.hpp"

namespace net {
namespace {

using websocket::FrameReader;
using websocket::Opcode;

// Of a full read buffer each; then other connections get their turn.
constexpr int reads_per_turn = 4;
// Frames in one system call; the kernel takes up to 1024 (IOV_MAX), 64 keep the array on the stack small.
constexpr std::size_t frames_per_write = 64;
constexpr int writes_per_turn = 16;
// A peer that pings without reading gets no further answers until the queue has drained. RFC 6455, section 5.5.3, asks
// for the latest only.
constexpr std::uint8_t pongs_queued_max = 64;
// For the peer's part of the closing handshake.
constexpr base::milliseconds close_timeout{1'000};

constexpr std::uint16_t protocol_error = 1002;
constexpr std::uint16_t no_code = 1005;
constexpr std::uint16_t invalid_payload = 1007;
constexpr std::uint16_t message_too_big = 1009;

SharedBytes close_frame(std::uint16_t code) {
  if (code == 0 || code == no_code) return encode_frame(Opcode::close, {});
  const std::array<char, 2> payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return encode_frame(Opcode::close, {payload.data(), payload.size()});
}

class AsioWebSocketStream final : public WebSocketStream,
                                  public ConnectionList::Member,
                                  public std::enable_shared_from_this<AsioWebSocketStream>,
                                  private FrameReader::Sink {
 public:
  AsioWebSocketStream(IoThread& thread, UpgradedConnection connection)
      : thread_(thread),
        socket_(adopt(thread.context(), std::move(connection.fd))),
        slot_(std::move(connection.slot)),
        received_(std::move(connection.received)) {
    enqueue(SharedBytes(connection.greeting));
  }
  ~AsioWebSocketStream() override { close_socket(); }

  void start(Handler& handler, Limits limits) override;
  void send(SharedBytes frame) override;
  [[nodiscard]] std::size_t queued_bytes() const noexcept override { return queued_bytes_; }
  void close(std::uint16_t code) override;
  void abort() override { end(CloseCause::closed_here); }

  void close_now() override { end(CloseCause::closed_here); }
  // A WebSocket is never idle: its owner closes it, with a word to the client.
  void close_when_idle() override {}

 private:
  enum class State : std::uint8_t { made, open, closing, lingering, closed };

  [[nodiscard]] std::shared_ptr<Member> share() noexcept override { return weak_from_this().lock(); }

  bool on_message(std::string_view payload, bool is_binary) override;
  bool on_ping(std::string_view payload) override;
  bool on_pong() override { return state_ != State::closed; }
  bool on_close(std::uint16_t code) override;

  void await_readable();
  void read_available();
  void consume(char* bytes, std::size_t size);
  void linger(CloseCause cause, std::uint16_t code);
  void limit_closing_time();

  void enqueue(SharedBytes frame);
  void flush_at_end_of_turn();
  void flush();
  void await_writable();
  Transferred write_front();
  void drop_sent(std::size_t bytes);
  void report_queue();

  void end(CloseCause cause);
  void tell_handler(CloseCause cause);
  void close_socket();

  [[nodiscard]] std::size_t frames_queued() const noexcept { return queue_.size() - queue_head_; }

  IoThread& thread_;
  Socket socket_;
  ConnectionCount::Slot slot_;
  Handler* handler_ = nullptr;
  std::optional<FrameReader> reader_;
  std::string received_;  // between construction and the first turn
  std::vector<SharedBytes> queue_;
  std::size_t queued_bytes_ = 0;
  std::size_t queue_bytes_soft_ = Limits{}.queue_bytes_soft;
  std::size_t queue_bytes_hard_ = Limits{}.queue_bytes_hard;
  std::size_t reported_bytes_ = 0;  // what the metric holds of queued_bytes_
  base::TimerId close_timer_ = 0;
  std::uint32_t queue_head_ = 0;    // the first frame that is not sent in full
  std::uint32_t sent_of_head_ = 0;  // bytes
  State state_ = State::made;
  std::uint8_t pongs_queued_ = 0;  // since the queue was last empty
  bool is_above_soft_ = false;
  bool flush_is_due_ = false;
  bool awaits_writable_ = false;
  bool has_ended_sending_ = false;
};

void AsioWebSocketStream::start(Handler& handler, Limits limits) {
  handler_ = &handler;
  reader_.emplace(limits.message_bytes_max, limits.fragments_max);
  queue_bytes_soft_ = limits.queue_bytes_soft;
  queue_bytes_hard_ = limits.queue_bytes_hard;
  if (state_ != State::made) {
    tell_handler(CloseCause::closed_here);
    return;
  }
  state_ = State::open;
  flush_at_end_of_turn();
  // Frames that came with the request wait until the handler has returned from taking the stream over.
  thread_.post([self = shared_from_this()] {
    const auto received = std::exchange(self->received_, {});
    if (!received.empty() && self->state_ != State::closed) {
      const auto buffer = self->thread_.read_buffer();
      const auto size = received.copy(buffer.data(), buffer.size());
      self->consume(buffer.data(), size);
    }
    self->await_readable();
  });
}

// --- Reading

void AsioWebSocketStream::await_readable() {
  if (state_ == State::closed) return;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](boost::system::error_code failure) {
    if (!failure && self->state_ != State::closed) self->read_available();
  });
}

void AsioWebSocketStream::read_available() {
  const auto buffer = thread_.read_buffer();
  for (int i = 0; i < reads_per_turn && state_ != State::closed; ++i) {
    const auto received = receive(socket_, buffer);
    if (received.state == Transferred::State::ended) {
      end(state_ == State::closing ? CloseCause::closed_here : CloseCause::peer_closed);
      return;
    }
    if (received.state == Transferred::State::would_block) break;
    if (state_ != State::lingering) consume(buffer.data(), received.bytes);
    // Waiting for readiness again costs less than a read that finds nothing.
    if (received.bytes < buffer.size()) break;
  }
  await_readable();
}

void AsioWebSocketStream::consume(char* bytes, std::size_t size) {
  switch (reader_->feed(bytes, size, *this)) {
    case FrameReader::Error::none:
      return;
    case FrameReader::Error::protocol:
      return linger(CloseCause::protocol_error, protocol_error);
    case FrameReader::Error::invalid_utf8:
      return linger(CloseCause::protocol_error, invalid_payload);
    case FrameReader::Error::too_large:
      return linger(CloseCause::too_large, message_too_big);
  }
}

bool AsioWebSocketStream::on_message(std::string_view payload, bool is_binary) {
  // Once close() was called the owner wants to hear no more.
  if (state_ == State::open) handler_->on_websocket_message(payload, is_binary);
  return state_ != State::closed;
}

bool AsioWebSocketStream::on_ping(std::string_view payload) {
  if (state_ == State::open && pongs_queued_ < pongs_queued_max) {
    ++pongs_queued_;
    enqueue(encode_frame(Opcode::pong, payload));
    flush_at_end_of_turn();
  }
  return state_ != State::closed;
}

bool AsioWebSocketStream::on_close(std::uint16_t code) {
  linger(state_ == State::closing ? CloseCause::closed_here : CloseCause::peer_closed, code);
  return false;
}

// --- Closing

void AsioWebSocketStream::close(std::uint16_t code) {
  if (state_ != State::open) return;
  state_ = State::closing;
  enqueue(close_frame(code));
  flush_at_end_of_turn();
  limit_closing_time();
}

void AsioWebSocketStream::linger(CloseCause cause, std::uint16_t code) {
  if (cause == CloseCause::protocol_error || cause == CloseCause::too_large) {
    base::metrics::add(base::metrics::Counter::malformed_input);
  }
  if (state_ == State::open) {
    enqueue(close_frame(code));
    limit_closing_time();
  }
  state_ = State::lingering;
  flush_at_end_of_turn();
  tell_handler(cause);
}

void AsioWebSocketStream::limit_closing_time() {
  // Weak: a connection that ends earlier need not stay for its timer.
  close_timer_ = thread_.schedule(close_timeout, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->end(CloseCause::closed_here);
  });
}

void AsioWebSocketStream::end(CloseCause cause) {
  if (state_ == State::closed) return;
  const auto self = shared_from_this();
  close_socket();
  tell_handler(cause);
}

// Posted: the call that led here may be one of the handler's own.
void AsioWebSocketStream::tell_handler(CloseCause cause) {
  if (!handler_) return;
  thread_.post([handler = std::exchange(handler_, nullptr), cause, self = shared_from_this()] {
    handler->on_websocket_closed(cause);
  });
}

void AsioWebSocketStream::close_socket() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  thread_.cancel(std::exchange(close_timer_, 0));
  std::vector<SharedBytes>().swap(queue_);
  queue_head_ = 0;
  queued_bytes_ = 0;
  report_queue();
  unlink();
  net::close(socket_);
  slot_ = {};
}

// --- Writing

void AsioWebSocketStream::send(SharedBytes frame) {
  if (state_ != State::open || frame.size() == 0) return;
  enqueue(std::move(frame));
  if (queued_bytes_ > queue_bytes_soft_) is_above_soft_ = true;
  if (queued_bytes_ > queue_bytes_hard_) {
    // A burst within one turn is no sign of a slow reader: what the kernel takes now does not count.
    if (!awaits_writable_) flush();
    if (queued_bytes_ > queue_bytes_hard_ && state_ == State::open) {
      base::metrics::add(base::metrics::Counter::slow_consumers_closed);
      end(CloseCause::too_slow);
      return;
    }
  }
  flush_at_end_of_turn();
}

void AsioWebSocketStream::enqueue(SharedBytes frame) {
  queued_bytes_ += frame.size();
  queue_.push_back(std::move(frame));
}

void AsioWebSocketStream::flush_at_end_of_turn() {
  if (flush_is_due_ || awaits_writable_ || state_ == State::closed) return;
  flush_is_due_ = true;
  thread_.at_end_of_turn([self = shared_from_this()] {
    self->flush_is_due_ = false;
    self->flush();
    if (self->is_above_soft_ && self->queued_bytes_ < self->queue_bytes_soft_ && self->state_ == State::open) {
      self->is_above_soft_ = false;
      self->handler_->on_websocket_drained();
    }
  });
}

void AsioWebSocketStream::flush() {
  for (int i = 0; i < writes_per_turn && state_ != State::closed && frames_queued() > 0; ++i) {
    const auto sent = write_front();
    if (sent.state == Transferred::State::ended) return end(CloseCause::peer_closed);
    if (sent.state == Transferred::State::would_block) break;
    drop_sent(sent.bytes);
  }
  report_queue();
  if (frames_queued() > 0) return await_writable();
  if (state_ == State::lingering && !std::exchange(has_ended_sending_, true)) end_sending(socket_);
}

void AsioWebSocketStream::await_writable() {
  if (std::exchange(awaits_writable_, true)) return;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](boost::system::error_code failure) {
    self->awaits_writable_ = false;
    if (!failure) self->flush_at_end_of_turn();
  });
}

Transferred AsioWebSocketStream::write_front() {
  std::array<iovec, frames_per_write> pieces;
  const auto count = std::min(frames_queued(), pieces.size());
  for (std::size_t i = 0; i < count; ++i) {
    auto bytes = queue_[queue_head_ + i].view();
    if (i == 0) bytes.remove_prefix(sent_of_head_);
    // The interface of the system call has no const; it does not write.
    pieces[i] = {const_cast<char*>(bytes.data()), bytes.size()};
  }
  return net::send(socket_, std::span(pieces).first(count));
}

void AsioWebSocketStream::drop_sent(std::size_t bytes) {
  queued_bytes_ -= bytes;
  bytes += sent_of_head_;
  while (queue_head_ < queue_.size() && bytes >= queue_[queue_head_].size()) {
    bytes -= queue_[queue_head_].size();
    queue_[queue_head_++] = {};
  }
  sent_of_head_ = static_cast<std::uint32_t>(bytes);
  if (queue_head_ == queue_.size()) {
    // An idle connection holds no queue.
    std::vector<SharedBytes>().swap(queue_);
    queue_head_ = 0;
    pongs_queued_ = 0;
  } else if (queue_head_ > queue_.size() / 2) {
    queue_.erase(queue_.begin(), queue_.begin() + queue_head_);
    queue_head_ = 0;
  }
}

void AsioWebSocketStream::report_queue() {
  if (reported_bytes_ == queued_bytes_) return;
  base::metrics::add(base::metrics::Gauge::queued_bytes,
                     static_cast<std::int64_t>(queued_bytes_) - static_cast<std::int64_t>(reported_bytes_));
  reported_bytes_ = queued_bytes_;
}

}  // namespace

std::shared_ptr<WebSocketStream> make_websocket_stream(IoThread& thread, ConnectionList& connections,
                                                       UpgradedConnection connection) {
  auto stream = std::make_shared<AsioWebSocketStream>(thread, std::move(connection));
  connections.add(*stream);
  return stream;
}

}  // namespace net
