#include "script.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace fake_connections {
namespace {

std::vector<std::string> answers(Script& script, const std::string& one, const std::string& other, int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(script.answer(one, other).name);
  return names;
}

std::string problem(std::string_view json) {
  const auto rules = Rules::parse(json);
  return rules ? "" : rules.error().detail;
}

using Names = std::vector<std::string>;

TEST(Script, a_pair_has_its_answer_in_both_orders_and_others_the_default) {
  const auto script =
      Script::from_text(R"({"default":"UNAVAILABLE","pairs":[{"users":["b","a"],"answer":"yes","delayMs":7}]})")
          .value();
  EXPECT_EQ(script->answer("a", "b").name, "yes");
  EXPECT_EQ(script->answer("b", "a").delay, base::milliseconds(7));
  EXPECT_EQ(script->answer("a", "c").name, "UNAVAILABLE");
}

TEST(Script, that_is_empty_says_no) {
  EXPECT_EQ(Script::from_text("{}").value()->answer("a", "b").name, "no");
}

TEST(Script, several_answers_come_one_after_the_other_and_the_last_stays) {
  const auto script = Script::from_text(R"({"pairs":[{"users":["a","b"],"answers":["no",{"answer":"yes"}]}]})").value();
  EXPECT_EQ(answers(*script, "a", "b", 4), (Names{"no", "yes", "yes", "yes"}));
}

TEST(Script, repeated_answers_begin_again) {
  const auto script = Script::from_text(R"({"default":{"answers":["no","yes"],"repeat":true}})").value();
  EXPECT_EQ(answers(*script, "a", "b", 4), (Names{"no", "yes", "no", "yes"}));
}

TEST(Script, what_is_wrong_is_said_with_its_place) {
  EXPECT_NE(problem("x").find("no JSON"), std::string::npos);
  EXPECT_NE(problem(R"({"default":"maybe"})").find("default"), std::string::npos);
  EXPECT_NE(problem(R"({"pairs":[{"users":["a"],"answer":"yes"}]})").find("pairs[0].users"), std::string::npos);
  EXPECT_NE(problem(R"({"pairs":[{"users":["a","b"]}]})").find("pairs[0]"), std::string::npos);
  EXPECT_NE(problem(R"({"pairs":[{"users":["a","b"],"answers":["yes","OK"]}]})").find("pairs[0].answers[1]"),
            std::string::npos);
  EXPECT_NE(problem(R"({"default":{"answer":"yes","delayMs":-1}})").find("default.delayMs"), std::string::npos);
}

TEST(Script, a_changed_file_is_read_again_and_a_broken_one_is_not_obeyed) {
  const auto path = std::filesystem::path(testing::TempDir()) / "fake_connections_script.json";
  const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
  write(R"({"default":"yes"})");
  const auto script = Script::open(path).value();
  EXPECT_EQ(script->answer("a", "b").name, "yes");
  write(R"({"default":"no", "pairs":[]})");
  EXPECT_EQ(script->answer("a", "b").name, "no");
  write("{");
  EXPECT_EQ(script->answer("a", "b").name, "no");
  std::filesystem::remove(path);
  EXPECT_FALSE(Script::open(path));
}

}  // namespace
}  // namespace fake_connections
