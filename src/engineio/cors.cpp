#include "engineio/cors.hpp"

#include <algorithm>
#include <utility>

#include "net/ascii.hpp"

namespace engineio {
namespace {

// The scheme is not compared: behind a proxy that ends TLS it is unknown here.
bool is_same_origin(const net::RequestHead& head, std::string_view origin) {
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return false;
  return net::ascii::equal(origin.substr(scheme_end + 3), head.header("Host"));
}

}  // namespace

CorsPolicy::CorsPolicy(std::vector<std::string> origins)
    : origins_(std::move(origins)), allows_any_(std::ranges::find(origins_, "*") != origins_.end()) {}

bool CorsPolicy::is_listed(std::string_view origin) const {
  return allows_any_ ||
         std::ranges::any_of(origins_, [&](const std::string& listed) { return net::ascii::equal(listed, origin); });
}

std::vector<net::Header> CorsPolicy::headers(std::string_view origin) const {
  if (origins_.empty()) return {};
  if (allows_any_) return {{"Access-Control-Allow-Origin", "*"}};
  std::vector<net::Header> headers;
  if (origins_.size() == 1) {
    headers.push_back({"Access-Control-Allow-Origin", origins_.front()});
  } else if (is_listed(origin)) {
    headers.push_back({"Access-Control-Allow-Origin", std::string(origin)});
  }
  headers.push_back({"Vary", "Origin"});
  headers.push_back({"Access-Control-Allow-Credentials", "true"});
  return headers;
}

net::Response CorsPolicy::preflight(const net::RequestHead& head) const {
  net::Response response{.status = 204, .headers = headers(head.header("Origin"))};
  const std::string_view requested = head.header("Access-Control-Request-Headers");
  const auto vary = std::ranges::find(response.headers, "Vary", &net::Header::name);
  if (vary == response.headers.end()) {
    response.headers.push_back({"Vary", "Access-Control-Request-Headers"});
  } else {
    vary->value += ", Access-Control-Request-Headers";
  }
  response.headers.push_back({"Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"});
  if (!requested.empty()) response.headers.push_back({"Access-Control-Allow-Headers", std::string(requested)});
  return response;
}

bool CorsPolicy::permits_websocket(const net::RequestHead& head) const {
  const std::string_view origin = head.header("Origin");
  return origin.empty() || is_listed(origin) || is_same_origin(head, origin);
}

bool CorsPolicy::permits_polling(const net::RequestHead& head) const {
  return is_configured() || permits_websocket(head);
}

}  // namespace engineio
