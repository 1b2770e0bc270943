#include "script.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

namespace fake_connections {
namespace {

namespace json = boost::json;
using base::Errc;
using base::Result;

std::unexpected<base::Error> wrong(std::string what) {
  return base::fail(Errc::validation_failed, std::move(what));
}

Result<Answer> parse_answer(const json::value& value, const std::string& where) {
  Answer answer;
  const auto* name = value.if_string();
  if (const auto* object = value.if_object()) {
    const auto* named = object->if_contains("answer");
    name = named ? named->if_string() : nullptr;
    if (const auto* delay = object->if_contains("delayMs")) {
      if (!delay->is_int64() || delay->get_int64() < 0) return wrong(where + ".delayMs is no number of milliseconds");
      answer.delay = base::milliseconds(delay->get_int64());
    }
  }
  if (!name) return wrong(where + " is neither an answer nor {\"answer\":…,\"delayMs\":…}");
  answer.name = std::string(std::string_view(*name));
  if (!is_answer(answer.name)) return wrong(where + ": there is no answer \"" + answer.name + '"');
  return answer;
}

// An answer, or {"answers":[…],"repeat":…} with what else may stand there.
Result<Sequence> parse_sequence(const json::value& value, const std::string& where) {
  Sequence sequence;
  sequence.answers.clear();
  const auto* object = value.if_object();
  const auto* list = object ? object->if_contains("answers") : nullptr;
  if (!list) {
    auto answer = parse_answer(value, where);
    if (!answer) return base::forward(answer);
    sequence.answers.push_back(std::move(*answer));
    return sequence;
  }
  if (!list->is_array() || list->get_array().empty()) return wrong(where + ".answers is no list of answers");
  for (const auto& each : list->get_array()) {
    auto answer = parse_answer(each, where + ".answers[" + std::to_string(sequence.answers.size()) + ']');
    if (!answer) return base::forward(answer);
    sequence.answers.push_back(std::move(*answer));
  }
  const auto* repeat = object->if_contains("repeat");
  sequence.repeats = repeat && repeat->is_bool() && repeat->get_bool();
  return sequence;
}

Result<void> add_pair(Rules& rules, const json::value& value, const std::string& where) {
  const auto* object = value.if_object();
  const auto* users = object ? object->if_contains("users") : nullptr;
  const auto is_text = [](const json::value& each) { return each.is_string(); };
  if (!users || !users->is_array() || users->get_array().size() != 2 ||
      !std::ranges::all_of(users->get_array(), is_text)) {
    return wrong(where + ".users is no pair of user ids");
  }
  auto sequence = parse_sequence(value, where);
  if (!sequence) return base::forward(sequence);
  const std::string one(std::string_view(users->get_array()[0].get_string()));
  const std::string other(std::string_view(users->get_array()[1].get_string()));
  rules.by_pair[std::minmax(one, other)] = std::move(*sequence);
  return {};
}

}  // namespace

Answer Sequence::take() {
  const auto& answer = answers[next];
  if (next + 1 < answers.size()) {
    ++next;
  } else if (repeats) {
    next = 0;
  }
  return answer;
}

Result<Rules> Rules::parse(std::string_view text) {
  boost::system::error_code error;
  const auto document = json::parse(text, error);
  if (error) return wrong("no JSON: " + error.message());
  const auto* object = document.if_object();
  if (!object) return wrong("no JSON object");
  Rules rules;
  if (const auto* by_default = object->if_contains("default")) {
    auto sequence = parse_sequence(*by_default, "default");
    if (!sequence) return base::forward(sequence);
    rules.by_default = std::move(*sequence);
  }
  const auto* pairs = object->if_contains("pairs");
  if (!pairs) return rules;
  if (!pairs->is_array()) return wrong("pairs is no list");
  for (std::size_t i = 0; i < pairs->get_array().size(); ++i) {
    auto added = add_pair(rules, pairs->get_array()[i], "pairs[" + std::to_string(i) + ']');
    if (!added) return base::forward(added);
  }
  return rules;
}

Result<std::unique_ptr<Script>> Script::open(std::filesystem::path path) {
  std::unique_ptr<Script> script(new Script(std::move(path)));
  if (auto read = script->read(); !read) return base::forward(read);
  return script;
}

Result<std::unique_ptr<Script>> Script::from_text(std::string_view json) {
  auto rules = Rules::parse(json);
  if (!rules) return base::forward(rules);
  std::unique_ptr<Script> script(new Script({}));
  script->rules_ = std::move(*rules);
  return script;
}

Result<void> Script::read() {
  std::error_code ignored;  // whoever reads a file that is away says so
  written_at_ = std::filesystem::last_write_time(path_, ignored);
  size_ = std::filesystem::file_size(path_, ignored);
  std::ifstream in(path_, std::ios::binary);
  if (!in) return wrong(path_.string() + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto rules = Rules::parse(text);
  if (!rules) return wrong(path_.string() + ": " + rules.error().detail);
  rules_ = std::move(*rules);
  return {};
}

void Script::read_if_changed() {
  if (path_.empty()) return;
  std::error_code ignored;
  if (std::filesystem::last_write_time(path_, ignored) == written_at_ &&
      std::filesystem::file_size(path_, ignored) == size_) {
    return;
  }
  if (const auto read_again = read(); !read_again)
    std::cerr << "fake-connections: " << read_again.error().detail << '\n';
}

Answer Script::answer(const std::string& user, const std::string& other) {
  const std::lock_guard lock(mutex_);
  read_if_changed();
  const auto rule = rules_.by_pair.find(std::minmax(user, other));
  return rule == rules_.by_pair.end() ? rules_.by_default.take() : rule->second.take();
}

}  // namespace fake_connections
