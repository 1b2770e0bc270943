#include "engineio/server.hpp"

#include <algorithm>
#include <utility>

#include "engineio/cors.hpp"
#include "engineio/reply.hpp"
#include "engineio/server_shard.hpp"
#include "engineio/sid.hpp"

namespace engineio {
namespace {

// A request that carries no packets has no need of a body; what a stray client sends along is read and ignored.
constexpr std::size_t ignored_body_bytes_max = 4096;

}  // namespace

// Precondition: at least one thread, at most sid_threads_max.
Server::Server(const base::Clock& clock, ServerOptions options, std::vector<net::IoThread*> threads,
               OnSession on_session, AllowHandshake allow_handshake)
    : clock_(clock),
      options_(std::move(options)),
      threads_(std::move(threads)),
      on_session_(std::move(on_session)),
      allow_handshake_(std::move(allow_handshake)),
      cors_(std::make_unique<CorsPolicy>(options_.cors_origins)) {
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    shards_.push_back(std::make_unique<Shard>(*this, *threads_[i], i));
  }
}

Server::~Server() = default;

Server::Shard& Server::current_shard() const noexcept {
  const auto found = std::ranges::find_if(shards_, [](const auto& shard) { return shard->thread().is_current(); });
  return found == shards_.end() ? *shards_.front() : **found;
}

net::HttpHandler::Route Server::route(const net::RequestHead& head) {
  Route route{.thread = &current_shard().thread(), .body_bytes_max = ignored_body_bytes_max};
  if (head.path != options_.path) return route;
  if (head.method == net::Method::post) route.body_bytes_max = options_.payload_bytes_max;
  const auto index = thread_index_of(head.query_parameter("sid"));
  if (index && *index < threads_.size()) route.thread = threads_[*index];
  return route;
}

void Server::handle(net::Request request, net::Exchange exchange) {
  current_shard().handle(std::move(request), std::move(exchange));
}

void Server::on_body_too_large(const net::RequestHead& head, net::Exchange exchange) {
  current_shard().on_body_too_large(head, std::move(exchange));
}

std::unique_ptr<net::Response> Server::check_upgrade(const net::RequestHead& head) {
  if (head.path != options_.path) return std::make_unique<net::Response>(net::Response{.status = 404, .close = true});
  return current_shard().check_upgrade(head);
}

void Server::on_websocket(net::RequestHead head, std::shared_ptr<net::WebSocketStream> stream) {
  current_shard().on_websocket(head, std::move(stream));
}

void Server::refuse_handshakes() noexcept {
  refusing_.store(true, std::memory_order_relaxed);
}

void Server::close_sessions(double share) {
  for (const auto& shard : shards_) {
    shard->thread().post([&shard = *shard, share] { shard.close_share(share); });
  }
}

std::size_t Server::session_count() const noexcept {
  return session_count_.load(std::memory_order_relaxed);
}

}  // namespace engineio
