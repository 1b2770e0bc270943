// Whether this node should get traffic, and if not, why. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace app {

class Readiness {
 public:
  // A part that is not ready, with its reason; an empty reason: it is.
  void set(const std::string& part, std::string reason) {
    const std::lock_guard lock(mutex_);
    if (reason.empty()) {
      reasons_.erase(part);
    } else {
      reasons_.insert_or_assign(part, std::move(reason));
    }
  }
  // "part: reason" each; empty: ready.
  [[nodiscard]] std::vector<std::string> reasons() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [part, reason] : reasons_) out.push_back(part + ": " + reason);
    return out;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> reasons_;
};

}  // namespace app
