// The settings of one process, parsed once: defaults < file < environment < flags. All problems are found together and
// named in one report. Immutable; any thread. The only place that reads the environment is config_sources.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "redis/options.hpp"
#include "redis/redis_adapter.hpp"

namespace app {

enum class Profile : std::uint8_t { development, production };

struct SqliteFile {
  std::string path;
};
struct PostgresServer {
  std::string url;  // may hold a password
};

// CONNECTIONS_URL=grpc://…
struct GrpcConnections {
  std::string address;  // host:port
  bool tls = false;
  // PEM files; empty: the system's authorities, no certificate of our own.
  std::string ca_file{};
  std::string certificate_file{};
  std::string key_file{};
};
struct FileConnections {
  std::string path;
};
struct OpenConnections {};

struct SharedSecret {
  std::string secret;
};
struct PublicKeyFile {
  std::string path;
};
struct JwksFile {
  std::string path;
};
// Development: made at first start, kept beside the database.
struct GeneratedSecret {};

struct Config {
  Profile profile = Profile::development;

  std::string host;
  std::uint16_t port = 0;
  std::size_t io_threads = 1;
  std::vector<std::string> cors_origins;
  std::vector<std::string> trusted_proxies;

  std::string grpc_host;
  std::uint16_t grpc_port = 0;
  // All three paths, or none.
  struct TlsFiles {
    std::string certificate;
    std::string key;
    std::string client_ca;
  };
  std::optional<TlsFiles> grpc_tls;

  std::string admin_host;
  std::uint16_t admin_port = 0;

  std::variant<SqliteFile, PostgresServer> database;
  int database_readers = 2;
  // For what this process makes by itself, in development: beside the database, if that is a file.
  std::string data_folder;
  struct Redis {
    redis::Options options;
    redis::AdapterProtocol protocol = redis::AdapterProtocol::classic;
  };
  // Nothing: one node, which shares nothing.
  std::optional<Redis> redis;
  std::variant<FileConnections, OpenConnections, GrpcConnections> connections;

  std::variant<GeneratedSecret, SharedSecret, PublicKeyFile, JwksFile> token_keys;
  std::string jwt_issuer;
  std::string jwt_audience;
  base::seconds jwt_leeway{30};

  bool rate_limits = true;
  std::size_t sockets_per_user_max = 20;
  std::size_t handshakes_per_address_per_second = 500;
  std::size_t sessions_max = 100'000;
  std::size_t payload_bytes_max = 128 * 1024;
  base::milliseconds ping_interval{25'000};
  base::milliseconds ping_timeout{20'000};
  base::milliseconds connect_timeout{10'000};
  base::seconds drain{0};
  base::log::Level log_level = base::log::Level::info;
};

// NAME -> value, as one source gives it. Names are those of config_keys(), and of secrets also NAME_FILE.
using ConfigValues = std::map<std::string, std::string, std::less<>>;

struct ConfigResult {
  Config config;
  // A sentence each: what is wrong, where it came from, what to do. Empty: good.
  std::vector<std::string> problems;
};

// Reads the file that MESSAGING_CONFIG names (in `environment` or `flags`), lays the sources over each other and checks
// everything.
[[nodiscard]] ConfigResult load_config(const ConfigValues& environment, const ConfigValues& flags);

// What the process was started with, for the names of config_keys().
[[nodiscard]] ConfigValues environment_values();

// Flat TOML: one key for each setting, in lower case. Problems (unreadable, unknown keys) are appended to `problems`.
[[nodiscard]] ConfigValues file_values(const std::string& path, std::vector<std::string>& problems);

}  // namespace app
