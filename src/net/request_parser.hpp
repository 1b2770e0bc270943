// HTTP/1.1 requests out of bytes, without I/O. The head is first checked line by line here for what request smuggling
// lives on (RFC 9112, section 11.2), where a lenient parser and a proxy in front could disagree; then Beast parses it,
// and the body. One object per request; it may move between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/chunked_body.hpp"
#include "net/http.hpp"

namespace net {

class RequestParser {
 public:
  static constexpr std::size_t head_bytes_max = 16 * 1024;
  static constexpr std::size_t fields_max = 100;

  enum class Status : std::uint8_t { incomplete, complete, malformed, head_too_large, body_too_large };

  RequestParser();
  ~RequestParser();

  // Reads the head at the beginning of `input` once all of it is there, and takes it off. `input` must only grow
  // between calls.
  [[nodiscard]] Status read_head(std::string& input);

  // After a complete head:
  [[nodiscard]] RequestHead take_head();
  [[nodiscard]] bool is_http_1_1() const;
  [[nodiscard]] bool announces_body() const;
  // Before the body is read. False where the announced length is larger already.
  [[nodiscard]] bool limit_body(std::size_t bytes_max);

  // Takes as much of the body off `input` as is there.
  [[nodiscard]] Status read_body(std::string& input);
  [[nodiscard]] std::string take_body();

 private:
  struct Beast;

  [[nodiscard]] Status parse_head(std::string_view text);
  [[nodiscard]] bool has_one_meaning() const;

  std::size_t line_begin_ = 0;  // of the first line that is not complete
  std::size_t scanned_ = 0;     // no line ends before it that was not seen
  std::size_t lines_ = 0;       // the request line and the fields
  std::unique_ptr<Beast> beast_;
  std::size_t body_bytes_ = 0;          // announced by Content-Length
  std::optional<ChunkedBody> chunked_;  // where the body is chunked instead
  std::string body_;
};

}  // namespace net
