// For tests: as much of Redis as the register of sockets uses, on a ManualClock, behind any number of FakeCommands.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "redis/fake_commands.hpp"

namespace redis {

class FakeRedis {
 public:
  explicit FakeRedis(const base::Clock& clock) : clock_(clock) {}

  // What FakeCommands::serve() takes.
  [[nodiscard]] FakeCommands::Server server() {
    return [this](const Commands::Arguments& arguments) -> std::optional<base::Result<Reply>> {
      return handle(arguments);
    };
  }
  void flush_all() {
    strings_.clear();
    sets_.clear();
  }
  // As a restart from disk: what expires has done so, the rest is there.
  void expire_all() {
    std::erase_if(strings_, [](const auto& entry) { return entry.second.expires; });
  }
  [[nodiscard]] std::set<std::string> set(const std::string& key) const {
    const auto found = sets_.find(key);
    return found == sets_.end() ? std::set<std::string>() : found->second;
  }
  [[nodiscard]] bool has_string(const std::string& key) { return find(key) != nullptr; }
  void add_to_set(const std::string& key, const std::string& member) { sets_[key].insert(member); }

 private:
  struct Text {
    std::string value;
    bool expires = false;
    base::SteadyTime expires_at{};
  };

  Reply handle(const Commands::Arguments& arguments) {
    const auto& verb = arguments[0];
    const auto& key = arguments[1];
    if (verb == "SET") return set_string(arguments);
    if (verb == "DEL") return integer_reply(strings_.erase(key) == 1 ? 1 : 0);
    if (verb == "EXISTS") return integer_reply(find(key) || sets_.contains(key) ? 1 : 0);
    if (verb == "SADD" || verb == "SREM") return change_set(arguments);
    if (verb == "SMEMBERS") return members(set(key));
    if (verb == "SSCAN") return scan(key, arguments[2], static_cast<std::size_t>(std::stoi(arguments[4])));
    return error_reply("ERR unknown command");
  }

  Text* find(const std::string& key) {
    const auto found = strings_.find(key);
    if (found == strings_.end()) return nullptr;
    if (!found->second.expires || clock_.steady_now() < found->second.expires_at) return &found->second;
    strings_.erase(found);
    return nullptr;
  }
  Reply set_string(const Commands::Arguments& arguments) {
    const auto has = [&](std::string_view option) { return std::ranges::find(arguments, option) != arguments.end(); };
    const auto* const present = find(arguments[1]);
    const Reply previous = present ? text_reply(present->value) : Reply{};
    if (present && has("NX")) return Reply{};
    Text text{.value = arguments[2]};
    if (const auto px = std::ranges::find(arguments, "PX"); px != arguments.end()) {
      text.expires = true;
      text.expires_at = clock_.steady_now() + base::milliseconds(std::stoi(*(px + 1)));
    }
    strings_[arguments[1]] = text;
    return has("GET") ? previous : status_reply();
  }
  Reply change_set(const Commands::Arguments& arguments) {
    auto& members = sets_[arguments[1]];
    const auto before = std::ssize(members);
    for (std::size_t i = 2; i < arguments.size(); ++i) {
      if (arguments[0] == "SADD") {
        members.insert(arguments[i]);
      } else {
        members.erase(arguments[i]);
      }
    }
    const auto changed = std::abs(std::ssize(members) - before);
    if (members.empty()) sets_.erase(arguments[1]);
    return integer_reply(changed);
  }
  static Reply members(const std::set<std::string>& set) {
    std::vector<Reply> elements;
    for (const auto& member : set) elements.push_back(text_reply(member));
    return array_reply(std::move(elements));
  }
  // A cursor stands for the member that the last page ended with.
  Reply scan(const std::string& key, const std::string& cursor, std::size_t count) {
    const auto whole = set(key);
    auto from = cursor == "0" ? whole.begin() : whole.upper_bound(cursors_.at(cursor));
    std::set<std::string> page;
    for (; from != whole.end() && page.size() < count; ++from) page.insert(*from);
    std::string next = "0";
    if (from != whole.end()) {
      next = std::to_string(cursors_.size() + 1);
      cursors_[next] = *page.rbegin();
    }
    return array_reply({text_reply(next), members(page)});
  }

  const base::Clock& clock_;
  std::map<std::string, Text> strings_;
  std::map<std::string, std::set<std::string>> sets_;
  std::map<std::string, std::string> cursors_;
};

}  // namespace redis
