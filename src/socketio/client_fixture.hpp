// For tests: a client on a session that records what it is told, driven by hand. The namespaces are `/` and `/custom`,
// which accept binary packets, and `/text`, which does not.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/manual_executor.hpp"
#include "net/io_thread.hpp"
#include "socketio/client.hpp"
#include "socketio/fake_session.hpp"
#include "socketio/json.hpp"
#include "socketio/server.hpp"

namespace socketio::testing {

class ClientFixture : public ::testing::Test {
 protected:
  ClientFixture() {
    for (const auto* name : {"/", "/custom", "/text"}) add_namespace(name);
    open();
  }
  ~ClientFixture() override { end_session(engineio::CloseReason::transport_close); }

  void open() {
    session = std::make_shared<FakeSession>(thread);
    client = &Client::open(server, session, executor);
  }

  // The session's end, as its own floor tells it.
  void end_session(engineio::CloseReason reason) {
    if (client) std::exchange(client, nullptr)->on_close(reason);
  }

  // A text message. The copy has just the padding that is promised, so that reading beyond is caught.
  void receive(std::string_view text) { receive_message(text, false); }
  void receive_binary(std::string_view bytes) { receive_message(bytes, true); }

  [[nodiscard]] bool is_closed() const { return !session->closed.empty(); }
  [[nodiscard]] std::vector<std::string> take_sent() { return std::exchange(session->sent, {}); }
  [[nodiscard]] std::vector<std::string> take_log() { return std::exchange(log, {}); }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  net::IoThread thread{clock, 0};
  Server server{{.connect_timeout = base::milliseconds(1000), .namespaces_per_connection_max = 2}};
  std::shared_ptr<FakeSession> session;
  Client* client = nullptr;

  std::vector<std::string> log;  // what handlers and adapters were told
  bool accepts_at_once = true;   // else the CONNECT stays in `pending`
  std::vector<PendingConnect> pending;
  std::vector<std::shared_ptr<Socket>> sockets;  // accepted at once
  std::function<void(const std::shared_ptr<Socket>&, const IncomingEvent&)> on_event;
  std::function<void(const std::shared_ptr<Socket>&)> on_disconnect;

 private:
  void receive_message(std::string_view data, bool is_binary) {
    const auto padded = std::make_unique<char[]>(data.size() + simdjson::SIMDJSON_PADDING);
    std::ranges::copy(data, padded.get());
    client->on_message({padded.get(), data.size()}, is_binary);
  }

  void add_namespace(const std::string& name) {
    Namespace::Handlers handlers;
    handlers.on_connect = [this, name](PendingConnect connect, std::string_view auth) {
      log.push_back("connect " + name + " " + std::string(auth));
      if (!accepts_at_once) return pending.push_back(std::move(connect));
      sockets.push_back(connect.accept("sid" + std::to_string(sockets.size() + 1)));
    };
    handlers.on_event = [this](const std::shared_ptr<Socket>& socket, const IncomingEvent& event) {
      auto line = "event " + socket->id() + " " + std::string(event.name) + " " + std::string(event.json);
      if (event.ack_id) line += " ack " + std::to_string(*event.ack_id);
      for (const auto& attachment : event.attachments) line += " +" + attachment;
      log.push_back(line);
      if (on_event) on_event(socket, event);
    };
    handlers.on_disconnect = [this](const std::shared_ptr<Socket>& socket, engineio::CloseReason reason) {
      log.push_back("disconnect " + socket->id() + " " + std::string(engineio::to_string(reason)));
      if (on_disconnect) on_disconnect(socket);
    };
    handlers.accepts_binary = name != "/text";
    server.add_namespace(name, std::move(handlers), std::make_unique<FakeAdapter>(log));
  }
};

}  // namespace socketio::testing
