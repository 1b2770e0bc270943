// Commands to one node and their replies, matched in order, over a Link; for Router, which decides what goes where.
// Lives on the Router's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "redis/commands.hpp"
#include "redis/link.hpp"

namespace redis {

struct Request {
  // In RESP; kept until the reply is there, because it may have to be sent to another node.
  std::string bytes{};
  // Empty: nobody waits.
  Commands::Done done{};
  // Of the key's slot in a cluster, or any_node.
  std::int32_t slot = any_node;
  std::uint8_t redirections = 0;
  // Answered first by ASKING's reply, which means nothing.
  bool is_asking = false;
  // In the order of submission.
  std::uint64_t number = 0;
  base::SteadyTime deadline = base::SteadyTime::max();

  static constexpr std::int32_t any_node = -1;
};

class RequestLink;

// All calls on the thread. None destroys the link.
class RequestLinkObserver {
 public:
  virtual ~RequestLinkObserver() = default;
  virtual void on_link_state(RequestLink& link, bool is_up) = 0;
  virtual void on_link_failed(const std::string& sentence) = 0;
  // `reply` may be moved from.
  virtual void on_answer(RequestLink& link, Request request, Reply& reply) = 0;
  // The link broke: it may have been carried out.
  virtual void on_unanswered(Request request) = 0;
};

class RequestLink final : private LinkHandler {
 public:
  RequestLink(const LinkContext& context, Endpoint endpoint, RequestLinkObserver& observer);

  void open() { link_.open(); }
  // For good. What is unanswered is handed back.
  void close();
  // Precondition: is_up().
  void send(Request request);

  [[nodiscard]] bool is_up() const noexcept { return link_.is_up(); }
  [[nodiscard]] const Endpoint& endpoint() const noexcept { return link_.endpoint(); }
  // How many requests were sent, and how many of these are answered or given up.
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint64_t finished() const noexcept { return sent_ - unanswered_.size(); }
  // Takes the callbacks of requests whose time has passed; their replies will mean nothing.
  template <class Expired>
  void expire(base::SteadyTime now, Expired expired) {
    for (auto& request : unanswered_) {
      if (request.done && request.deadline <= now) expired(std::exchange(request.done, nullptr));
    }
  }

 private:
  void on_link_up() override { observer_.on_link_state(*this, true); }
  void on_link_down() override;
  void on_link_failed(const std::string& sentence) override { observer_.on_link_failed(sentence); }
  void on_link_reply(Reply& reply) override;
  void hand_back();

  RequestLinkObserver& observer_;
  std::deque<Request> unanswered_;
  std::uint64_t sent_ = 0;
  Link link_;
};

}  // namespace redis
