#include "app/config.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <thread>

#include "app/config_keys.hpp"

namespace app {
namespace {

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = text.find(',');
    auto item = text.substr(0, comma);
    const auto first = item.find_first_not_of(" \t");
    if (first != std::string_view::npos)
      items.emplace_back(item.substr(first, item.find_last_not_of(" \t") - first + 1));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return items;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Looks values up layer by layer and collects what is wrong with them.
class Reader {
 public:
  Reader(ConfigValues values, std::vector<std::string> problems)
      : values_(std::move(values)), problems_(std::move(problems)) {}

  void problem(std::string sentence) { problems_.push_back(std::move(sentence)); }
  [[nodiscard]] std::vector<std::string> take_problems() { return std::move(problems_); }

  // What was given, even if empty; nothing where the default holds.
  [[nodiscard]] std::optional<std::string> given(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }
  [[nodiscard]] std::string text(std::string_view name) const {
    return given(name).value_or(std::string(find_config_key(name)->default_value));
  }

  template <class T>
  T number(std::string_view name, T low, T high) {
    const auto value = text(name);
    T parsed{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc() || end != value.data() + value.size() || parsed < low || parsed > high) {
      problem(std::string(name) + ": '" + value + "' is no whole number from " + std::to_string(low) + " to " +
              std::to_string(high));
      return low;
    }
    return parsed;
  }

  std::uint16_t port(std::string_view name) { return number<std::uint16_t>(name, 0, 65535); }
  base::milliseconds milliseconds(std::string_view name) {
    return base::milliseconds(number<std::int64_t>(name, 100, 600'000));
  }

  bool on_or_off(std::string_view name) {
    const auto value = text(name);
    if (value != "on" && value != "off") problem(std::string(name) + ": '" + value + "' is neither on nor off");
    return value == "on";
  }

  // NAME, or what stands in the file of NAME_FILE without a last line end.
  std::optional<std::string> secret(const std::string& name) {
    const auto direct = given(name);
    const auto file = given(name + "_FILE");
    if (direct && file) {
      problem(name + " and " + name + "_FILE are both set: set one");
      return std::nullopt;
    }
    if (!file) return direct;
    std::ifstream in(*file, std::ios::binary);
    std::string value{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in.good() && !in.eof()) {
      problem(name + "_FILE: cannot read '" + *file + "'");
      return std::nullopt;
    }
    while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
    return value;
  }

 private:
  ConfigValues values_;
  std::vector<std::string> problems_;
};

Profile read_profile(Reader& in) {
  const auto text = in.text("MESSAGING_PROFILE");
  if (text == "production") return Profile::production;
  if (text != "development") in.problem("MESSAGING_PROFILE: '" + text + "' is neither development nor production");
  return Profile::development;
}

void check_required(Reader& in, Profile profile) {
  if (profile != Profile::production) return;
  std::string missing;
  for (const auto& key : config_keys()) {
    if (!key.required_in_production || in.given(key.name)) continue;
    if (!missing.empty()) missing += ", ";
    missing += key.name;
  }
  if (!in.given("JWT_SECRET") && !in.given("JWT_SECRET_FILE") && !in.given("JWT_PUBLIC_KEY_FILE") &&
      !in.given("JWKS_FILE")) {
    if (!missing.empty()) missing += ", ";
    missing += "JWT_SECRET or JWT_PUBLIC_KEY_FILE or JWKS_FILE";
  }
  if (!missing.empty()) in.problem("MESSAGING_PROFILE=production needs these, which are not set: " + missing);
}

void read_listeners(Reader& in, Config& config) {
  config.host = in.text("HOST");
  config.port = in.port("PORT");
  config.io_threads = in.number<std::size_t>("IO_THREADS", 0, 256);
  if (config.io_threads == 0) config.io_threads = std::max(1u, std::thread::hardware_concurrency());
  config.cors_origins = split_list(in.text("CORS_ORIGINS"));
  config.trusted_proxies = split_list(in.text("TRUSTED_PROXIES"));
  config.admin_host = in.text("ADMIN_HOST");
  config.admin_port = in.port("ADMIN_PORT");
  config.grpc_host = in.text("GRPC_HOST");
  config.grpc_port = in.port("GRPC_PORT");
  const Config::TlsFiles files{in.text("GRPC_TLS_CERT_FILE"), in.text("GRPC_TLS_KEY_FILE"),
                               in.text("GRPC_TLS_CLIENT_CA_FILE")};
  const int count = !files.certificate.empty() + !files.key.empty() + !files.client_ca.empty();
  if (count == 3) config.grpc_tls = files;
  if (count == 1 || count == 2) {
    in.problem(
        "GRPC_TLS_CERT_FILE, GRPC_TLS_KEY_FILE and GRPC_TLS_CLIENT_CA_FILE belong together: set all three or none");
  }
  if (!config.grpc_tls && !is_loopback(config.grpc_host)) {
    in.problem("GRPC_HOST: '" + config.grpc_host +
               "' is not loopback; that needs GRPC_TLS_CERT_FILE, GRPC_TLS_KEY_FILE and GRPC_TLS_CLIENT_CA_FILE");
  }
}

void read_backends(Reader& in, Config& config) {
  const auto database = in.text("DATABASE_URL");
  if (database.starts_with("sqlite:") && database.size() > 7) {
    config.sqlite_path = database.substr(7);
  } else {
    in.problem("DATABASE_URL: this build knows sqlite:<path> only");
  }
  if (in.text("REDIS_URL") != "none")
    in.problem("REDIS_URL: this build knows 'none' only: one node that shares nothing");
  const auto adapter = in.text("REDIS_ADAPTER");
  if (adapter != "classic" && adapter != "sharded")
    in.problem("REDIS_ADAPTER: '" + adapter + "' is neither classic nor sharded");
  const auto connections = in.text("CONNECTIONS_URL");
  if (connections.starts_with("file:") && connections.size() > 5) {
    config.connections = FileConnections{connections.substr(5)};
  } else if (connections == "open:") {
    config.connections = OpenConnections{};
    if (config.profile == Profile::production) {
      in.problem("CONNECTIONS_URL: open: lets everybody write to everybody and is refused in production");
    }
  } else {
    in.problem("CONNECTIONS_URL: '" + connections + "' is neither file:<path> nor open:");
  }
}

void read_token_keys(Reader& in, Config& config) {
  const auto secret = in.secret("JWT_SECRET");
  const auto pem = in.text("JWT_PUBLIC_KEY_FILE");
  const auto jwks = in.text("JWKS_FILE");
  if (!in.text("JWKS_URL").empty())
    in.problem("JWKS_URL: this version fetches nothing; put the key set into a file and name it in JWKS_FILE");
  if ((secret ? 1 : 0) + !pem.empty() + !jwks.empty() > 1) {
    in.problem("JWT_SECRET, JWT_PUBLIC_KEY_FILE and JWKS_FILE exclude each other: set one");
  }
  if (secret) {
    if (secret->size() < 32)
      in.problem("JWT_SECRET: 32 bytes or more are needed, these are " + std::to_string(secret->size()));
    config.token_keys = SharedSecret{*secret};
  } else if (!pem.empty()) {
    config.token_keys = PublicKeyFile{pem};
  } else if (!jwks.empty()) {
    config.token_keys = JwksFile{jwks};
  }
  config.jwt_issuer = in.text("JWT_ISSUER");
  config.jwt_audience = in.text("JWT_AUDIENCE");
  config.jwt_leeway = base::seconds(in.number<int>("JWT_LEEWAY_SECONDS", 0, 300));
}

void read_limits(Reader& in, Config& config) {
  config.rate_limits = in.on_or_off("RATE_LIMITS");
  config.sockets_per_user_max = in.number<std::size_t>("SOCKETS_PER_USER_MAX", 1, 10'000);
  config.handshakes_per_address_per_second = in.number<std::size_t>("HANDSHAKES_PER_ADDRESS_PER_SECOND", 1, 100'000);
  config.sessions_max = in.number<std::size_t>("SESSIONS_MAX", 1, 10'000'000);
  config.payload_bytes_max = in.number<std::size_t>("PAYLOAD_BYTES_MAX", 1024, 16'777'216);
  config.ping_interval = in.milliseconds("PING_INTERVAL_MS");
  config.ping_timeout = in.milliseconds("PING_TIMEOUT_MS");
  config.connect_timeout = in.milliseconds("CONNECT_TIMEOUT_MS");
  config.drain = base::seconds(in.number<int>("DRAIN_SECONDS", 0, 20));
}

void read_log_level(Reader& in, Config& config) {
  using base::log::Level;
  const auto text = in.text("LOG_LEVEL");
  if (text == "debug")
    config.log_level = Level::debug;
  else if (text == "info")
    config.log_level = Level::info;
  else if (text == "warn")
    config.log_level = Level::warn;
  else if (text == "error")
    config.log_level = Level::error;
  else if (text == "off")
    config.log_level = Level::off;
  else
    in.problem("LOG_LEVEL: '" + text + "' is none of debug, info, warn, error, off");
}

void lay_over(ConfigValues& values, const ConfigValues& layer) {
  for (const auto& key : config_keys()) {
    if (!key.is_secret) continue;
    // A secret given one way replaces what an earlier layer gave the other way.
    const std::string name(key.name);
    if (!layer.contains(name) && !layer.contains(name + "_FILE")) continue;
    values.erase(name);
    values.erase(name + "_FILE");
  }
  for (const auto& [name, value] : layer) values.insert_or_assign(name, value);
}

}  // namespace

ConfigResult load_config(const ConfigValues& environment, const ConfigValues& flags) {
  std::vector<std::string> problems;
  ConfigValues values;
  const auto path_in = [](const ConfigValues& source) {
    const auto found = source.find("MESSAGING_CONFIG");
    return found == source.end() ? std::string() : found->second;
  };
  const auto path = path_in(flags).empty() ? path_in(environment) : path_in(flags);
  if (!path.empty()) values = file_values(path, problems);
  for (const auto* layer : {&environment, &flags}) lay_over(values, *layer);

  Reader in(std::move(values), std::move(problems));
  ConfigResult result;
  result.config.profile = read_profile(in);
  check_required(in, result.config.profile);
  read_listeners(in, result.config);
  read_backends(in, result.config);
  read_token_keys(in, result.config);
  read_limits(in, result.config);
  read_log_level(in, result.config);
  result.problems = in.take_problems();
  return result;
}

}  // namespace app
