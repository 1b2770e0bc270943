// The outside systems of one node, as its configuration names them: opened first, because that can fail, and handed to
// the application, which owns them.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "app/file_connections.hpp"
#include "app/io_threads.hpp"
#include "app/public_site.hpp"
#include "app/redis_backend.hpp"
#include "auth/key_set.hpp"
#include "messaging/database.hpp"
#include "rpc/grpc_connections_client.hpp"
#include "rpc/rpc_server.hpp"

namespace app {

struct StartFailure {
  // For the operator: what is wrong, where, what to do.
  std::string sentence;
  ExitCode exit_code;
};

struct Backends {
  // Their loops do not run yet.
  std::unique_ptr<IoThreads> io_threads;
  std::unique_ptr<messaging::Database> database;
  std::unique_ptr<RedisBackend> redis;  // null: none
  std::unique_ptr<messaging::ConnectionsClient> connections;
  // The same, where it is one of these; else null.
  FileConnectionsClient* file_connections = nullptr;
  rpc::GrpcConnectionsClient* grpc_connections = nullptr;
  std::shared_ptr<const auth::KeySet> keys;
  std::optional<DevelopmentTokens> development_tokens;
  rpc::RpcTls rpc_tls;
};

// Blocks until everything needed is there, 30 s at most. `clock` outlives what it returns.
[[nodiscard]] std::expected<Backends, StartFailure> open_backends(const Config& config, const base::Clock& clock);

}  // namespace app
