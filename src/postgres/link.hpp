// Keeps one connection to the server: has it opened, notices its loss, has it opened again after a pause. Asks every 5
// s whether the server still keeps its promises (faults_statement()); one that does not is as good as none. Owned by a
// writer or a reader; everything on one thread's event loop, but for trouble().
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "postgres/connector.hpp"

namespace postgres {

class Link : public std::enable_shared_from_this<Link> {
 public:
  // Whose link it is. Calls come on the link's thread, and may come back into the link.
  class Owner {
   public:
    virtual ~Owner() = default;
    // An exchange may begin: there is a connection again, or the link has done with its own.
    virtual void on_link_up() = 0;
  };

  // The statements live as long as the program.
  Link(net::IoThread& thread, Connector& connector, Purpose purpose, std::span<const Statement> statements,
       Owner& owner);

  void start();
  // After it the owner is not called any more, nor the handler of an exchange in flight.
  void stop();

  // True while an exchange may begin: there is a connection, and nothing is in flight on it.
  [[nodiscard]] bool is_free() const noexcept { return state_ == State::free; }
  // Precondition: is_free(). After a failure the link has let go of the connection where it was lost; `done` is called
  // when the link's new state is settled, and may begin the next exchange.
  void exchange(const std::vector<Call>& calls, Transaction transaction, AnswerHandler done);
  // Throws the connection away, with the exchange in flight, whose handler is not called: the server has not answered
  // in time. The link goes on with a new connection.
  void abandon();

  // Why there is no connection, a sentence for the operator; empty while there is one. Any thread.
  [[nodiscard]] std::string trouble() const;

 private:
  enum class State { made, opening, free, busy, pausing, stopped };

  void open();
  void on_opened(Connector::Opened opened);
  void on_lost(std::string why);
  void schedule_check();
  void on_check_timer();
  void check();
  void on_checked(const Answers& answers);
  void set_trouble(std::string trouble);
  [[nodiscard]] base::milliseconds next_pause();

  net::IoThread& thread_;
  Connector& connector_;
  const Purpose purpose_;
  const std::span<const Statement> statements_;
  Owner& owner_;
  State state_ = State::made;
  std::optional<Connection> connection_;
  base::milliseconds pause_;
  base::TimerId pause_timer_ = 0;
  base::TimerId check_timer_ = 0;
  // The exchange in flight is the link's own.
  bool is_checking_ = false;
  // It could not be made when its time had come.
  bool is_check_due_ = false;

  mutable std::mutex trouble_mutex_;
  std::string trouble_ = "there is no connection to PostgreSQL yet";
};

}  // namespace postgres
