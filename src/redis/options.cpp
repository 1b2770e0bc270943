#include "redis/options.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace redis {
namespace {

std::unexpected<base::Error> refuse(std::string sentence) {
  return base::fail(base::Errc::validation_failed, std::move(sentence));
}

std::optional<int> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    if (text.front() != '%') {
      decoded += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3) return std::nullopt;
    const auto high = hex_digit(text[1]);
    const auto low = hex_digit(text[2]);
    if (!high || !low) return std::nullopt;
    decoded += static_cast<char>(*high * 16 + *low);
    text.remove_prefix(3);
  }
  return decoded;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number least, Number most) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return std::nullopt;
  }
  return number;
}

// host, host:port, [v6], [v6]:port
base::Result<Endpoint> parse_endpoint(std::string_view text) {
  Endpoint endpoint;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return refuse("REDIS_URL: an IPv6 address lacks its closing bracket.");
    endpoint.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return refuse("REDIS_URL: only :port may follow the host.");
  } else {
    const auto colon = text.find(':');
    endpoint.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (endpoint.host.empty()) return refuse("REDIS_URL: a host is missing.");
  if (port.empty()) return endpoint;
  const auto number = parse_number<std::uint16_t>(port.substr(1), 1, 65'535);
  if (!number) return refuse("REDIS_URL: a port is a number from 1 to 65535.");
  endpoint.port = *number;
  return endpoint;
}

// One of the URLs between the commas. What it leaves out is as in the first.
struct Node {
  Endpoint endpoint{};
  std::optional<bool> tls{};
  std::optional<std::string> username{};
  std::optional<std::string> password{};
  int database = 0;
};

base::Result<Node> parse_node(std::string_view text) {
  Node node;
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    const auto name = text.substr(0, scheme);
    if (name != "redis" && name != "rediss") return refuse("REDIS_URL begins with redis:// or rediss://.");
    node.tls = name == "rediss";
    text.remove_prefix(scheme + 3);
  }
  // A password may hold an @ that nobody encoded.
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    const auto login = text.substr(0, at);
    const auto colon = login.find(':');
    if (colon == std::string_view::npos) return refuse("REDIS_URL: the login is user:password@ or :password@.");
    node.username = percent_decoded(login.substr(0, colon));
    node.password = percent_decoded(login.substr(colon + 1));
    if (!node.username || !node.password) return refuse("REDIS_URL: the login has an incomplete %-sequence.");
    text.remove_prefix(at + 1);
  }
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto path = text.substr(slash + 1);
    // Redis has 16 databases by default; a configuration may raise that, hardly beyond this.
    const auto database = path.empty() ? 0 : parse_number<int>(path, 0, 65'535);
    if (!database) return refuse("REDIS_URL: what follows the host is /<number of the database>.");
    node.database = *database;
    text = text.substr(0, slash);
  }
  auto endpoint = parse_endpoint(text);
  if (!endpoint) return base::forward(endpoint);
  node.endpoint = std::move(*endpoint);
  return node;
}

// What every URL says of the whole must be the same in each that says it.
base::Result<void> merge(Options& options, Node node, bool is_first) {
  if (is_first) {
    if (!node.tls) return refuse("REDIS_URL begins with redis:// or rediss://.");
    options.tls = *node.tls;
    options.username = node.username.value_or("");
    options.password = node.password.value_or("");
    options.database = node.database;
  } else if (node.tls.value_or(options.tls) != options.tls) {
    return refuse("REDIS_URL: all nodes of a cluster speak TLS, or none.");
  } else if (node.username.value_or(options.username) != options.username ||
             node.password.value_or(options.password) != options.password) {
    return refuse("REDIS_URL: all nodes of a cluster have one login.");
  }
  if (std::ranges::find(options.endpoints, node.endpoint) != options.endpoints.end()) {
    return refuse("REDIS_URL names a node twice.");
  }
  options.endpoints.push_back(std::move(node.endpoint));
  options.is_cluster = options.endpoints.size() > 1;
  if (options.is_cluster && (options.database != 0 || node.database != 0)) {
    return refuse("REDIS_URL: a cluster has only the database 0.");
  }
  return {};
}

}  // namespace

base::Result<Options> Options::parse(std::string_view url) {
  Options options;
  for (bool is_first = true;; is_first = false) {
    const auto comma = url.find(',');
    auto node = parse_node(url.substr(0, comma));
    if (!node) return base::forward(node);
    if (auto merged = merge(options, std::move(*node), is_first); !merged) return base::forward(merged);
    if (comma == std::string_view::npos) return options;
    url.remove_prefix(comma + 1);
  }
}

}  // namespace redis
