// States: idle ⇄ exchanging, exchanging → rolling back → idle, any → lost, any → closed.
//   idle          nothing is in flight; the socket is watched, so that a server that goes away is noticed
//   exchanging    a pipeline was sent; results come until its synchronisation point
//   rolling back  the server refused a statement of a transaction; the caller is told once ROLLBACK is through
//   lost          told to the caller; only to be destroyed
//   closed        by the destructor; handlers of the event loop that are still to come find it so
#include "postgres/connection.hpp"

#include <libpq-fe.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <utility>

#include "postgres/server_failure.hpp"
#include "postgres/session.hpp"

namespace postgres {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

}  // namespace

void CloseConnection::operator()(pg_conn* connection) const noexcept {
  ::PQfinish(connection);
}

// Kept alive by the handlers that wait for the socket.
class Connection::Pipeline : public std::enable_shared_from_this<Pipeline> {
 public:
  Pipeline(net::IoThread& thread, OpenConnection opened, base::Job on_lost)
      : thread_(thread),
        opened_(std::move(opened)),
        socket_(thread.context(), ::PQsocket(opened_.get())),
        on_lost_(std::move(on_lost)) {}

  void start() { wait_readable(); }
  void exchange(const std::vector<Call>& calls, Transaction transaction, AnswerHandler done);
  void close();

 private:
  enum class State { idle, exchanging, rolling_back, lost, closed };

  [[nodiscard]] bool send(std::string_view statement, const Parameters& parameters);
  [[nodiscard]] bool send_all(const std::vector<Call>& calls, Transaction transaction);
  [[nodiscard]] bool flush();
  void on_writable();
  void wait_readable();
  void on_readable();
  void take_results();
  void take(PGresult* result);
  void on_synchronised();
  void roll_back();
  void finish(Answers answers);
  void lose();

  [[nodiscard]] bool is_open() const noexcept { return state_ != State::lost && state_ != State::closed; }

  net::IoThread& thread_;
  OpenConnection opened_;
  // libpq's own descriptor: released, not closed, when the connection ends.
  Descriptor socket_;
  base::Job on_lost_;
  State state_ = State::idle;
  bool is_writing_ = false;

  // Of the exchange in flight.
  Transaction transaction_ = Transaction::none;
  AnswerHandler done_;
  std::vector<BinaryRows> rows_;
  std::optional<Failure> failure_;
};

Connection::Connection(net::IoThread& thread, OpenConnection opened, base::Job on_lost)
    : pipeline_(std::make_shared<Pipeline>(thread, std::move(opened), std::move(on_lost))) {
  pipeline_->start();
}
Connection::~Connection() {
  pipeline_->close();
}
void Connection::exchange(const std::vector<Call>& calls, Transaction transaction, AnswerHandler done) {
  pipeline_->exchange(calls, transaction, std::move(done));
}

// --- sending

void Connection::Pipeline::exchange(const std::vector<Call>& calls, Transaction transaction, AnswerHandler done) {
  state_ = State::exchanging;
  transaction_ = transaction;
  done_ = std::move(done);
  rows_.clear();
  failure_.reset();
  if (send_all(calls, transaction) && flush()) return;
  // Not before the caller has returned.
  thread_.post([self = shared_from_this()] {
    if (self->is_open()) self->lose();
  });
}

bool Connection::Pipeline::send_all(const std::vector<Call>& calls, Transaction transaction) {
  const bool in_transaction = transaction == Transaction::committed;
  if (in_transaction && !send(begin_statement.name, {})) return false;
  for (const auto& call : calls) {
    if (!send(call.statement, call.parameters)) return false;
  }
  if (in_transaction && !send(commit_statement.name, {})) return false;
  return ::PQpipelineSync(opened_.get()) == 1;
}

bool Connection::Pipeline::send(std::string_view statement, const Parameters& parameters) {
  constexpr int binary = 1;
  std::vector<const char*> values;
  std::vector<int> lengths;
  const std::vector<int> formats(parameters.size(), binary);
  for (const auto& parameter : parameters) {
    values.push_back(parameter.data());
    lengths.push_back(static_cast<int>(parameter.size()));
  }
  return ::PQsendQueryPrepared(opened_.get(), statement.data(), static_cast<int>(parameters.size()), values.data(),
                               lengths.data(), formats.data(), binary) == 1;
}

// False where the connection is lost.
bool Connection::Pipeline::flush() {
  if (is_writing_) return true;
  const int rest = ::PQflush(opened_.get());
  if (rest <= 0) return rest == 0;
  is_writing_ = true;
  socket_.async_wait(Descriptor::wait_write, [self = shared_from_this()](const boost::system::error_code& failed) {
    self->is_writing_ = false;
    if (!failed) self->on_writable();
  });
  return true;
}

void Connection::Pipeline::on_writable() {
  if (is_open() && !flush()) lose();
}

// --- receiving

void Connection::Pipeline::wait_readable() {
  socket_.async_wait(Descriptor::wait_read, [self = shared_from_this()](const boost::system::error_code& failed) {
    if (!failed) self->on_readable();
  });
}

void Connection::Pipeline::on_readable() {
  if (!is_open()) return;
  if (::PQconsumeInput(opened_.get()) == 0) return lose();
  take_results();
  if (!is_open()) return;
  // The server may have waited for us to read before it read what we send.
  if (!flush()) return lose();
  wait_readable();
}

void Connection::Pipeline::take_results() {
  // A null stands between the results of two statements; two in a row: there is nothing more for now.
  bool was_null = false;
  while ((state_ == State::exchanging || state_ == State::rolling_back) && ::PQisBusy(opened_.get()) == 0) {
    PGresult* result = ::PQgetResult(opened_.get());
    if (result == nullptr) {
      if (std::exchange(was_null, true)) break;
      continue;
    }
    was_null = false;
    take(result);
  }
  if (is_open() && ::PQstatus(opened_.get()) != CONNECTION_OK) lose();
}

void Connection::Pipeline::take(PGresult* result) {
  BinaryRows rows(result);
  switch (::PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
      return on_synchronised();
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      rows_.push_back(std::move(rows));
      return;
    case PGRES_PIPELINE_ABORTED:
      return;
    default:
      // The first failure is the reason for those that follow.
      if (!failure_) failure_ = failure_of(result);
  }
}

void Connection::Pipeline::on_synchronised() {
  if (state_ == State::rolling_back) return finish(std::unexpected(*std::move(failure_)));
  if (failure_) {
    if (failure_->is_loss()) return lose();
    if (transaction_ == Transaction::committed) return roll_back();
    return finish(std::unexpected(*std::move(failure_)));
  }
  if (transaction_ == Transaction::committed) {
    // What BEGIN and COMMIT returned.
    rows_.pop_back();
    rows_.erase(rows_.begin());
  }
  finish(std::move(rows_));
}

void Connection::Pipeline::roll_back() {
  state_ = State::rolling_back;
  if (!send(rollback_statement.name, {}) || ::PQpipelineSync(opened_.get()) != 1 || !flush()) lose();
}

// --- ending

void Connection::Pipeline::finish(Answers answers) {
  state_ = State::idle;
  std::exchange(done_, nullptr)(std::move(answers));
}

void Connection::Pipeline::lose() {
  const bool was_idle = state_ == State::idle;
  state_ = State::lost;
  if (was_idle) return std::exchange(on_lost_, nullptr)();
  const bool has_reason = failure_ && failure_->is_loss();
  std::exchange(done_, nullptr)(std::unexpected(has_reason ? *std::move(failure_) : loss_of(opened_.get())));
}

void Connection::Pipeline::close() {
  state_ = State::closed;
  done_ = nullptr;
  on_lost_ = nullptr;
  if (socket_.is_open()) socket_.release();
  opened_.reset();
}

}  // namespace postgres
