#include "redis/backplane_probe.hpp"

#include <utility>

#include "base/metrics.hpp"

namespace redis {

BackplaneProbe::BackplaneProbe(const base::Clock& clock, Bus& bus, std::string channel)
    : clock_(clock), bus_(bus), channel_(std::move(channel)) {
  bus_.listen(channel_, *this);
  bus_.subscribe(channel_);
}

void BackplaneProbe::start() {
  bus_.executor().post([this] { send(); });
}

void BackplaneProbe::stop() {
  bus_.executor().post([this] {
    is_stopped_ = true;
    bus_.executor().cancel(std::exchange(timer_, 0));
  });
}

void BackplaneProbe::send() {
  if (is_stopped_) return;
  if (is_subscribed_) {
    sent_at_ = clock_.steady_now();
    bus_.publish(channel_, std::to_string(++number_));
  }
  timer_ = bus_.executor().schedule(interval, [this] { send(); });
}

void BackplaneProbe::on_message(std::string_view /*channel*/, std::string_view payload) {
  // An earlier one that comes late has been given up.
  if (!sent_at_ || payload != std::to_string(number_)) return;
  const std::chrono::duration<double> taken = clock_.steady_now() - *std::exchange(sent_at_, std::nullopt);
  base::metrics::observe(base::metrics::Histogram::backplane_seconds, taken.count());
}

void BackplaneProbe::on_subscribed(std::string_view /*channel*/) {
  is_subscribed_ = true;
}

void BackplaneProbe::on_link(bool is_up) {
  if (!is_up) is_subscribed_ = false;
}

}  // namespace redis
