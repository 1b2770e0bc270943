#include "engineio/reply.hpp"

#include <iterator>

namespace engineio {
namespace {

// Long enough for a balancer to look elsewhere, short enough not to be felt after a deploy.
constexpr std::string_view retry_after_seconds = "2";

}  // namespace

std::string_view to_string(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::transport_unknown:
      return "Transport unknown";
    case Refusal::session_unknown:
      return "Session ID unknown";
    case Refusal::bad_handshake_method:
      return "Bad handshake method";
    case Refusal::bad_request:
      return "Bad request";
    case Refusal::forbidden:
      return "Forbidden";
    case Refusal::unsupported_protocol:
      return "Unsupported protocol version";
  }
  return "Bad request";
}

net::Response json_refusal(Refusal refusal) {
  std::string body = R"({"code":)";
  body += static_cast<char>('0' + static_cast<int>(refusal));
  body += R"(,"message":")";
  body += to_string(refusal);
  body += R"("})";
  return {.status = refusal == Refusal::forbidden ? 403U : 400U,
          .headers = {{"Content-Type", "application/json"}},
          .body = std::move(body)};
}

net::Response upgrade_refusal(Refusal refusal) {
  return {.status = 400,
          .headers = {{"Content-Type", "text/html"}},
          .body = std::string(to_string(refusal)),
          .close = true};
}

net::Response unavailable(std::string_view sentence) {
  return {.status = 503,
          .headers = {{"Content-Type", "text/plain; charset=UTF-8"}, {"Retry-After", std::string(retry_after_seconds)}},
          .body = std::string(sentence)};
}

void Reply::payload(std::string body) {
  send({.headers = {{"Content-Type", "text/plain; charset=UTF-8"}, {"Cache-Control", "no-store"}},
        .body = std::move(body)});
}

void Reply::ok() {
  send({.headers = {{"Content-Type", "text/html"}, {"Cache-Control", "no-store"}}, .body = "ok"});
}

void Reply::send(net::Response response) {
  std::ranges::move(cors_headers_, std::back_inserter(response.headers));
  cors_headers_.clear();
  exchange_.respond(std::move(response));
}

}  // namespace engineio
