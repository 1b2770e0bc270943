#include "net/request_parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/none.hpp>
#include <utility>

#include "net/ascii.hpp"

namespace net {
namespace {

namespace http = boost::beast::http;

constexpr unsigned version_1_1 = 11;

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::delete_:
      return Method::del;
    case http::verb::options:
      return Method::options;
    case http::verb::patch:
      return Method::patch;
    default:
      return Method::other;
  }
}

// "/path?query" of "http://host/path?query", a form that every server must take (RFC 9112, section 3.2.2). Empty:
// neither form.
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/') || target == "*") return target;
  const auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const auto scheme = target.substr(0, scheme_end);
  if (!ascii::equal(scheme, "http") && !ascii::equal(scheme, "https")) return {};
  const auto path = target.find('/', scheme_end + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

// Beast takes "5, 5" for 5, as RFC 9110 permits.
bool is_number(boost::beast::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == boost::beast::string_view::npos;
}

RequestParser::Status to_status(ChunkedBody::Status status) {
  switch (status) {
    case ChunkedBody::Status::incomplete:
      return RequestParser::Status::incomplete;
    case ChunkedBody::Status::complete:
      return RequestParser::Status::complete;
    case ChunkedBody::Status::malformed:
      return RequestParser::Status::malformed;
    case ChunkedBody::Status::too_large:
      return RequestParser::Status::body_too_large;
  }
  return RequestParser::Status::malformed;
}

}  // namespace

// The head alone: it is shown to Beast in one piece, and the body never.
struct RequestParser::Beast {
  http::request_parser<http::empty_body> parser;
};

RequestParser::RequestParser() = default;
RequestParser::~RequestParser() = default;

// Each byte is looked at once, in however small pieces the head arrives.
RequestParser::Status RequestParser::read_head(std::string& input) {
  for (;;) {
    const auto line_end = input.find('\n', scanned_);
    scanned_ = line_end == std::string::npos ? input.size() : line_end + 1;
    if (scanned_ > head_bytes_max) return Status::head_too_large;
    if (line_end == std::string::npos) return Status::incomplete;
    // Lines end with CR LF, never with LF alone.
    if (line_end == line_begin_ || input[line_end - 1] != '\r') return Status::malformed;
    const auto line = std::string_view(input).substr(line_begin_, line_end - 1 - line_begin_);
    line_begin_ = line_end + 1;
    if (line.empty() && lines_ == 0) {
      // Empty lines before a request are ignored (RFC 9112, section 2.2).
      input.erase(0, line_begin_);
      line_begin_ = scanned_ = 0;
      continue;
    }
    if (line.empty()) break;
    // A continuation line: obsolete, and read differently by different servers.
    if (line.front() == ' ' || line.front() == '\t') return Status::malformed;
    if (++lines_ > fields_max + 1) return Status::head_too_large;
  }
  const auto status = parse_head(std::string_view(input).substr(0, line_begin_));
  input.erase(0, line_begin_);
  return status;
}

RequestParser::Status RequestParser::parse_head(std::string_view text) {
  beast_ = std::make_unique<Beast>();
  auto& parser = beast_->parser;
  parser.header_limit(head_bytes_max);
  parser.body_limit(boost::none);
  boost::system::error_code failure;
  parser.put(boost::asio::const_buffer(text.data(), text.size()), failure);
  if (failure || !parser.is_header_done() || !has_one_meaning()) return Status::malformed;
  return Status::complete;
}

// Whether nobody can read this head in another way: where the body ends, and which host is meant.
bool RequestParser::has_one_meaning() const {
  const auto& message = beast_->parser.get();
  const bool is_1_1 = is_http_1_1();
  if (origin_form({message.target().data(), message.target().size()}).empty()) return false;
  const auto hosts = message.count(http::field::host);
  if (hosts > 1 || (is_1_1 && hosts == 0)) return false;
  const auto lengths = message.count(http::field::content_length);
  const auto encodings = message.count(http::field::transfer_encoding);
  if (encodings == 0) return lengths == 0 || (lengths == 1 && is_number(message[http::field::content_length]));
  const auto encoding = message[http::field::transfer_encoding];
  return encodings == 1 && lengths == 0 && is_1_1 && ascii::equal({encoding.data(), encoding.size()}, "chunked");
}

RequestHead RequestParser::take_head() {
  auto& message = beast_->parser.get();
  RequestHead head;
  head.method = method_of(message.method());
  const auto target = origin_form({message.target().data(), message.target().size()});
  const auto question = std::min(target.find('?'), target.size());
  head.path = target.substr(0, question);
  head.query = target.substr(std::min(question + 1, target.size()));
  head.keep_alive = message.keep_alive();
  for (const auto& field : message)
    head.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  return head;
}

bool RequestParser::is_http_1_1() const {
  return beast_->parser.get().version() == version_1_1;
}

bool RequestParser::announces_body() const {
  const auto& parser = beast_->parser;
  return parser.chunked() || parser.content_length().value_or(0) > 0;
}

bool RequestParser::limit_body(std::size_t bytes_max) {
  const auto& parser = beast_->parser;
  if (parser.chunked()) {
    chunked_.emplace(bytes_max);
    return true;
  }
  const auto length = parser.content_length().value_or(0);
  if (length > bytes_max) return false;
  body_bytes_ = static_cast<std::size_t>(length);
  return true;
}

RequestParser::Status RequestParser::read_body(std::string& input) {
  std::string_view rest = input;
  auto status = Status::incomplete;
  if (chunked_) {
    status = to_status(chunked_->read(rest, body_));
  } else {
    const auto taken = std::min(body_bytes_ - body_.size(), rest.size());
    body_.append(rest.substr(0, taken));
    rest.remove_prefix(taken);
    if (body_.size() == body_bytes_) status = Status::complete;
  }
  input.erase(0, input.size() - rest.size());
  return status;
}

std::string RequestParser::take_body() {
  return std::move(body_);
}

}  // namespace net
