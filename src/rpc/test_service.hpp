// For this folder's tests: a MessagingService over tables with fixed content, which can be told to fail, executors, and
// tokens. The conversation `conversation_id` is alice's and bob's and holds three messages by bob; every feed holds
// `feed_length` events.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "auth/jwt_verifier.hpp"
#include "messaging/messaging_service.hpp"

namespace rpc {

// A real thread, since gRPC's are real too. Timers fire as soon as there is no other work, as if time flew: no test
// waits for one.
class ThreadExecutor final : public base::Executor {
 public:
  ThreadExecutor();
  // Destroys what has not run, as every executor does.
  ~ThreadExecutor() override;

  void post(base::Job job) override;
  [[nodiscard]] base::TimerId schedule(base::milliseconds after, base::Job job) override;
  void cancel(base::TimerId id) override;

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<base::Job> jobs_;
  std::map<base::TimerId, base::Job> timers_;
  base::TimerId last_timer_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

// Drops every job, as an executor that has stopped.
class StoppedExecutor final : public base::Executor {
 public:
  void post(base::Job) override {}
  [[nodiscard]] base::TimerId schedule(base::milliseconds, base::Job) override { return 0; }
  void cancel(base::TimerId) override {}
};

// Keeps jobs until the test runs them, on the test's thread.
class HeldExecutor final : public base::Executor {
 public:
  void post(base::Job job) override;
  [[nodiscard]] base::TimerId schedule(base::milliseconds, base::Job) override { return 0; }
  void cancel(base::TimerId) override {}

  // Blocks until `count` jobs are there.
  void wait_for(std::size_t count);
  // Runs what is there, and what that posts.
  void run();

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<base::Job> jobs_;
};

class TestService {
 public:
  static constexpr std::string_view conversation_id = "0198f0a0-0000-7000-8000-0000000000c1";
  static constexpr std::string_view message_id = "0198f0a0-0000-7000-8000-0000000000a3";  // the newest of the three

  TestService();
  ~TestService();

  // Ends what MessagingService has running, as a job of `executor`. After the servers, for calls that leave something
  // behind.
  void stop_on(base::Executor& executor);

  [[nodiscard]] messaging::MessagingService& messaging();
  [[nodiscard]] const auth::JwtVerifier& verifier() const;
  // A token that is good for an hour of a clock that stands still.
  [[nodiscard]] std::string token(std::string_view user, base::seconds ttl = base::seconds(3600)) const;
  // As the metadata has it.
  [[nodiscard]] std::string bearer(std::string_view user) const { return "Bearer " + token(user); }
  [[nodiscard]] std::string offset(std::string_view user, messaging::Position position) const;

  // Set before the call they are meant for.
  void set_connected(bool connected);
  void set_feed_length(messaging::Position length);
  // Every repository's operation fails so; the feed's only for pages that begin at or after `from`.
  void set_failure(std::optional<base::Errc> failure, messaging::Position from = 0);

  // The token that the last question to the Connections service went along with.
  [[nodiscard]] std::string forwarded_token() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace rpc
