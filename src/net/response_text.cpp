#include "net/response_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "net/ascii.hpp"

namespace net {
namespace {

constexpr unsigned no_content = 204;
constexpr unsigned not_modified = 304;

// Clients go by the number; people who read a capture go by the phrase. Unknown ones have none, as RFC 9112 permits.
std::string_view reason_of(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case no_content:
      return "No Content";
    case not_modified:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

bool can_be_sent(const Header& header) {
  const auto ends_line = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  const auto is_name_character = [](char c) { return c > ' ' && c < 0x7f && c != ':'; };
  return !header.name.empty() && std::ranges::all_of(header.name, is_name_character) &&
         std::ranges::none_of(header.value, ends_line);
}

// Written here alone: two of a kind are how responses get split.
bool is_ours(const Header& header) {
  return std::ranges::any_of(
      std::to_array<std::string_view>({"content-length", "connection", "date", "transfer-encoding"}),
      [&](std::string_view name) { return ascii::equal(header.name, name); });
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string to_text(const Response& response, ResponseForm form, base::SystemTime now) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  out.append(reason_of(response.status)).append("\r\n");
  for (const auto& header : response.headers) {
    if (can_be_sent(header) && !is_ours(header)) append_header(out, header.name, header.value);
  }
  append_header(out, "Date", to_http_date(now));
  append_header(out, "Connection", form.closes ? "close" : "keep-alive");
  const bool has_content = response.status != no_content && response.status != not_modified;
  if (has_content) append_header(out, "Content-Length", std::to_string(response.body.size()));
  out += "\r\n";
  if (has_content && !form.without_body) out += response.body;
  return out;
}

std::string to_http_date(base::SystemTime time) {
  constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<base::seconds>(time - day));
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                   weekdays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                                   months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                                   static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                                   static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace net
