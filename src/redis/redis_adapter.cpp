#include "redis/redis_adapter.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "redis/channel_subscriptions.hpp"
#include "redis/classic_protocol.hpp"
#include "redis/cluster_requests.hpp"
#include "redis/sharded_protocol.hpp"
#include "socketio/in_memory_adapter.hpp"
#include "socketio/packet.hpp"
#include "socketio/room_map.hpp"

// The adapter has no state of its own but the link's, on the bus's executor: down (in the beginning) <-> up. What is
// open, and what may have been missed meanwhile, is ChannelSubscriptions' part.

namespace redis {
namespace {

using socketio::BroadcastOptions;
using socketio::ClusterListener;
using socketio::RelayedEvent;
using socketio::Room;
using socketio::Socket;

std::unique_ptr<const ClusterProtocol> make_protocol(AdapterProtocol protocol, const std::string& prefix,
                                                     const std::string& nsp, const std::string& uid) {
  if (protocol == AdapterProtocol::classic) return std::make_unique<ClassicProtocol>(prefix, nsp, uid);
  return std::make_unique<ShardedProtocol>(prefix, nsp, uid);
}

}  // namespace

class RedisAdapter::Impl final : public BusListener,
                                 public socketio::RoomObserver,
                                 public std::enable_shared_from_this<Impl> {
 public:
  Impl(std::vector<net::IoThread*> threads, Bus& bus, AdapterProtocol protocol, std::string nsp,
       const std::string& prefix, const std::string& key_prefix)
      : bus_(bus),
        nsp_(std::move(nsp)),
        uid_(protocol == AdapterProtocol::classic ? ClassicProtocol::make_uid() : ShardedProtocol::make_uid()),
        protocol_(make_protocol(protocol, prefix, nsp_, uid_)),
        loss_channel_(key_prefix + ":lost#" + nsp_ + "#"),
        sockets_(std::move(threads), this),
        requests_(sockets_, bus_, *protocol_, nsp_),
        subscriptions_(std::make_shared<ChannelSubscriptions>(
            bus_, ChannelSubscriptions::Observer{.on_gap = [this](const std::string& channel) { on_gap(channel); },
                                                 .on_restored = [this] { on_restored(); }})) {
    for (const auto& channel : protocol_->common_channels()) join_channel(channel);
    join_channel(loss_channel_);
  }

  // From any thread.

  void publish(std::string_view event_json, const BroadcastOptions& options, std::string_view traceparent) {
    auto message = protocol_->encode_event(event_json, options, traceparent);
    if (!message) return base::log::error("event_not_published", {{"reason", "no JSON"}});
    bus_.publish(std::move(message->channel), std::move(message->payload));
  }

  void announce_loss() {
    bus_.publish(loss_channel_, uid_);
    bus_.executor().post([self = shared_from_this()] { self->on_possible_loss({}); });
  }

  void observe(ClusterListener& listener) {
    bus_.executor().post([self = shared_from_this(), &listener] {
      self->listener_ = &listener;
      listener.on_link(self->is_up_);
    });
  }

  void hold_room(const Room& room, base::Job ready) {
    subscriptions_->hold(protocol_->channel_of(room), std::move(ready));
  }
  void release_room(const Room& room) { subscriptions_->close(protocol_->channel_of(room)); }
  void on_room_opened(const Room& room) override { subscriptions_->open(protocol_->channel_of(room)); }
  void on_room_closed(const Room& room) override { subscriptions_->close(protocol_->channel_of(room)); }

  [[nodiscard]] socketio::InMemoryAdapter& sockets() noexcept { return sockets_; }

  // On the bus's executor.

  void on_message(std::string_view channel, std::string_view payload) override {
    if (channel == loss_channel_) {
      if (payload != uid_) on_possible_loss({});
      return;
    }
    auto message = protocol_->decode(channel, payload);
    if (!message) return base::metrics::add(base::metrics::Counter::malformed_input);
    if (auto* const event = std::get_if<RelayedEvent>(&*message)) return on_event(*event);
    if (auto* const request = std::get_if<ClusterRequest>(&*message)) {
      requests_.handle(std::move(*request), shared_from_this());
    }
  }
  void on_subscribed(std::string_view channel) override { subscriptions_->on_subscribed(channel); }
  // A link whose channels are not confirmed brings nothing: it counts as up when they are.
  void on_link(bool is_up) override {
    if (!is_up) set_up(false);
    subscriptions_->on_link(is_up);
  }
  void on_publish_lost() override { announce_loss(); }

 private:
  void join_channel(const std::string& channel) {
    bus_.listen(channel, *this);
    subscriptions_->open(channel);
  }

  void on_event(RelayedEvent& event) {
    if (listener_ && listener_->on_relayed(event)) return;
    auto packet = socketio::encode_event(nsp_, {}, event.json, event.attachments);
    if (packet.size() == 1) return sockets_.broadcast_here(std::move(packet.front()), std::move(event.to));
    const bool is_volatile = event.to.is_volatile;
    sockets_.visit_here(std::move(event.to), [packet = std::move(packet), is_volatile](Socket& socket) {
      if (!is_volatile || !socket.is_above_soft_limit()) socket.send(packet);
    });
  }

  void on_restored() {
    set_up(true);
    on_possible_loss({});
  }

  void set_up(bool is_up) {
    if (std::exchange(is_up_, is_up) != is_up && listener_) listener_->on_link(is_up);
  }

  void on_gap(const std::string& channel) {
    const auto& common = protocol_->common_channels().front();
    const bool is_of_room = channel.starts_with(common) && channel.size() > common.size();
    // "<common><room>#"
    on_possible_loss(is_of_room ? channel.substr(common.size(), channel.size() - common.size() - 1) : Room());
  }

  void on_possible_loss(const Room& room) {
    if (listener_) listener_->on_possible_loss(room);
  }

  Bus& bus_;
  const std::string nsp_;
  const std::string uid_;
  const std::unique_ptr<const ClusterProtocol> protocol_;
  const std::string loss_channel_;
  socketio::InMemoryAdapter sockets_;
  ClusterRequests requests_;
  const std::shared_ptr<ChannelSubscriptions> subscriptions_;
  // On the bus's executor.
  ClusterListener* listener_ = nullptr;
  bool is_up_ = false;
};

RedisAdapter::RedisAdapter(std::vector<net::IoThread*> threads, Bus& bus, AdapterProtocol protocol, std::string nsp,
                           std::string prefix, std::string key_prefix)
    : impl_(std::make_shared<Impl>(std::move(threads), bus, protocol, std::move(nsp), prefix, key_prefix)) {}

RedisAdapter::~RedisAdapter() = default;

void RedisAdapter::add(const std::shared_ptr<Socket>& socket, const Room& room) {
  impl_->sockets().add(socket, room);
}

void RedisAdapter::remove(const std::shared_ptr<Socket>& socket, const Room& room) {
  impl_->sockets().remove(socket, room);
}

void RedisAdapter::remove_all(const std::shared_ptr<Socket>& socket) {
  impl_->sockets().remove_all(socket);
}

void RedisAdapter::broadcast_here(engineio::OutboundMessage packet, BroadcastOptions options) {
  impl_->sockets().broadcast_here(std::move(packet), std::move(options));
}

void RedisAdapter::visit_here(BroadcastOptions options, std::function<void(Socket& socket)> visit) {
  impl_->sockets().visit_here(std::move(options), std::move(visit));
}

void RedisAdapter::publish(std::string_view event_json, const BroadcastOptions& options, std::string_view traceparent) {
  impl_->publish(event_json, options, traceparent);
}

void RedisAdapter::announce_loss() {
  impl_->announce_loss();
}

void RedisAdapter::hold_room(const Room& room, base::Job ready) {
  impl_->hold_room(room, std::move(ready));
}

void RedisAdapter::release_room(const Room& room) {
  impl_->release_room(room);
}

void RedisAdapter::observe(ClusterListener& listener) {
  impl_->observe(listener);
}

}  // namespace redis
