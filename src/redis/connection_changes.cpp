#include "redis/connection_changes.hpp"

#include <simdjson.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "base/metrics.hpp"

namespace redis {
namespace {

// Two ids of 128 characters, all of them escaped, and the names fit.
constexpr std::size_t payload_bytes_max = 4 * 1024;

struct Change {
  messaging::UserPair pair;
  bool connected = false;
};

std::optional<messaging::UserId> user_at(const simdjson::dom::object& object, std::string_view name) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return std::nullopt;
  return messaging::UserId::parse(text);
}

std::optional<Change> parse_change(std::string_view payload) {
  if (payload.size() > payload_bytes_max) return std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(payload.data(), payload.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
  const auto user = user_at(object, "userId");
  const auto other = user_at(object, "otherUserId");
  bool connected = false;
  if (object["connected"].get(connected) != simdjson::SUCCESS) return std::nullopt;
  if (!user || !other || *user == *other) return std::nullopt;
  return Change{.pair = messaging::UserPair(*user, *other), .connected = connected};
}

}  // namespace

ConnectionChanges::ConnectionChanges(Bus& bus, OnChange on_change, OnMissed on_missed)
    : on_change_(std::move(on_change)), on_missed_(std::move(on_missed)) {
  bus.listen(std::string(channel), *this);
  bus.subscribe(std::string(channel));
}

void ConnectionChanges::on_message(std::string_view channel_name, std::string_view payload) {
  // Listeners are chosen by prefix.
  if (channel_name != channel) return;
  const auto change = parse_change(payload);
  if (!change) {
    base::metrics::add(base::metrics::Counter::connection_changes_malformed);
    base::log::warn("connections.change_malformed", {{"bytes", payload.size()}});
    return;
  }
  base::metrics::add(base::metrics::Counter::connection_changes);
  on_change_(change->pair, change->connected);
}

// The first time nothing was missed: what this node knows by then comes from the register that the others kept right,
// or was asked for a moment ago.
void ConnectionChanges::on_subscribed(std::string_view channel_name) {
  if (channel_name != channel) return;
  if (std::exchange(was_subscribed_, true)) on_missed_();
}

void ConnectionChanges::on_link(bool /*is_up*/) {}

}  // namespace redis
