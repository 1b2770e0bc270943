// Who listens to which channels of a bus. Filled before the bus is started, then read on its thread alone.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis/bus.hpp"

namespace redis {

class BusListeners {
 public:
  void add(std::string prefix, BusListener& listener) {
    const auto shorter =
        std::ranges::find_if(by_prefix_, [&](const auto& each) { return each.first.size() <= prefix.size(); });
    by_prefix_.emplace(shorter, std::move(prefix), &listener);
    if (std::ranges::find(all_, &listener) == all_.end()) all_.push_back(&listener);
  }
  // The one with the longest prefix that fits; null: nobody.
  [[nodiscard]] BusListener* of(std::string_view channel) const noexcept {
    const auto found =
        std::ranges::find_if(by_prefix_, [&](const auto& each) { return channel.starts_with(each.first); });
    return found == by_prefix_.end() ? nullptr : found->second;
  }
  // Each once.
  [[nodiscard]] const std::vector<BusListener*>& all() const noexcept { return all_; }

 private:
  std::vector<std::pair<std::string, BusListener*>> by_prefix_;  // the longest first
  std::vector<BusListener*> all_;
};

}  // namespace redis
