// idle ─timer→ running ─ended()→ idle. Evidence that comes while one is running asks for another: what it is about may
// have happened after that one's read. stop() ends both states for ever.
#include "gateway/head_comparison.hpp"

#include <algorithm>
#include <utility>

namespace gateway {

HeadComparison::HeadComparison(const base::Clock& clock, base::Executor& executor, Compare compare)
    : clock_(clock), executor_(executor), compare_(std::move(compare)) {}

void HeadComparison::start() {
  regular_ = clock_.steady_now() + interval_without_link;
  schedule();
}

void HeadComparison::suspect_loss() {
  const auto now = clock_.steady_now();
  look_again(now);
  second_ = now + second_look;
  schedule();
}

void HeadComparison::member_lost() {
  const auto now = clock_.steady_now();
  distrusts_until_ = now + distrust_after_lost_member;
  if (regular_) regular_ = std::min(*regular_, now + interval_without_link);
  suspect_loss();
}

void HeadComparison::link_changed(bool is_up) {
  is_link_up_ = is_up;
  if (regular_ && !is_up) regular_ = std::min(*regular_, clock_.steady_now() + interval_without_link);
  schedule();
}

void HeadComparison::stop() {
  is_stopped_ = true;
  executor_.cancel(std::exchange(timer_, 0));
}

void HeadComparison::look_again(base::SteadyTime at) {
  if (!suspected_ || *suspected_ > at) suspected_ = at;
}

void HeadComparison::schedule() {
  if (is_stopped_ || is_running_) return;
  std::optional<base::SteadyTime> next;
  for (const auto& due : {suspected_, second_, regular_}) {
    if (due && (!next || *due < *next)) next = due;
  }
  executor_.cancel(std::exchange(timer_, 0));
  if (!next) return;
  // Where the tables are slow, looking without pause would make them slower.
  const auto pause = std::max<base::SteadyTime::duration>(pause_min, ended_at_ - began_at_);
  const auto at = std::max(*next, ended_at_ + pause);
  const auto now = clock_.steady_now();
  const auto wait = at > now ? std::chrono::ceil<base::milliseconds>(at - now) : base::milliseconds(0);
  timer_ = executor_.schedule(wait, [this] {
    timer_ = 0;
    run();
  });
}

void HeadComparison::run() {
  const auto now = clock_.steady_now();
  if (suspected_ && *suspected_ <= now) suspected_.reset();
  if (second_ && *second_ <= now) second_.reset();
  is_running_ = true;
  began_at_ = now;
  compare_([this](bool succeeded) { ended(succeeded); });
}

void HeadComparison::ended(bool succeeded) {
  is_running_ = false;
  ended_at_ = clock_.steady_now();
  if (!succeeded) look_again(ended_at_ + retry_pause);
  const bool hears_all = is_link_up_ && ended_at_ >= distrusts_until_;
  if (regular_) regular_ = ended_at_ + (hears_all ? interval : interval_without_link);
  schedule();
}

}  // namespace gateway
