#include "app/config.hpp"

#include <algorithm>
#include <thread>

#include "app/config_keys.hpp"
#include "app/config_reader.hpp"

namespace app {
namespace {

Profile read_profile(ConfigReader& in) {
  const auto text = in.text("MESSAGING_PROFILE");
  if (text == "production") return Profile::production;
  if (text != "development") in.problem("MESSAGING_PROFILE: '" + text + "' is neither development nor production");
  return Profile::development;
}

void check_required(ConfigReader& in, Profile profile) {
  if (profile != Profile::production) return;
  std::string missing;
  for (const auto& key : config_keys()) {
    if (!key.required_in_production || in.given(key.name)) continue;
    if (key.has_file_form() && in.given(std::string(key.name) + "_FILE")) continue;
    if (!missing.empty()) missing += ", ";
    missing += key.name;
  }
  const auto has = [&in](std::string_view name) { return !in.given(name).value_or("").empty(); };
  if (!has("JWT_SECRET") && !has("JWT_SECRET_FILE") && !has("JWT_PUBLIC_KEY_FILE") && !has("JWKS_FILE")) {
    if (!missing.empty()) missing += ", ";
    missing += "JWT_SECRET or JWT_PUBLIC_KEY_FILE or JWKS_FILE";
  }
  if (!missing.empty()) in.problem("MESSAGING_PROFILE=production needs these, which are not set: " + missing);
}

void read_listeners(ConfigReader& in, Config& config) {
  config.host = in.text("HOST");
  config.port = in.port("PORT");
  config.io_threads = in.number<std::size_t>("IO_THREADS", 0, 256);
  if (config.io_threads == 0) config.io_threads = std::max(1u, std::thread::hardware_concurrency());
  config.cors_origins = in.list("CORS_ORIGINS");
  config.trusted_proxies = in.list("TRUSTED_PROXIES");
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

void read_token_keys(ConfigReader& in, Config& config) {
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

void read_limits(ConfigReader& in, Config& config) {
  config.rate_limits = in.on_or_off("RATE_LIMITS");
  config.sockets_per_user_max = in.number<std::size_t>("SOCKETS_PER_USER_MAX", 1, 10'000);
  config.handshakes_per_address_per_second = in.number<std::size_t>("HANDSHAKES_PER_ADDRESS_PER_SECOND", 1, 100'000);
  config.sessions_max = in.number<std::size_t>("SESSIONS_MAX", 1, 10'000'000);
  config.payload_bytes_max = in.number<std::size_t>("PAYLOAD_BYTES_MAX", 1024, 16'777'216);
  config.ping_interval = in.milliseconds("PING_INTERVAL_MS");
  config.ping_timeout = in.milliseconds("PING_TIMEOUT_MS");
  config.connect_timeout = in.milliseconds("CONNECT_TIMEOUT_MS");
  // A development server has one or two clients, and whoever stops it waits for it.
  constexpr base::seconds drain_in_production{15};
  config.drain = base::seconds(in.number<int>("DRAIN_SECONDS", 0, 20));
  if (config.profile == Profile::production && !in.given("DRAIN_SECONDS")) config.drain = drain_in_production;
}

void read_log_level(ConfigReader& in, Config& config) {
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
    if (!key.has_file_form()) continue;
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

  ConfigReader in(std::move(values), std::move(problems));
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
