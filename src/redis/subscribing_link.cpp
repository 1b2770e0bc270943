#include "redis/subscribing_link.hpp"

#include <utility>

#include "redis/resp_command.hpp"

namespace redis {

SubscribingLink::SubscribingLink(const LinkContext& context, Endpoint endpoint, Commands commands,
                                 SubscribingLinkObserver& observer)
    : is_sharded_(commands == Commands::sharded),
      observer_(observer),
      link_(context, std::move(endpoint), Link::Kind::pushing, *this) {}

void SubscribingLink::change(std::vector<std::string> channels, bool is_subscribe) {
  std::string bytes;
  RespCommand command(bytes, channels.size() + 1);
  const std::string_view name = is_subscribe ? "SSUBSCRIBE" : "SUNSUBSCRIBE";
  command.add(is_sharded_ ? name : name.substr(1));
  for (const auto& channel : channels) command.add(channel);
  link_.send(bytes);
  unconfirmed_ += channels.size();
  changes_.push_back({is_subscribe, std::move(channels)});
}

void SubscribingLink::on_link_up() {
  observer_.on_subscribing_link(*this, true);
}

void SubscribingLink::on_link_down() {
  changes_.clear();
  unconfirmed_ = 0;
  observer_.on_subscribing_link(*this, false);
}

// ["message", channel, payload], ["subscribe", channel, count], ["unsubscribe", channel, count], each with an s before
// it for shards; or an error.
void SubscribingLink::on_link_reply(Reply& reply) {
  if (reply.is_error()) return on_error(reply);
  if (reply.type != Reply::Type::array || reply.elements.size() != 3)
    return link_.give_up("it pushes what is no message");
  std::string_view kind = reply.elements[0].text;
  if (is_sharded_ && kind.starts_with('s')) kind.remove_prefix(1);
  if (kind == "message") return observer_.on_published(reply.elements[1].text, reply.elements[2].text);
  if (kind == "subscribe") return on_confirmation(reply, true);
  if (kind == "unsubscribe") return on_confirmation(reply, false);
  link_.give_up("it pushes what nobody asked for");
}

void SubscribingLink::on_confirmation(const Reply& reply, bool is_subscribe) {
  const std::string_view channel = reply.elements[1].text;
  const bool fits = !changes_.empty() && changes_.front().is_subscribe == is_subscribe &&
                    changes_.front().channels[changes_.front().confirmed] == channel;
  if (fits) {
    --unconfirmed_;
    auto& change = changes_.front();
    if (++change.confirmed == change.channels.size()) changes_.pop_front();
    return observer_.on_confirmed(*this, channel, is_subscribe);
  }
  if (is_subscribe || !is_sharded_) return link_.give_up("it confirms what nobody asked for");
  observer_.on_revoked(*this, channel);
}

void SubscribingLink::on_error(const Reply& reply) {
  if (changes_.empty() || changes_.front().confirmed > 0) return link_.give_up("it refuses what nobody asked for");
  const auto change = std::move(changes_.front());
  changes_.pop_front();
  unconfirmed_ -= change.channels.size();
  observer_.on_refused(*this, change.channels, reply.text);
}

}  // namespace redis
