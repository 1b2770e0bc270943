// Where Redis is and how to speak to it: REDIS_URL, parsed. A value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace redis {

struct Endpoint {
  std::string host;
  std::uint16_t port = 6379;
  bool operator==(const Endpoint&) const = default;
};

struct Options {
  // One: a single server. Several: nodes of one Redis Cluster, of which some may be away; the others are found through
  // them.
  std::vector<Endpoint> endpoints;
  bool is_cluster = false;
  bool tls = false;
  // PEM file of who signs the servers' certificates; empty: the system's. With TLS the certificate and its name are
  // always checked.
  std::string ca_file;
  std::string username;
  std::string password;  // secret
  int database = 0;      // 0 with a cluster
  // Before every key and channel of this service's own (not those whose names the contract fixes).
  std::string key_prefix = "messagingd";

  // redis://[user:password@]host[:port][/database], rediss:// for TLS; several separated by commas. The failure's
  // detail is a sentence for the operator, without the password.
  [[nodiscard]] static base::Result<Options> parse(std::string_view url);
};

}  // namespace redis
