#include "messaging/content_rules.hpp"

#include <gtest/gtest.h>

#include <string>

namespace messaging {
namespace {

const std::string selector_15 = "\xEF\xB8\x8E";
const std::string selector_16 = "\xEF\xB8\x8F";
const std::string heart = "\xE2\x9D\xA4";
const std::string rocket = "\xF0\x9F\x9A\x80";

std::string times(const std::string& text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

void expect_field_error(const base::Result<void>& checked) {
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, base::Errc::validation_failed);
  EXPECT_EQ(checked.error().field, "content");
}

void expect_invalid_content(const base::Result<void>& checked) {
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, base::Errc::invalid_content);
}

TEST(CountCharacters, code_points_of_every_length_count_one) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("abc"), 3U);
  EXPECT_EQ(count_characters("\xC3\xA4" + heart + rocket), 3U);
}

TEST(CountCharacters, a_variation_selector_behind_another_character_counts_nothing) {
  EXPECT_EQ(count_characters(heart + selector_16), 1U);
  EXPECT_EQ(count_characters(heart + selector_15), 1U);
  EXPECT_EQ(count_characters(rocket + selector_16), 1U);
  EXPECT_EQ(count_characters(heart + selector_16 + "a"), 2U);
}

TEST(CountCharacters, the_first_character_counts_even_as_a_selector) {
  EXPECT_EQ(count_characters(selector_16), 1U);
  EXPECT_EQ(count_characters(selector_16 + "a"), 2U);
}

TEST(CountCharacters, a_selector_behind_a_selector_counts) {
  EXPECT_EQ(count_characters(heart + selector_16 + selector_15), 2U);
  EXPECT_EQ(count_characters(selector_16 + selector_16), 2U);
  EXPECT_EQ(count_characters(heart + times(selector_16, 3)), 3U);
}

TEST(CountCharacters, neighbours_of_the_selectors_are_ordinary_characters) {
  EXPECT_EQ(count_characters("a\xEF\xB8\x8D"), 2U);  // U+FE0D
  EXPECT_EQ(count_characters("a\xEF\xB8\x90"), 2U);  // U+FE10
}

TEST(CheckContent, empty_is_a_field_error) {
  expect_field_error(check_content(""));
}

TEST(CheckContent, five_thousand_characters_pass_and_one_more_does_not) {
  EXPECT_TRUE(check_content(std::string(5000, 'x')));
  expect_field_error(check_content(std::string(5001, 'x')));
  EXPECT_TRUE(check_content(times(rocket, 5000)));
}

TEST(CheckContent, selectors_do_not_use_up_the_five_thousand) {
  EXPECT_TRUE(check_content(times("x" + selector_16, 5000)));
  expect_field_error(check_content(times("x" + selector_16, 4999) + "yz"));
}

TEST(CheckContent, twenty_thousand_bytes_pass_and_one_more_does_not) {
  // 4000 characters of five bytes and more: fewer than 5000, so that the bytes alone decide.
  const std::string exact = times("\xC3\xA4" + selector_16, 4000);
  EXPECT_EQ(exact.size(), content_bytes_max);
  EXPECT_TRUE(check_content(exact));
  expect_field_error(check_content(exact + "x"));
}

TEST(CheckContent, a_zero_character_is_invalid_content_wherever_it_stands) {
  expect_invalid_content(check_content(std::string(1, '\0')));
  expect_invalid_content(check_content(std::string("ab\0cd", 5)));
  expect_invalid_content(check_content(std::string("ab\0", 3)));
}

TEST(CheckContent, bytes_that_are_no_utf8_are_invalid_content) {
  expect_invalid_content(check_content("\xFF"));
  expect_invalid_content(check_content("ab\xC3"));
  expect_invalid_content(check_content("\xED\xA0\x80"));      // a lone surrogate, U+D800
  expect_invalid_content(check_content("\xC0\xAF"));          // overlong
  expect_invalid_content(check_content("\xF4\x90\x80\x80"));  // above U+10FFFF
}

TEST(CheckContent, other_control_characters_are_content) {
  EXPECT_TRUE(check_content("\x01\x7F\n\t\xE2\x80\xAE"));
}

}  // namespace
}  // namespace messaging
