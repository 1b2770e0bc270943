#include "redis/reaper.hpp"

#include "base/log.hpp"

// A reaping: wanted → won (SET NX) or another node's → sockets taken away, chunk by chunk → all others have seen that
// the node is dead → out of the set of nodes, lock free again. After a failure it stays in the set, for whoever wins
// when the lock has expired.
// The node may be alive after all, cut off for longer than its lease. It notices by its lease, or by its missing place
// in the set of nodes, and adds everything again. So its place is taken away last, also where its lease came back
// midway: whatever was removed before that, it finds out.

namespace redis {
namespace {

using base::Errc;
using base::Result;

// For another node to take over where the winner dies over it. Two that reap at once, because it took longer, do no
// harm.
constexpr std::string_view lock_ms = "10000";
// Members asked for at a time: some 1000 commands for each chunk, a few milliseconds of Redis.
constexpr std::string_view chunk_size = "500";

// Everything of one chunk, out of the users' sets.
std::vector<Commands::Arguments> removals_of(const std::vector<Reply>& members) {
  std::vector<Commands::Arguments> commands;
  for (const auto& member : members) {
    const auto socket = SharedSocket::parse(member.text);
    if (socket) commands.push_back({"SREM", user_sockets_key(socket->user), std::string(socket->socket)});
  }
  return commands;
}

bool is_page(const Reply& reply) {
  return reply.elements.size() == 2 && reply.elements[1].type == Reply::Type::array;
}

base::Task<Result<void>> remove_chunk(Asks& asks, std::string set_key, std::vector<Reply> members) {
  if (members.empty()) co_return Result<void>();
  auto removals = removals_of(members);
  if (!removals.empty()) {
    auto removed = co_await asks.ask_all(std::move(removals));
    if (!removed) co_return base::forward(removed);
  }
  Commands::Arguments forget{"SREM", std::move(set_key)};
  for (auto& member : members) forget.push_back(std::move(member.text));
  auto forgotten = co_await asks.ask(std::move(forget));
  if (!forgotten) co_return base::forward(forgotten);
  co_return Result<void>();
}

}  // namespace

base::Task<Result<std::size_t>> remove_sockets(Asks& asks, NodeKeys keys, std::string node, Removal removal) {
  std::size_t count = 0;
  std::string cursor = "0";
  do {
    if (removal == Removal::unless_alive) {
      auto lease = co_await asks.ask({"EXISTS", keys.lease(node)});
      if (!lease) co_return base::forward(lease);
      if (lease->integer != 0) co_return count;
    }
    auto page = co_await asks.ask({"SSCAN", keys.sockets(node), cursor, "COUNT", std::string(chunk_size)});
    if (!page) co_return base::forward(page);
    if (!is_page(*page)) co_return base::fail(Errc::storage_unavailable, "SSCAN answered something else");
    cursor = std::move(page->elements[0].text);
    count += page->elements[1].elements.size();
    auto removed = co_await remove_chunk(asks, keys.sockets(node), std::move(page->elements[1].elements));
    if (!removed) co_return base::forward(removed);
  } while (cursor != "0");
  co_return count;
}

Reaper::Reaper(Commands& redis, NodeKeys keys, std::string own_id, base::milliseconds seen_by_all_after)
    : redis_(redis),
      keys_(std::move(keys)),
      own_id_(std::move(own_id)),
      seen_by_all_after_(seen_by_all_after),
      asks_(redis) {}

void Reaper::reap(const std::string& node) {
  if (under_way_.emplace(node, 0).second) tasks_.spawn(reap_if_first(node));
}

void Reaper::stop() {
  for (const auto& [node, timer] : under_way_) redis_.executor().cancel(timer);
  asks_.cancel();
}

base::Task<> Reaper::reap_if_first(std::string node) {
  const auto won = co_await asks_.ask({"SET", keys_.reaper(node), own_id_, "NX", "PX", std::string(lock_ms)});
  base::Result<std::size_t> removed = base::fail(Errc::storage_unavailable);
  if (won && won->type == Reply::Type::status) {
    removed = co_await remove_sockets(asks_, keys_, node, Removal::unless_alive);
  }
  if (!removed || asks_.is_cancelled()) {
    under_way_.erase(node);
    co_return;
  }
  base::log::info("redis.node_reaped", {{"node", node}, {"sockets", *removed}});
  // A node that is in the set no more has said farewell, for those who look only then.
  under_way_[node] = redis_.executor().schedule(seen_by_all_after_, [this, node] { tasks_.spawn(forget(node)); });
}

base::Task<> Reaper::forget(std::string node) {
  const auto forgotten = co_await asks_.ask({"SREM", keys_.nodes(), node});
  if (forgotten) static_cast<void>(co_await asks_.ask({"DEL", keys_.reaper(node)}));
  under_way_.erase(node);
}

}  // namespace redis
