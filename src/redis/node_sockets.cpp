#include "redis/node_sockets.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

// States: noting alone → (the first add_again()) in step → in doubt (a command failed, or add_again()) → comparing → in
// step, or in doubt again and waiting for the next try. Changes go on being sent all the while, except when the link is
// down: the comparison makes up for them. Since the commands for one set arrive in order and a socket's id never comes
// again, what is sent twice or too late does no harm.

namespace redis {
namespace {

using base::Result;

// Members handled in one turn, some 1000 commands: a few milliseconds here and at Redis.
constexpr std::size_t chunk_size = 500;
constexpr base::milliseconds pause_min{1'000};
constexpr int doublings_max = 4;  // 16 s

Commands::Arguments of_user(const char* verb, const SharedSocket& shared) {
  return {verb, user_sockets_key(shared.user), std::string(shared.socket)};
}

}  // namespace

// Others must be able to take away what a crash midway, or a command that was lost, leaves: first into the node's own
// set, last out of it. A user's set can lie on another master than the node's, so that the order of commands says
// nothing: what leaves the own set waits for the users' replies.
struct NodeSockets::Writes {
  std::vector<Commands::Arguments> first{};
  std::vector<Commands::Arguments> last{};

  // At most chunk_size members that come or go together.
  void append(const std::string& own_set, bool is_there, const std::vector<std::string_view>& members) {
    const char* const verb = is_there ? "SADD" : "SREM";
    Commands::Arguments of_node{verb, own_set};
    of_node.insert(of_node.end(), members.begin(), members.end());
    (is_there ? first : last).push_back(std::move(of_node));
    for (const auto member : members) {
      if (const auto shared = SharedSocket::parse(member)) first.push_back(of_user(verb, *shared));
    }
  }
};

NodeSockets::NodeSockets(Commands& redis, const NodeKeys& keys, const std::string& node_id)
    : redis_(redis), own_set_(keys.sockets(node_id)), asks_(redis) {}

void NodeSockets::apply(std::vector<Change> changes) {
  Writes writes;
  std::vector<std::string_view> run;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& [member, is_there] = changes[i];
    if (is_there) {
      members_.insert(member);
    } else {
      members_.erase(member);
    }
    run.push_back(member);
    if (i + 1 < changes.size() && changes[i + 1].is_there == is_there && run.size() < chunk_size) continue;
    writes.append(own_set_, is_there, run);
    run.clear();
  }
  if (changes.empty() || !may_send_) return;
  if (redis_.is_up()) {
    tasks_.spawn(send(std::move(writes)));
  } else {
    compare_later();
  }
}

base::Task<> NodeSockets::send(Writes writes) {
  const auto written = co_await write(std::move(writes));
  if (!written) compare_later();
}

base::Task<Result<Reply>> NodeSockets::write(Writes writes) {
  auto written = co_await asks_.ask_all(std::move(writes.first));
  if (!written || writes.last.empty()) co_return written;
  co_return co_await asks_.ask_all(std::move(writes.last));
}

void NodeSockets::add_again() {
  may_send_ = true;
  redis_.executor().cancel(std::exchange(timer_, 0));
  if (is_comparing_ || !redis_.is_up()) {
    compare_later();
    return;
  }
  is_comparing_ = true;
  tasks_.spawn(compare());
}

// Once for all reasons that there are until then.
void NodeSockets::compare_later() {
  if (asks_.is_cancelled()) return;
  if (is_comparing_) {
    compare_once_more_ = true;
    return;
  }
  if (timer_ != 0) return;
  const auto pause = pause_min * (1 << std::min(failures_, doublings_max));
  timer_ = redis_.executor().schedule(pause, [this] {
    timer_ = 0;
    add_again();
  });
}

base::Task<> NodeSockets::compare() {
  auto result = co_await take_strays_away();
  if (result) result = co_await add_all();
  is_comparing_ = false;
  if (asks_.is_cancelled()) co_return;
  const bool once_more = std::exchange(compare_once_more_, false);
  if (result) {
    failures_ = 0;
    base::log::info("redis.sockets_added_again", {{"sockets", members_.size()}});
  } else {
    ++failures_;
    base::log::warn("redis.sockets_not_added", {{"sockets", members_.size()}, {"problem", result.error().detail}});
  }
  if (once_more || !result) compare_later();
}

// What this node left there when its SREM was lost.
base::Task<Result<Reply>> NodeSockets::take_strays_away() {
  std::string cursor = "0";
  do {
    auto page = co_await asks_.ask({"SSCAN", own_set_, cursor, "COUNT", std::to_string(chunk_size)});
    if (!page) co_return page;
    if (page->elements.size() != 2)
      co_return base::fail(base::Errc::storage_unavailable, "SSCAN answered something else");
    cursor = std::move(page->elements[0].text);
    std::vector<std::string_view> strays;
    for (const auto& entry : page->elements[1].elements) {
      if (SharedSocket::parse(entry.text) && !members_.contains(entry.text)) strays.push_back(entry.text);
    }
    if (strays.empty()) continue;
    Writes removals;
    removals.append(own_set_, false, strays);
    auto removed = co_await write(std::move(removals));
    if (!removed) co_return removed;
  } while (cursor != "0");
  co_return Reply{};
}

base::Task<Result<Reply>> NodeSockets::add_all() {
  // The empty string stands before every member.
  std::string last;
  for (;;) {
    const auto members = members_after(last);
    if (members.empty()) co_return Reply{};
    last = members.back();
    Writes additions;
    additions.append(own_set_, true, members);
    auto added = co_await write(std::move(additions));
    if (!added) co_return added;
  }
}

// The next chunk. Views that are good until members_ changes.
std::vector<std::string_view> NodeSockets::members_after(const std::string& member) const {
  std::vector<std::string_view> found;
  for (auto next = members_.upper_bound(member); next != members_.end() && found.size() < chunk_size; ++next) {
    found.push_back(*next);
  }
  return found;
}

void NodeSockets::stop() {
  redis_.executor().cancel(timer_);
  asks_.cancel();
}

}  // namespace redis
