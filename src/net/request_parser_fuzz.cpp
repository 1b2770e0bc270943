// Whatever a client sends as HTTP, and however it is cut into segments: the parser comes to the same requests, and
// holds back no more input than its limits. The first input byte chooses the segments.
#include <cstdlib>
#include <memory>
#include <string>

#include "net/request_parser.hpp"

namespace {

using net::RequestParser;
using Status = RequestParser::Status;

constexpr std::size_t body_bytes_max = 256;

class Connection {
 public:
  void receive(std::string_view segment) {
    if (is_broken_) return;
    input_ += segment;
    while (!is_broken_ && !input_.empty() && step()) {
    }
    if (!is_broken_ && input_.size() > 2 * RequestParser::head_bytes_max) std::abort();
  }
  std::string outcome;

 private:
  // Whether more may be found in the input.
  bool step() {
    if (!parser_) parser_ = std::make_unique<RequestParser>();
    const auto status = reads_body_ ? parser_->read_body(input_) : parser_->read_head(input_);
    if (status == Status::incomplete) return false;
    if (status != Status::complete) {
      is_broken_ = true;
      outcome += "!" + std::to_string(static_cast<int>(status));
      return false;
    }
    if (!reads_body_) {
      const auto head = parser_->take_head();
      outcome += head.path + '?' + head.query + '\n';
      for (const auto& header : head.headers) outcome += header.name + ':' + header.value + '\n';
      is_broken_ = !parser_->limit_body(body_bytes_max);
      reads_body_ = parser_->announces_body();
    } else {
      const auto body = parser_->take_body();
      if (body.size() > body_bytes_max) std::abort();
      outcome += body;
      reads_body_ = false;
    }
    if (!reads_body_) parser_.reset();
    return true;
  }

  std::string input_;
  std::unique_ptr<RequestParser> parser_;
  bool reads_body_ = false;
  bool is_broken_ = false;
};

std::string read(std::string_view bytes, std::size_t piece) {
  Connection connection;
  for (std::size_t at = 0; at < bytes.size(); at += piece) connection.receive(bytes.substr(at, piece));
  return connection.outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read(bytes, bytes.size());
  if (read(bytes, data[0] % 31U + 1U) != whole) std::abort();
  if (read(bytes, 1) != whole) std::abort();
  return 0;
}
