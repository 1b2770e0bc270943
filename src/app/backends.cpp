#include "app/backends.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "app/open_connections.hpp"
#include "app/token_keys.hpp"
#include "postgres/postgres_database.hpp"
#include "postgres/server_url.hpp"
#include "sqlite/sqlite_database.hpp"

namespace app {
namespace {

using std::expected;
using std::unexpected;

unexpected<StartFailure> cannot_start(std::string sentence, ExitCode code) {
  return unexpected(StartFailure{std::move(sentence), code});
}

// Reads what a setting names; an empty path is an empty text.
expected<void, StartFailure> read_pem(std::string_view setting, const std::string& path, std::string& text) {
  if (path.empty()) return {};
  std::ifstream in(path, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  if (!text.empty()) return {};
  return cannot_start(std::string(setting) + ": cannot read '" + path + "'", exit_configuration);
}

expected<rpc::RpcTls, StartFailure> read_rpc_tls(const Config& config) {
  rpc::RpcTls tls;
  if (!config.grpc_tls) return tls;
  for (const auto& [setting, path, text] :
       {std::tuple<std::string_view, const std::string&, std::string&>{
            "GRPC_TLS_CERT_FILE", config.grpc_tls->certificate, tls.certificate_chain},
        {"GRPC_TLS_KEY_FILE", config.grpc_tls->key, tls.private_key},
        {"GRPC_TLS_CLIENT_CA_FILE", config.grpc_tls->client_ca, tls.client_ca}}) {
    if (auto read = read_pem(setting, path, text); !read) return unexpected(read.error());
  }
  return tls;
}

// Tokens for the page: only where this process can sign, and only where nobody else can reach it.
expected<std::optional<DevelopmentTokens>, StartFailure> development_tokens(const Config& config) {
  const bool on_loopback = config.host == "localhost" || config.host == "::1" || config.host.starts_with("127.");
  if (config.profile != Profile::development || !on_loopback) return std::nullopt;
  DevelopmentTokens tokens{.secret = {}, .issuer = config.jwt_issuer, .audience = config.jwt_audience};
  if (const auto* shared = std::get_if<SharedSecret>(&config.token_keys)) {
    tokens.secret = shared->secret;
    return tokens;
  }
  if (!std::holds_alternative<GeneratedSecret>(config.token_keys)) return std::nullopt;
  auto secret = development_secret(config.data_folder);
  if (!secret) return cannot_start(secret.error().detail, exit_configuration);
  tokens.secret = std::move(*secret);
  return tokens;
}

expected<void, StartFailure> open_file_connections(const FileConnections& file, Backends& backends) {
  auto client = FileConnectionsClient::open(file.path);
  if (!client) return cannot_start("CONNECTIONS_URL: " + client.error().detail, exit_configuration);
  backends.file_connections = client->get();
  backends.connections = std::move(*client);
  return {};
}

// Does not wait for the service: a node serves everything but undecided pairs without it.
expected<void, StartFailure> open_grpc_connections(const GrpcConnections& settings, const base::Clock& clock,
                                                   Backends& backends) {
  rpc::ConnectionsTarget target{.address = settings.address, .tls = settings.tls};
  for (const auto& [setting, path, text] :
       {std::tuple<std::string_view, const std::string&, std::string&>{"CONNECTIONS_TLS_CA_FILE", settings.ca_file,
                                                                       target.ca_certificates},
        {"CONNECTIONS_TLS_CERT_FILE", settings.certificate_file, target.client_certificate},
        {"CONNECTIONS_TLS_KEY_FILE", settings.key_file, target.client_key}}) {
    if (auto read = read_pem(setting, path, text); !read) return unexpected(read.error());
  }
  auto client = std::make_unique<rpc::GrpcConnectionsClient>(std::move(target), rpc::CircuitBreaker::Settings{}, clock);
  backends.grpc_connections = client.get();
  backends.connections = std::move(client);
  return {};
}

expected<void, StartFailure> open_connections(const Config& config, const base::Clock& clock, Backends& backends) {
  if (const auto* file = std::get_if<FileConnections>(&config.connections)) {
    return open_file_connections(*file, backends);
  }
  if (const auto* service = std::get_if<GrpcConnections>(&config.connections)) {
    return open_grpc_connections(*service, clock, backends);
  }
  backends.connections = std::make_unique<OpenConnectionsClient>();
  return {};
}

// In production the schema changes when `messagingd migrate` is run, not when a new version happens to start.
expected<void, StartFailure> open_database(const Config& config, const base::Clock& clock, Backends& backends) {
  const bool apply_migrations = config.profile == Profile::development;
  const auto keep = [&backends](auto opened) -> expected<void, StartFailure> {
    if (!opened) return cannot_start("DATABASE_URL: " + opened.error().detail, exit_unavailable);
    backends.database = std::move(*opened);
    return {};
  };
  if (const auto* server = std::get_if<PostgresServer>(&config.database)) {
    if (auto readable = postgres::check_url(server->url); !readable) {
      return cannot_start("DATABASE_URL: " + readable.error().detail, exit_configuration);
    }
    return keep(postgres::PostgresDatabase::open(
        {.url = server->url, .readers = config.database_readers, .apply_migrations = apply_migrations}, clock,
        backends.io_threads->all()));
  }
  return keep(sqlite::SqliteDatabase::open({.path = std::get<SqliteFile>(config.database).path,
                                            .readers = config.database_readers,
                                            .apply_migrations = apply_migrations},
                                           clock));
}

}  // namespace

expected<Backends, StartFailure> open_backends(const Config& config, const base::Clock& clock) {
  Backends backends;
  auto keys = load_token_keys(config);
  if (!keys) return cannot_start("tokens cannot be verified: " + keys.error().detail, exit_configuration);
  backends.keys = std::move(*keys);

  auto tls = read_rpc_tls(config);
  if (!tls) return unexpected(tls.error());
  backends.rpc_tls = std::move(*tls);

  auto tokens = development_tokens(config);
  if (!tokens) return unexpected(tokens.error());
  backends.development_tokens = std::move(*tokens);

  backends.io_threads = std::make_unique<IoThreads>(clock, config.io_threads);
  if (auto opened = open_connections(config, clock, backends); !opened) return unexpected(opened.error());
  if (auto opened = open_database(config, clock, backends); !opened) return unexpected(opened.error());
  if (!config.redis) return backends;
  try {
    backends.redis = std::make_unique<RedisBackend>(clock, backends.io_threads->first(), *config.redis);
  } catch (const std::runtime_error& error) {
    // The file of authorities is all that can be wrong by now: nothing was connected yet.
    return cannot_start(std::string("REDIS_TLS_CA_FILE: ") + error.what(), exit_configuration);
  }
  return backends;
}

}  // namespace app
