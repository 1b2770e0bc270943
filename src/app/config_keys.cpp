#include "app/config_keys.hpp"

#include <algorithm>
#include <array>

namespace app {
namespace {

using Secrecy = ConfigKey::Secrecy;

constexpr auto keys = std::to_array<ConfigKey>({
    {"MESSAGING_PROFILE", "development", "development or production"},
    {"HOST", "127.0.0.1", "address that Socket.IO listens on"},
    {"PORT", "3000", "port of Socket.IO; in development also of the demo page", true},
    {"IO_THREADS", "0", "threads for connections; 0: one for each core"},
    {"GRPC_HOST", "127.0.0.1", "address that gRPC listens on; beyond loopback only with certificates for both sides"},
    {"GRPC_PORT", "50051", "port of gRPC", true},
    {"GRPC_TLS_CERT_FILE", "", "PEM file: this server's certificate"},
    {"GRPC_TLS_KEY_FILE", "", "PEM file: the certificate's key"},
    {"GRPC_TLS_CLIENT_CA_FILE", "", "PEM file: who signs the callers' certificates"},
    {"ADMIN_HOST", "127.0.0.1", "address of the admin port"},
    {"ADMIN_PORT", "9464", "port of /healthz, /readyz and /metrics"},
    {"DATABASE_URL", "sqlite:data/messaging.db",
     "sqlite:<path>: a file that one process has alone; or postgres://<user>:<password>@<host>:<port>/<database>, with "
     "libpq's parameters (sslmode=verify-full, sslrootcert=…)",
     true, Secrecy::may_hold_secret},
    {"DATABASE_READERS", "2",
     "threads that read SQLite, or connections that read PostgreSQL, beside those that write: 1-64"},
    {"REDIS_URL", "none",
     "redis://[<user>:<password>@]<host>[:<port>][/<database>], rediss:// for TLS, several nodes of a Redis Cluster "
     "separated by commas; none: one node, nothing is shared",
     true, Secrecy::may_hold_secret},
    {"REDIS_ADAPTER", "classic",
     "classic or sharded: which of the two Node adapters the other members of the Socket.IO cluster use; without Redis "
     "it has no effect"},
    {"REDIS_TLS_CA_FILE", "", "PEM file: who signs Redis's certificate; empty: the system's authorities"},
    {"CONNECTIONS_URL", "file:config/connections.dev.json",
     "who is connected to whom: grpc://<host>:<port> or grpcs:// (TLS), the platform's Connections service; "
     "file:<path> of {\"connections\":[[\"alice\",\"bob\"]]}, read again when it changes; "
     "open: is everybody, "
     "refused in production",
     true},
    {"CONNECTIONS_TLS_CA_FILE", "",
     "PEM file: who signs the Connections service's certificate; empty: the system's authorities"},
    {"CONNECTIONS_TLS_CERT_FILE", "", "PEM file: this service's certificate towards the Connections service"},
    {"CONNECTIONS_TLS_KEY_FILE", "", "PEM file: that certificate's key"},
    {"JWT_SECRET", "",
     "HS256 secret of tokens, 32 bytes or more; in development made at first start, beside the database", false,
     Secrecy::secret},
    {"JWT_PUBLIC_KEY_FILE", "", "PEM file: RS256, ES256 or EdDSA public key of tokens"},
    {"JWKS_FILE", "", "JSON Web Key Set file: public keys of tokens, chosen by kid; read again when it changes"},
    {"JWKS_URL", "", "not known to this version: fetch the set into a file and name that in JWKS_FILE"},
    {"JWT_ISSUER", "", "expected claim iss; empty: not checked"},
    {"JWT_AUDIENCE", "", "expected claim aud; empty: not checked"},
    {"JWT_LEEWAY_SECONDS", "30", "seconds that clocks may differ: 0-300"},
    {"CORS_ORIGINS", "",
     "origins that browsers may connect from, separated by commas; * is any; empty: the server's own only", true},
    {"TRUSTED_PROXIES", "", "CIDR blocks, separated by commas, whose X-Forwarded-For is believed"},
    {"RATE_LIMITS", "on", "on, or off for load tests: also lifts the sockets per user and the handshakes per address"},
    {"SOCKETS_PER_USER_MAX", "20", "connections of one user on this node: 1-10000"},
    {"HANDSHAKES_PER_ADDRESS_PER_SECOND", "500",
     "new sessions of one address per second, sustained; the burst is four times that: 1-100000"},
    {"SESSIONS_MAX", "100000", "sessions on this node; beyond it handshakes are answered 503: 1-10000000"},
    {"PAYLOAD_BYTES_MAX", "131072", "bytes of one WebSocket message or polling body: 1024-16777216"},
    {"PING_INTERVAL_MS", "25000", "milliseconds between heartbeats: 100-600000"},
    {"PING_TIMEOUT_MS", "20000", "milliseconds that a client has to answer one: 100-600000"},
    {"CONNECT_TIMEOUT_MS", "10000", "milliseconds from the handshake to the Socket.IO CONNECT: 100-600000"},
    {"DRAIN_SECONDS", "0",
     "seconds over which clients are moved away after SIGTERM: 0-20; in production 15 by default"},
    {"LOG_LEVEL", "info", "debug, info, warn, error or off"},
});

}  // namespace

std::span<const ConfigKey> config_keys() noexcept {
  return keys;
}

const ConfigKey* find_config_key(std::string_view name) noexcept {
  const auto found = std::ranges::find(keys, name, &ConfigKey::name);
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace app
