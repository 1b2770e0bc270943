#include "app/jwks_watch.hpp"

#include "app/token_keys.hpp"
#include "base/log.hpp"

namespace app {
namespace {
constexpr base::milliseconds watch_interval{1'000};
}

void JwksWatch::start(base::Executor& executor) {
  static_cast<void>(executor.schedule(watch_interval, [this, &executor] {
    reload_if_changed();
    start(executor);
  }));
}

void JwksWatch::reload_if_changed() {
  if (!file_.has_changed()) return;
  auto keys = load_jwks(file_.path());
  if (!keys) {
    base::log::warn("keys.file_invalid", {{"problem", keys.error().detail}});
    return;
  }
  verifier_.replace_keys(std::move(*keys));
  base::log::info("keys.file_read");
}

}  // namespace app
