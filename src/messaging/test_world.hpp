// For this folder's tests alone: everything that the domain stands on, driven by hand.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/manual_executor.hpp"
#include "base/task_group.hpp"
#include "messaging/connections_client.hpp"
#include "messaging/notifier.hpp"
#include "messaging/test_tables.hpp"

namespace messaging::test {

inline UserId user(std::string_view name) {
  return *UserId::parse(name);
}

template <class Id>
Id id(int number) {
  const auto digits = std::to_string(100000 + number);
  return *Id::parse("00000000-0000-7000-8000-000000" + digits);
}

inline const UserId alice = user("alice");
inline const UserId bob = user("bob");
inline const UserId mallory = user("mallory");
inline const ConversationId conversation = id<ConversationId>(1);
inline const UserPair alice_and_bob(alice, bob);

class RecordingNotifier final : public Notifier {
 public:
  struct Published {
    UserId user;
    Position position;
    std::shared_ptr<const Event> event;
    DeviceId except;
    base::TraceContext trace;
  };
  struct Typing {
    UserId to;
    ConversationId conversation;
    UserId typist;
    bool is_typing;
    bool operator==(const Typing&) const = default;
  };

  void publish(const UserId& user, Position position, std::shared_ptr<const Event> event, const DeviceId& except,
               const base::TraceContext& trace) override {
    published.push_back({user, position, std::move(event), except, trace});
    order += 'p';
  }
  void suspect_loss() override { ++losses_suspected; }
  void typing(const UserId& to, const ConversationId& in, const UserId& typist, bool is_typing) override {
    typed.push_back({to, in, typist, is_typing});
    order += 't';
  }

  // The events of one type that one user was sent.
  template <class E>
  [[nodiscard]] std::vector<Published> of(const UserId& user) const {
    std::vector<Published> found;
    for (const auto& each : published) {
      if (each.user == user && std::holds_alternative<E>(*each.event)) found.push_back(each);
    }
    return found;
  }

  std::vector<Published> published;
  int losses_suspected = 0;
  std::vector<Typing> typed;
  // A letter for each call: p for publish, t for typing.
  std::string order;
};

// Answers when it is told to, or at once where `answer` stands.
class FakeConnections final : public ConnectionsClient {
 public:
  struct Question {
    UserId caller;
    UserId other;
    base::Completion<Result<bool>> done;
  };

  Task<Result<bool>> is_connected(UserId caller, UserId other, BearerToken, base::TraceContext) override {
    ++asked;
    if (answer) co_return *answer;
    auto told = co_await base::async<Result<bool>>(
        [&](base::Completion<Result<bool>> done) { questions.push_back({caller, other, std::move(done)}); });
    co_return told;
  }
  void observe_changes(Observer) override {}

  void tell(Result<bool> what) {
    auto question = std::move(questions.front());
    questions.erase(questions.begin());
    question.done(std::move(what));
  }

  int asked = 0;
  std::optional<Result<bool>> answer = true;
  std::vector<Question> questions;
};

// Where an operation's result appears.
template <class T>
using Outcome = std::shared_ptr<std::optional<T>>;

struct World {
  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  Tables tables;
  FakeConnections connections;
  RecordingNotifier notifier;
  base::TaskGroup tasks;

  // Begins an operation on the executor.
  template <class Start>
  auto start(Start&& begin) {
    return start_on(executor, std::forward<Start>(begin));
  }
  template <class Start>
  auto start_on(base::ManualExecutor& where, Start&& begin) {
    using T = decltype(begin().await_resume());
    Outcome<T> outcome = std::make_shared<std::optional<T>>();
    where.enter([&] { tasks.spawn(keep(begin(), outcome)); });
    return outcome;
  }
  // Runs an operation to its end; it must not wait for time to pass.
  template <class Start>
  auto run(Start&& begin) {
    const auto outcome = start(std::forward<Start>(begin));
    executor.run();
    return std::move(outcome->value());
  }

 private:
  template <class T>
  static Task<> keep(Task<T> task, Outcome<T> outcome) {
    auto result = co_await task;
    outcome->emplace(std::move(result));
  }
};

}  // namespace messaging::test
