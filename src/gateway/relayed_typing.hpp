// Who is typing on another node, so that the receiver's devices here are told of the end also where that node died
// before it could: 7 s after the last `true`, one more than the node itself would have waited. Part of SocketNotifier;
// one thread.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "base/executor.hpp"
#include "messaging/entities.hpp"

namespace gateway {

class RelayedTyping {
 public:
  static constexpr base::milliseconds timeout{7'000};
  // About 5 MiB. Beyond it an end may go untold where a node dies: clients let an indicator go by themselves.
  static constexpr std::size_t entries_max = 20'000;

  struct Key {
    messaging::UserId to;
    messaging::ConversationId conversation;
    messaging::UserId typist;
    bool operator==(const Key&) const = default;
  };
  using Ended = std::function<void(const Key& key)>;

  RelayedTyping(base::Executor& executor, Ended ended) : executor_(executor), ended_(std::move(ended)) {}

  // What another node has said.
  void relayed(const Key& key, bool is_typing);
  // Ends all timers.
  void stop();

 private:
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      const std::hash<messaging::UserId> hash;
      return (hash(key.to) * 31 + hash(key.typist)) * 31 + std::hash<messaging::ConversationId>{}(key.conversation);
    }
  };

  base::Executor& executor_;
  Ended ended_;
  std::unordered_map<Key, base::TimerId, KeyHash> timers_;
};

}  // namespace gateway
