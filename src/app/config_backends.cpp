#include <filesystem>

#include "app/config_reader.hpp"

namespace app {
namespace {

// Where a development secret is kept if the database is not a file.
constexpr std::string_view default_data_folder = "data";

void read_database(ConfigReader& in, Config& config) {
  const auto url = in.text_or_file("DATABASE_URL");
  constexpr std::string_view sqlite_scheme = "sqlite:";
  config.database_readers = in.number<int>("DATABASE_READERS", 1, 64);
  config.data_folder = default_data_folder;
  if (url.starts_with(sqlite_scheme) && url.size() > sqlite_scheme.size()) {
    const auto path = url.substr(sqlite_scheme.size());
    config.database = SqliteFile{path};
    config.data_folder = std::filesystem::path(path).parent_path().string();
  } else if (url.starts_with("postgres://") || url.starts_with("postgresql://")) {
    config.database = PostgresServer{url};
  } else {
    // Not shown: it may hold a password.
    in.problem("DATABASE_URL: neither sqlite:<path> nor postgres://<user>:<password>@<host>:<port>/<database>");
  }
}

void read_redis(ConfigReader& in, Config& config) {
  const auto adapter = in.text("REDIS_ADAPTER");
  if (adapter != "classic" && adapter != "sharded") {
    in.problem("REDIS_ADAPTER: '" + adapter + "' is neither classic nor sharded");
  }
  const auto url = in.text_or_file("REDIS_URL");
  const auto ca_file = in.text("REDIS_TLS_CA_FILE");
  if (url == "none") return;
  if (std::holds_alternative<SqliteFile>(config.database)) {
    in.problem("REDIS_URL: several nodes need one database; DATABASE_URL names a file, which one process has alone");
  }
  auto options = redis::Options::parse(url);
  if (!options) {
    in.problem("REDIS_URL: " + options.error().detail);
    return;
  }
  if (!ca_file.empty() && !options->tls) {
    in.problem("REDIS_TLS_CA_FILE is set, but REDIS_URL does not ask for TLS: say rediss://");
  }
  options->ca_file = ca_file;
  config.redis = Config::Redis{
      .options = *std::move(options),
      .protocol = adapter == "sharded" ? redis::AdapterProtocol::sharded : redis::AdapterProtocol::classic};
}

void read_grpc_connections(ConfigReader& in, Config& config, std::string_view url) {
  GrpcConnections target;
  target.tls = url.starts_with("grpcs://");
  target.address = url.substr(url.find("://") + 3);
  if (target.address.find(':') == std::string::npos || target.address.ends_with(':')) {
    in.problem("CONNECTIONS_URL: '" + std::string(url) + "' lacks the port: grpc://<host>:<port>");
  }
  target.ca_file = in.text("CONNECTIONS_TLS_CA_FILE");
  target.certificate_file = in.text("CONNECTIONS_TLS_CERT_FILE");
  target.key_file = in.text("CONNECTIONS_TLS_KEY_FILE");
  if (target.certificate_file.empty() != target.key_file.empty()) {
    in.problem("CONNECTIONS_TLS_CERT_FILE and CONNECTIONS_TLS_KEY_FILE belong together: set both or none");
  }
  if (!target.tls && (!target.ca_file.empty() || !target.certificate_file.empty())) {
    in.problem("CONNECTIONS_TLS_… is set, but CONNECTIONS_URL does not ask for TLS: say grpcs://");
  }
  config.connections = std::move(target);
}

void read_connections(ConfigReader& in, Config& config) {
  const auto url = in.text("CONNECTIONS_URL");
  if (url.starts_with("file:") && url.size() > 5) {
    config.connections = FileConnections{url.substr(5)};
  } else if (url.starts_with("grpc://") || url.starts_with("grpcs://")) {
    read_grpc_connections(in, config, url);
  } else if (url == "open:") {
    config.connections = OpenConnections{};
    if (config.profile == Profile::production) {
      in.problem("CONNECTIONS_URL: open: lets everybody write to everybody and is refused in production");
    }
  } else {
    in.problem("CONNECTIONS_URL: '" + url +
               "' is none of grpc://<host>:<port>, grpcs://<host>:<port>, file:<path>, open:");
  }
}

}  // namespace

void read_backends(ConfigReader& in, Config& config) {
  read_database(in, config);
  read_redis(in, config);
  read_connections(in, config);
}

}  // namespace app
