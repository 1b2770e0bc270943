#include "base/trace.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "base/random.hpp"

namespace base {
namespace {

// version "-" trace-id "-" parent-id "-" flags, of version 00; later versions may append more behind another "-".
constexpr std::size_t traceparent_length = 55;

std::optional<std::uint8_t> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto high = hex_digit(text[2 * i]);
    const auto low = hex_digit(text[2 * i + 1]);
    if (!high || !low) return false;
    out[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return true;
}

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

// Takes over the trace of a well-formed traceparent.
bool continue_trace(std::string_view text, TraceContext& trace) noexcept {
  if (text.size() < traceparent_length) return false;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> parent_id{};
  std::array<std::uint8_t, 1> flags{};
  if (!read_hex(text.substr(0, 2), version) || !read_hex(text.substr(3, 32), trace_id) ||
      !read_hex(text.substr(36, 16), parent_id) || !read_hex(text.substr(53, 2), flags)) {
    return false;
  }
  if (version[0] == 0xff || (version[0] == 0 && text.size() != traceparent_length)) return false;
  if (text.size() > traceparent_length && text[traceparent_length] != '-') return false;
  if (std::ranges::count(trace_id, 0) == 16 || std::ranges::count(parent_id, 0) == 8) return false;
  trace.trace_id = trace_id;
  trace.is_sampled = (flags[0] & 1) != 0;
  return true;
}

}  // namespace

TraceContext TraceContext::from(std::string_view traceparent) {
  TraceContext trace;
  if (!continue_trace(traceparent, trace)) fill_random(trace.trace_id);
  fill_random(trace.span_id);
  return trace;
}

std::string TraceContext::to_traceparent() const {
  if (!is_set()) return {};
  std::string text = "00-";
  text.reserve(traceparent_length);
  append_hex(text, trace_id);
  text += '-';
  append_hex(text, span_id);
  text += is_sampled ? "-01" : "-00";
  return text;
}

std::string TraceContext::request_id() const {
  std::string text;
  if (is_set()) append_hex(text, trace_id);
  return text;
}

}  // namespace base
