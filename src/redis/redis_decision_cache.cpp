#include "redis/redis_decision_cache.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/task.hpp"

namespace redis {
namespace {

using base::milliseconds;
using messaging::Decision;
using messaging::DecisionCache;

// Clocks of two nodes differ by less; what is from further ahead has no age that could be trusted.
constexpr milliseconds clock_difference_max{3'000};

// KEYS[1]: the pair's key. ARGV: the answer, when it was decided, from when on a time is not believed, and for how many
// milliseconds the decision can be of use. What is there and younger stays.
constexpr std::string_view put_script =
    "local present = redis.call('GET', KEYS[1]) "
    "local at = present and tonumber(string.match(present, '^[01]:(%d+)$')) "
    "if at and at > tonumber(ARGV[2]) and at < tonumber(ARGV[3]) then return 0 end "
    "redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[4]) "
    "return 1";

std::string to_text(base::SystemTime time) {
  return std::to_string(time.time_since_epoch().count());
}

// "1:<ms>" or "0:<ms>", by whoever can write to Redis.
std::optional<Decision> parse_value(std::string_view value, base::SystemTime now) {
  // 15 digits of milliseconds reach beyond the year 30000.
  constexpr std::size_t digits_max = 15;
  if (value.size() < 3 || value.size() > 2 + digits_max || value[1] != ':') return std::nullopt;
  if (value[0] != '0' && value[0] != '1') return std::nullopt;
  std::int64_t decided_at_ms = 0;
  const auto* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data() + 2, end, decided_at_ms);
  if (error != std::errc() || rest != end || decided_at_ms < 0) return std::nullopt;
  const base::SystemTime decided_at{milliseconds(decided_at_ms)};
  if (decided_at > now + clock_difference_max) return std::nullopt;
  return Decision{.connected = value[0] == '1', .decided_at = std::min(decided_at, now)};
}

void append_encoded(std::string& out, std::string_view id) {
  for (const char c : id) {
    if (c == '%') {
      out += "%25";
    } else if (c == ':') {
      out += "%3A";
    } else {
      out += c;
    }
  }
}

// A GET that somebody waits for, until the reply or the timer comes; whichever is second finds nobody. On the asking
// task's executor.
class Lookup : public std::enable_shared_from_this<Lookup> {
 public:
  explicit Lookup(base::Completion<std::optional<std::string>> done) : done_(std::move(done)) {}

  void begin(Commands& redis, std::string key, milliseconds time_max) {
    timer_ = executor_.schedule(time_max, [self = shared_from_this()] { self->finish(std::nullopt); });
    redis.send({"GET", std::move(key)}, [self = shared_from_this()](base::Result<Reply> reply) {
      std::optional<std::string> value;
      if (reply && reply->type == Reply::Type::string) value = std::move(reply->text);
      self->executor_.post([self, value = std::move(value)]() mutable { self->finish(std::move(value)); });
    });
  }

 private:
  void finish(std::optional<std::string> value) {
    if (!done_) return;
    executor_.cancel(timer_);
    auto resume = *std::exchange(done_, std::nullopt);
    resume(std::move(value));
  }

  base::Executor& executor_ = base::Executor::current();
  std::optional<base::Completion<std::optional<std::string>>> done_;
  base::TimerId timer_ = 0;
};

}  // namespace

messaging::Task<std::optional<Decision>> RedisDecisionCache::find(messaging::UserPair pair) {
  if (!redis_.is_up()) co_return std::nullopt;
  const auto start = [&](base::Completion<std::optional<std::string>> done) {
    std::make_shared<Lookup>(std::move(done))->begin(redis_, decision_key(pair), find_time_max);
  };
  const auto value = co_await base::async<std::optional<std::string>>(start);
  if (!value) co_return std::nullopt;
  co_return parse_value(*value, clock_.system_now());
}

void RedisDecisionCache::put(const messaging::UserPair& pair, Decision decision) {
  const auto now = clock_.system_now();
  const milliseconds life = decision.connected ? DecisionCache::positive_ttl_while_away : DecisionCache::negative_ttl;
  const auto left = life - (now - decision.decided_at);
  if (left <= milliseconds(0) || !redis_.is_up()) return;
  redis_.send({"EVAL", std::string(put_script), "1", decision_key(pair), decision.connected ? "1" : "0",
               to_text(decision.decided_at), to_text(now + clock_difference_max),
               std::to_string(std::min(left, life).count())});
}

std::string decision_key(const messaging::UserPair& pair) {
  std::string key = "connection:";
  append_encoded(key, pair.low().str());
  key += ':';
  append_encoded(key, pair.high().str());
  return key;
}

}  // namespace redis
