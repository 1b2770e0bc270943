// Whether this node should get traffic, and if not, why. Any thread.
#pragma once

#include <functional>
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
  // A part that is asked each time; its answer is a reason, or empty. It outlives the questions, and any thread may
  // ask.
  using Probe = std::function<std::string()>;
  // Without it this node should get no traffic.
  void require(const std::string& part, Probe probe) { add(required_, part, std::move(probe)); }
  // Without it this node serves, but not as it should.
  void wish_for(const std::string& part, Probe probe) { add(wished_for_, part, std::move(probe)); }

  // "part: reason" each; empty: ready.
  [[nodiscard]] std::vector<std::string> reasons() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [part, reason] : reasons_) out.push_back(part + ": " + reason);
    ask(required_, out);
    return out;
  }
  // "part: what is not as it should be" each, of a node that is ready all the same.
  [[nodiscard]] std::vector<std::string> degraded() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    ask(wished_for_, out);
    return out;
  }

 private:
  using Probes = std::map<std::string, Probe>;

  void add(Probes& probes, const std::string& part, Probe probe) {
    const std::lock_guard lock(mutex_);
    probes.insert_or_assign(part, std::move(probe));
  }
  static void ask(const Probes& probes, std::vector<std::string>& out) {
    for (const auto& [part, probe] : probes) {
      if (const auto reason = probe(); !reason.empty()) out.push_back(part + ": " + reason);
    }
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::string> reasons_;
  Probes required_;
  Probes wished_for_;
};

}  // namespace app
