// States and transitions:
//   idle         -> reading_head   the first byte of a request
//   reading_head -> reading_body   the head is complete; a head that is none, or too large, is answered: -> writing
//   reading_head -> moved          another thread serves the request, or the connection became a WebSocket
//   reading_body -> answering      the handler has the request
//   answering    -> writing        Exchange::respond()
//   writing      -> idle           all was sent and the connection is kept
//   writing      -> lingering      all was sent and the connection is to close: our direction ends, input is dropped
//                                  (closing with unread input resets the connection, and that can overtake the answer)
//   lingering    -> closed         the peer ended the connection too, or 1 s has passed
//   any          -> closed         end of stream, reset, a timeout, close_now(), Exchange::abort()
// A connection starts in reading_head. While a request is answered, what the client sends is kept for the next one, up
// to a bound.
#include "net/http_session.hpp"

#include <utility>

#include "base/metrics.hpp"
#include "net/ascii.hpp"
#include "net/asio_websocket_stream.hpp"
#include "net/pending_exchange.hpp"
#include "net/response_text.hpp"
#include "net/routed_request.hpp"
#include "net/socket.hpp"

namespace net {
namespace {

using websocket::Upgrade;

// Unparsed input that is held: a head of the largest size, and as much again of what follows it. At the limit nothing
// is read until the request under way has been answered.
constexpr std::size_t input_bytes_max = 2 * RequestParser::head_bytes_max;
constexpr base::milliseconds linger_timeout{1'000};

class HttpSession final : public Answerable,
                          public ConnectionList::Member,
                          public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<HttpService> service, AcceptedConnection connection)
      : service_(std::move(service)),
        socket_(adopt(service_->thread.context(), std::move(connection.fd))),
        slot_(std::move(connection.slot)),
        peer_(connection.peer) {
    service_->connections.add(*this);
  }
  ~HttpSession() override { close(); }

  void start();
  // Goes on with a request that another thread has read the head of.
  void resume(RoutedRequest request, std::string input);

  void answer(Response response) override;
  void abandon() override;
  void close_now() override { close(); }
  void close_when_idle() override;

 private:
  enum class State : std::uint8_t { idle, reading_head, reading_body, answering, writing, lingering, moved, closed };

  [[nodiscard]] std::shared_ptr<Member> share() noexcept override { return weak_from_this().lock(); }

  void await_readable();
  void read_available();
  void on_input_ended();
  void progress();

  void read_head();
  void on_head();
  void move_to(std::shared_ptr<HttpService> target, RoutedRequest request);
  void serve(RoutedRequest request);
  void upgrade(RoutedRequest& request);
  void read_body();
  void hand_over_to_handler();
  [[nodiscard]] Exchange begin_exchange();
  void reject_body();

  void refuse(unsigned status, std::vector<Header> headers = {});
  void write(const Response& response);
  void flush();
  void on_flushed();
  void await_writable();
  void linger();

  void set_timeout(base::milliseconds after, void (HttpSession::*action)());
  void clear_timeout() { service_->thread.cancel(std::exchange(timer_, 0)); }
  void on_request_timeout();
  void close();
  [[nodiscard]] UniqueFd detach();
  [[nodiscard]] bool is_over() const noexcept { return state_ == State::moved || state_ == State::closed; }
  [[nodiscard]] const ListenerOptions& options() const noexcept { return service_->shared->options; }
  [[nodiscard]] HttpHandler& handler() const noexcept { return service_->shared->handler; }

  std::shared_ptr<HttpService> service_;
  Socket socket_;
  ConnectionCount::Slot slot_;
  IpAddress peer_;
  State state_ = State::reading_head;
  std::string input_;   // received and not parsed yet
  std::string output_;  // written by write(), sent up to sent_
  std::size_t sent_ = 0;
  std::unique_ptr<RequestParser> parser_;  // of the head that is being read
  RoutedRequest request_;                  // from its routing until the handler has it
  PendingExchange* exchange_ = nullptr;    // of the request that is being answered; it holds this session
  base::TimerId timer_ = 0;
  bool awaits_readable_ = false;
  bool awaits_writable_ = false;
  bool is_head_request_ = false;
  bool closes_after_answer_ = false;
  bool discards_input_ = false;
};

void HttpSession::start() {
  set_timeout(options().header_timeout, &HttpSession::on_request_timeout);
  await_readable();
}

void HttpSession::resume(RoutedRequest request, std::string input) {
  if (service_->is_closed) return close();
  input_ = std::move(input);
  serve(std::move(request));
  await_readable();
}

// --- Reading

// Also while a request is being answered: the end of the stream shows that the client is gone.
void HttpSession::await_readable() {
  if (awaits_readable_ || is_over() || input_.size() >= input_bytes_max) return;
  awaits_readable_ = true;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](boost::system::error_code failure) {
    self->awaits_readable_ = false;
    if (!failure && !self->is_over()) self->read_available();
  });
}

void HttpSession::read_available() {
  const auto buffer = service_->thread.read_buffer().first(input_bytes_max - input_.size());
  const auto received = receive(socket_, buffer);
  if (received.state == Transferred::State::ended) return on_input_ended();
  if (received.state == Transferred::State::some && !discards_input_) {
    input_.append(buffer.data(), received.bytes);
    progress();
  }
  await_readable();
}

void HttpSession::on_input_ended() {
  if (state_ != State::writing) return close();
  // The answer was given before the client ended its direction: it may well be reading. If not, sending fails or times
  // out.
  closes_after_answer_ = true;
}

void HttpSession::progress() {
  if (state_ == State::idle || state_ == State::reading_head) return read_head();
  if (state_ == State::reading_body) return read_body();
}

void HttpSession::read_head() {
  if (input_.empty()) return;
  if (state_ == State::idle) {
    state_ = State::reading_head;
    set_timeout(options().header_timeout, &HttpSession::on_request_timeout);
  }
  if (!parser_) parser_ = std::make_unique<RequestParser>();
  switch (parser_->read_head(input_)) {
    case RequestParser::Status::incomplete:
      return;
    case RequestParser::Status::complete:
      return on_head();
    case RequestParser::Status::head_too_large:
      return refuse(431);
    case RequestParser::Status::malformed:
    case RequestParser::Status::body_too_large:
      return refuse(400);
  }
}

void HttpSession::on_head() {
  base::metrics::add(base::metrics::Counter::http_requests);
  auto request = route(std::move(parser_), *service_->shared, peer_);
  if (request.thread && request.thread != &service_->thread) {
    if (auto target = service_->on_thread(*request.thread)) return move_to(std::move(target), std::move(request));
  }
  serve(std::move(request));
}

void HttpSession::move_to(std::shared_ptr<HttpService> target, RoutedRequest request) {
  AcceptedConnection connection{detach(), std::move(slot_), peer_};
  auto& thread = target->thread;
  thread.post([target = std::move(target), connection = std::move(connection), request = std::move(request),
               input = std::move(input_)]() mutable {
    std::make_shared<HttpSession>(std::move(target), std::move(connection))
        ->resume(std::move(request), std::move(input));
  });
}

void HttpSession::serve(RoutedRequest request) {
  is_head_request_ = request.head.method == Method::head;
  closes_after_answer_ = !request.head.keep_alive;
  if (request.upgrade != Upgrade::none) return upgrade(request);
  const bool fits = request.parser->limit_body(request.body_bytes_max);
  const bool awaits_body = request.parser->announces_body();
  const auto expectation = std::string(request.head.header("expect"));
  request_ = std::move(request);
  if (!fits) return reject_body();
  if (!expectation.empty() && !ascii::equal(expectation, "100-continue")) return refuse(417);
  state_ = State::reading_body;
  set_timeout(options().body_timeout, &HttpSession::on_request_timeout);
  if (!expectation.empty() && awaits_body && input_.empty()) {
    output_ += "HTTP/1.1 100 Continue\r\n\r\n";
    flush();
  }
  if (state_ == State::reading_body) read_body();
}

void HttpSession::upgrade(RoutedRequest& request) {
  if (request.upgrade == Upgrade::unsupported_version) {
    return refuse(426, {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}});
  }
  // A body would stand where the first frame is expected.
  if (request.upgrade == Upgrade::malformed || request.parser->announces_body()) {
    return refuse(400, {{"Sec-WebSocket-Version", "13"}});
  }
  if (const auto refusal = handler().check_upgrade(request.head)) {
    closes_after_answer_ = true;
    return write(*refusal);
  }
  UpgradedConnection connection{.fd = detach(), .slot = std::move(slot_)};
  connection.greeting = websocket::switching_protocols(request.head.header("sec-websocket-key"));
  connection.received = std::move(input_);
  auto stream = make_websocket_stream(service_->thread, service_->connections, std::move(connection));
  handler().on_websocket(std::move(request.head), std::move(stream));
}

void HttpSession::read_body() {
  if (!request_.parser->announces_body()) return hand_over_to_handler();
  switch (request_.parser->read_body(input_)) {
    case RequestParser::Status::incomplete:
      return;
    case RequestParser::Status::complete:
      return hand_over_to_handler();
    case RequestParser::Status::body_too_large:
      return reject_body();
    case RequestParser::Status::malformed:
    case RequestParser::Status::head_too_large:
      return refuse(400);
  }
}

// --- Answering

void HttpSession::hand_over_to_handler() {
  Request request{std::move(request_.head), request_.parser->take_body()};
  handler().handle(std::move(request), begin_exchange());
}

void HttpSession::reject_body() {
  // The rest of the body cannot be told from a next request by now.
  closes_after_answer_ = true;
  discards_input_ = true;
  std::string().swap(input_);
  const auto head = std::move(request_.head);
  handler().on_body_too_large(head, begin_exchange());
}

Exchange HttpSession::begin_exchange() {
  clear_timeout();
  request_ = {};
  // An idle connection, or one that waits for its answer, holds no buffer.
  if (input_.empty()) std::string().swap(input_);
  state_ = State::answering;
  auto exchange = std::make_shared<PendingExchange>(service_->thread, shared_from_this());
  exchange_ = exchange.get();
  return Exchange(std::move(exchange));
}

void HttpSession::answer(Response response) {
  exchange_ = nullptr;
  if (state_ == State::answering) write(response);
}

void HttpSession::abandon() {
  exchange_ = nullptr;
  close();
}

void HttpSession::refuse(unsigned status, std::vector<Header> headers) {
  if (status != 408) base::metrics::add(base::metrics::Counter::malformed_input);
  closes_after_answer_ = true;
  write({.status = status, .headers = std::move(headers)});
}

void HttpSession::write(const Response& response) {
  closes_after_answer_ = closes_after_answer_ || response.close || service_->is_stopping;
  output_ += to_text(response, {.without_body = is_head_request_, .closes = closes_after_answer_},
                     service_->thread.clock().system_now());
  state_ = State::writing;
  set_timeout(options().body_timeout, &HttpSession::close);
  flush();
}

void HttpSession::flush() {
  while (sent_ < output_.size()) {
    iovec piece{output_.data() + sent_, output_.size() - sent_};
    const auto sent = net::send(socket_, {&piece, 1});
    if (sent.state == Transferred::State::ended) return close();
    if (sent.state == Transferred::State::would_block) return await_writable();
    sent_ += sent.bytes;
  }
  std::string().swap(output_);
  sent_ = 0;
  on_flushed();
}

void HttpSession::await_writable() {
  if (std::exchange(awaits_writable_, true)) return;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](boost::system::error_code failure) {
    self->awaits_writable_ = false;
    if (!failure && !self->is_over()) self->flush();
  });
}

void HttpSession::on_flushed() {
  if (state_ != State::writing) return;
  if (closes_after_answer_) return linger();
  state_ = State::idle;
  set_timeout(options().keep_alive_timeout, &HttpSession::close);
  await_readable();
  if (input_.empty()) return;
  // The next request is here already. It is not served from within respond(), which the handler may call from anywhere.
  service_->thread.post([self = shared_from_this()] {
    self->progress();
    self->await_readable();
  });
}

void HttpSession::linger() {
  state_ = State::lingering;
  discards_input_ = true;
  std::string().swap(input_);
  end_sending(socket_);
  set_timeout(linger_timeout, &HttpSession::close);
  await_readable();
}

// --- Ending

void HttpSession::set_timeout(base::milliseconds after, void (HttpSession::*action)()) {
  clear_timeout();
  // Weak: a connection that ends earlier need not stay for its timer.
  timer_ = service_->thread.schedule(after, [weak = weak_from_this(), action] {
    if (const auto self = weak.lock()) (*self.*action)();
  });
}

void HttpSession::on_request_timeout() {
  // Nothing of a request came: nobody waits for an answer.
  if (state_ == State::reading_head && !parser_) return close();
  refuse(408);
}

void HttpSession::close_when_idle() {
  if (state_ == State::idle || (state_ == State::reading_head && !parser_)) close();
}

void HttpSession::close() {
  if (is_over()) return;
  state_ = State::closed;
  clear_timeout();
  unlink();
  net::close(socket_);
  slot_ = {};
  std::string().swap(input_);
  std::string().swap(output_);
  if (auto* const exchange = std::exchange(exchange_, nullptr)) exchange->client_gone();
}

UniqueFd HttpSession::detach() {
  state_ = State::moved;
  clear_timeout();
  unlink();
  boost::system::error_code ignored;
  return UniqueFd(socket_.release(ignored));
}

}  // namespace

void start_http_session(std::shared_ptr<HttpService> service, AcceptedConnection connection) {
  std::make_shared<HttpSession>(std::move(service), std::move(connection))->start();
}

}  // namespace net
