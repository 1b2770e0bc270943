// States: running → stopping. Requests are served one after the other: where one connection cannot be opened the next
// one cannot either.
#include "postgres/connector.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "postgres/server_failure.hpp"
#include "postgres/session.hpp"

namespace postgres {
namespace {

using Failed = std::unexpected<std::string>;

// One connection while it is being opened: libpq's steps, and the waiting between them.
class Opening {
 public:
  Opening(const Connector::Target& target, Purpose purpose, const base::Clock& clock, int stop_signal)
      : connection_(open(target.url, purpose)),
        clock_(clock),
        deadline_(clock, target.time_max),
        stop_signal_(stop_signal) {}

  std::expected<void, std::string> connect();
  // Statements separated by semicolons, in one round trip. Returns the texts of all first columns.
  std::expected<std::vector<std::string>, std::string> run(const std::string& statements);
  std::expected<void, std::string> prepare(const Statement& faults, std::span<const Statement> statements);
  [[nodiscard]] OpenConnection take() { return std::move(connection_); }

 private:
  [[nodiscard]] bool wait(short events);
  [[nodiscard]] PGresult* next_result();
  [[nodiscard]] Failed failure() const;

  // Blocks: libpq tries one host and address after the other, and only so gives each of them a time of its own.
  [[nodiscard]] static OpenConnection open(const std::string& url, Purpose purpose);

  OpenConnection connection_;
  const base::Clock& clock_;
  // For what comes after the connecting.
  const base::Deadline deadline_;
  const int stop_signal_;
  bool is_late_ = false;
};

OpenConnection Opening::open(const std::string& url, Purpose purpose) {
  // What comes before "dbname" can be said otherwise in the URL. A dead network is noticed within 30 s; what hangs on a
  // living one, by the deadlines of operations. 2 s is the shortest time for a host that libpq takes.
  const std::array keywords{"connect_timeout",      "application_name",
                            "keepalives_idle",      "keepalives_interval",
                            "keepalives_count",     "tcp_user_timeout",
                            "target_session_attrs", "dbname",
                            "client_encoding",      static_cast<const char*>(nullptr)};
  const std::array values{"2",
                          "messagingd",
                          "10",
                          "5",
                          "4",
                          "30000",
                          purpose == Purpose::writing ? "read-write" : "primary",
                          url.c_str(),
                          "UTF8",
                          static_cast<const char*>(nullptr)};
  return OpenConnection(::PQconnectdbParams(keywords.data(), values.data(), /*expand_dbname=*/1));
}

Failed Opening::failure() const {
  if (is_late_) return Failed("PostgreSQL did not answer in time");
  return Failed(loss_of(connection_.get()).detail);
}

// False at the deadline, and when the connector stops.
bool Opening::wait(short events) {
  std::array<pollfd, 2> watched{{{::PQsocket(connection_.get()), events, 0}, {stop_signal_, POLLIN, 0}}};
  const auto left = deadline_.remaining(clock_.steady_now());
  const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
  is_late_ = ready == 0 || watched[1].revents != 0;
  return !is_late_;
}

std::expected<void, std::string> Opening::connect() {
  if (::PQstatus(connection_.get()) != CONNECTION_OK) return failure();
  // Notices would go to standard error.
  ::PQsetNoticeReceiver(connection_.get(), [](void*, const PGresult*) {}, nullptr);
  return {};
}

// Null at the end of a statement's results, and where waiting failed.
PGresult* Opening::next_result() {
  while (::PQisBusy(connection_.get()) != 0) {
    if (!wait(POLLIN) || ::PQconsumeInput(connection_.get()) == 0) return nullptr;
  }
  return ::PQgetResult(connection_.get());
}

std::expected<std::vector<std::string>, std::string> Opening::run(const std::string& statements) {
  if (::PQsendQuery(connection_.get(), statements.c_str()) == 0) return failure();
  std::vector<std::string> texts;
  std::string refused;
  while (PGresult* result = next_result()) {
    const BinaryRows rows(result);
    const auto status = ::PQresultStatus(result);
    if (status == PGRES_FATAL_ERROR) refused = failure_of(result).detail;
    for (int row = 0; status == PGRES_TUPLES_OK && row < rows.size(); ++row) texts.emplace_back(rows[row].text(0));
  }
  if (is_late_ || ::PQstatus(connection_.get()) != CONNECTION_OK) return failure();
  if (!refused.empty()) return Failed(std::move(refused));
  return texts;
}

// In one pipeline: one round trip, however many there are.
std::expected<void, std::string> Opening::prepare(const Statement& faults, std::span<const Statement> statements) {
  PGconn* connection = connection_.get();
  if (::PQenterPipelineMode(connection) == 0) return failure();
  const std::array always{begin_statement, commit_statement, rollback_statement, faults};
  for (const auto& some : {std::span<const Statement>(always), statements}) {
    for (const auto& [name, sql] : some) {
      if (::PQsendPrepare(connection, name.data(), std::string(sql).c_str(), 0, nullptr) == 0) return failure();
    }
  }
  if (::PQpipelineSync(connection) == 0) return failure();
  std::string refused;
  for (;;) {
    PGresult* result = next_result();
    if (is_late_ || ::PQstatus(connection) != CONNECTION_OK) return failure();
    // Between the results of two statements.
    if (result == nullptr) continue;
    const BinaryRows owned(result);
    const auto status = ::PQresultStatus(result);
    if (status == PGRES_FATAL_ERROR) refused = failure_of(result).detail;
    if (status == PGRES_PIPELINE_SYNC) break;
  }
  if (!refused.empty()) return Failed(std::move(refused));
  if (::PQsetnonblocking(connection, 1) != 0) return failure();
  return {};
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string all;
  for (const auto& sentence : sentences) all += (all.empty() ? "" : "; ") + sentence;
  return all;
}

}  // namespace

Connector::Connector(Target target, const base::Clock& clock)
    : target_(std::move(target)), clock_(clock), stop_signal_(::eventfd(0, EFD_CLOEXEC)), thread_([this] { run(); }) {}

Connector::~Connector() {
  stop();
  ::close(stop_signal_);
}

void Connector::open(Purpose purpose, std::span<const Statement> statements, base::Executor& executor, Handler done) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    requests_.push_back({purpose, statements, &executor, std::move(done)});
  }
  arrived_.notify_one();
}

void Connector::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_stopping_, true)) return;
  }
  ::eventfd_write(stop_signal_, 1);
  arrived_.notify_one();
  thread_.join();
}

// --- the connector's thread

void Connector::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return is_stopping_ || !requests_.empty(); });
    if (is_stopping_) return;
    auto request = std::move(requests_.front());
    requests_.pop_front();
    lock.unlock();
    Opened opened = attempt(request);
    request.executor->post(
        [done = std::move(request.done), result = std::move(opened)]() mutable { done(std::move(result)); });
  }
}

Connector::Opened Connector::attempt(const Request& request) {
  Opening opening(target_, request.purpose, clock_, stop_signal_);
  if (auto connected = opening.connect(); !connected) return Failed(std::move(connected.error()));
  // Before the settings: what the server would do by itself.
  const auto& faults_query = faults_statement(request.purpose);
  const auto faults = opening.run(std::string(faults_query.sql));
  if (!faults) return Failed(faults.error());
  if (!faults->empty()) return Failed(joined(*faults));
  const auto set = opening.run(session_settings(target_.operation_time_max));
  if (!set) return Failed(set.error());
  if (auto prepared = opening.prepare(faults_query, request.statements); !prepared)
    return Failed(std::move(prepared.error()));
  return opening.take();
}

}  // namespace postgres
