#include "socketio/server.hpp"

#include <algorithm>
#include <stdexcept>

#include "socketio/client.hpp"

namespace socketio {

Server::Server(ServerOptions options) : options_(options) {}

Server::~Server() = default;

Namespace& Server::add_namespace(std::string name, Namespace::Handlers handlers, std::unique_ptr<Adapter> adapter) {
  const bool is_complete = handlers.on_connect && handlers.on_event && handlers.on_disconnect && adapter;
  if (!name.starts_with('/') || find(name) || !is_complete) throw std::invalid_argument("namespace " + name);
  return *namespaces_.emplace_back(
      std::make_unique<Namespace>(std::move(name), std::move(handlers), std::move(adapter)));
}

engineio::Session::Handler* Server::open(std::shared_ptr<engineio::Session> session) {
  auto& thread = session->thread();
  return &Client::open(*this, std::move(session), thread);
}

// Linear: there are a handful, and the first is nearly always the one.
Namespace* Server::find(std::string_view name) const noexcept {
  const auto found =
      std::ranges::find(namespaces_, name, [](const auto& nsp) -> std::string_view { return nsp->name(); });
  return found == namespaces_.end() ? nullptr : found->get();
}

}  // namespace socketio
