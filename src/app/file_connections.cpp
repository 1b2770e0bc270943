#include "app/file_connections.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "base/log.hpp"

namespace app {
namespace {

constexpr base::milliseconds watch_interval{500};

using messaging::UserId;
using messaging::UserPair;

std::optional<UserPair> parse_pair(const boost::json::value& entry) {
  const auto* pair = entry.if_array();
  if (!pair || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) return std::nullopt;
  const auto one = UserId::parse(std::string_view((*pair)[0].get_string()));
  const auto other = UserId::parse(std::string_view((*pair)[1].get_string()));
  if (!one || !other || *one == *other) return std::nullopt;
  return UserPair(*one, *other);
}

}  // namespace

base::Result<std::unique_ptr<FileConnectionsClient>> FileConnectionsClient::open(std::string path) {
  std::unique_ptr<FileConnectionsClient> client(new FileConnectionsClient(std::move(path)));
  auto pairs = client->read();
  if (!pairs) return base::forward(pairs);
  client->pairs_ = std::move(*pairs);
  return client;
}

base::Result<FileConnectionsClient::Pairs> FileConnectionsClient::read() const {
  const auto wrong = [this](const std::string& what) {
    return base::fail(base::Errc::validation_failed,
                      file_.path() + ": " + what + "; expected {\"connections\":[[\"alice\",\"bob\"],…]}");
  };
  std::ifstream in(file_.path(), std::ios::binary);
  if (!in) return wrong("cannot be read");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  boost::system::error_code error;
  const auto document = boost::json::parse(text, error);
  if (error) return wrong("is no JSON (" + error.message() + ")");
  const auto* object = document.if_object();
  const auto* list = object ? object->if_contains("connections") : nullptr;
  if (!list || !list->is_array()) return wrong("has no list \"connections\"");
  Pairs pairs;
  for (const auto& entry : list->get_array()) {
    auto pair = parse_pair(entry);
    if (!pair)
      return wrong("entry " + std::to_string(&entry - list->get_array().data()) +
                   " is no pair of two different user ids");
    pairs.insert(std::move(*pair));
  }
  return pairs;
}

messaging::Task<messaging::Result<bool>> FileConnectionsClient::is_connected(UserId caller, UserId other,
                                                                             messaging::BearerToken,
                                                                             base::TraceContext) {
  const UserPair pair(std::move(caller), std::move(other));
  const std::lock_guard lock(mutex_);
  co_return pairs_.contains(pair);
}

void FileConnectionsClient::watch(base::Executor& executor) {
  static_cast<void>(executor.schedule(watch_interval, [this, &executor] {
    reload_if_changed();
    watch(executor);
  }));
}

void FileConnectionsClient::reload_if_changed() {
  if (!file_.has_changed()) return;
  auto pairs = read();
  if (!pairs) {
    base::log::warn("connections.file_invalid", {{"problem", pairs.error().detail}});
    return;
  }
  Pairs before;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(pairs_, *pairs);
  }
  base::log::info("connections.file_read", {{"pairs", pairs->size()}});
  tell_differences(before, *pairs);
}

void FileConnectionsClient::tell_differences(const Pairs& before, const Pairs& now) const {
  if (!observer_) return;
  for (const auto& pair : before) {
    if (!now.contains(pair)) observer_(pair, false);
  }
  for (const auto& pair : now) {
    if (!before.contains(pair)) observer_(pair, true);
  }
}

}  // namespace app
