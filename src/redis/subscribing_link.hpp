// A subscribed connection to one node: subscribes and unsubscribes channels, tells what Redis confirmed, and hands on
// what is published. For Subscriptions, over a pushing Link; on its thread. What comes is not trusted: what fits to
// nothing that was asked makes it connect anew.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redis/link.hpp"

namespace redis {

class SubscribingLink;

// All calls on the thread. None destroys the link.
class SubscribingLinkObserver {
 public:
  virtual ~SubscribingLinkObserver() = default;
  // Down: all its subscriptions have ended, and what was asked is not confirmed any more.
  virtual void on_subscribing_link(SubscribingLink& link, bool is_up) = 0;
  virtual void on_subscribing_link_failed(SubscribingLink& link) = 0;
  virtual void on_confirmed(SubscribingLink& link, std::string_view channel, bool is_subscribed) = 0;
  // Redis ended the subscription by itself: the channel's slot has moved to another node.
  virtual void on_revoked(SubscribingLink& link, std::string_view channel) = 0;
  virtual void on_refused(SubscribingLink& link, const std::vector<std::string>& channels, std::string_view reason) = 0;
  virtual void on_published(std::string_view channel, std::string_view payload) = 0;
};

class SubscribingLink final : private LinkHandler {
 public:
  // SUBSCRIBE, or SSUBSCRIBE for channels that belong to the node's slots.
  enum class Commands : std::uint8_t { classic, sharded };

  SubscribingLink(const LinkContext& context, Endpoint endpoint, Commands commands, SubscribingLinkObserver& observer);

  void open() { link_.open(); }
  // For good: the observer is not called any more.
  void close() { link_.close(); }
  // Precondition: is_up(), and no channel for which an answer is still to come. With a cluster, shards' channels of one
  // command have one slot.
  void change(std::vector<std::string> channels, bool is_subscribe);

  [[nodiscard]] bool is_up() const noexcept { return link_.is_up(); }
  [[nodiscard]] const Endpoint& endpoint() const noexcept { return link_.endpoint(); }
  // Of how many channels the answer is still to come.
  [[nodiscard]] std::size_t unconfirmed() const noexcept { return unconfirmed_; }

 private:
  // A command whose answer, a confirmation for each channel or one error, is not complete.
  struct Change {
    bool is_subscribe;
    std::vector<std::string> channels;
    std::size_t confirmed = 0;
  };

  void on_link_up() override;
  void on_link_down() override;
  void on_link_failed(const std::string&) override { observer_.on_subscribing_link_failed(*this); }
  void on_link_reply(Reply& reply) override;
  void on_confirmation(const Reply& reply, bool is_subscribe);
  void on_error(const Reply& reply);

  const bool is_sharded_;
  SubscribingLinkObserver& observer_;
  std::deque<Change> changes_;  // Redis answers in this order
  std::size_t unconfirmed_ = 0;
  Link link_;
};

}  // namespace redis
