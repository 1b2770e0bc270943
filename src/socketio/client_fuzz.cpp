// A client may send anything: the input's messages are separated by 0x1e, those that begin with `b` are binary.
// Whatever comes, every socket that was accepted is told of its end, and a closed client says nothing more.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "base/manual_executor.hpp"
#include "socketio/client.hpp"
#include "socketio/event.hpp"
#include "socketio/fake_session.hpp"
#include "socketio/json.hpp"
#include "socketio/server.hpp"

namespace {

using namespace socketio;

constexpr char separator = '\x1e';

void check_ack(std::string_view args_json, const std::vector<std::string>& attachments) {
  if (!is_valid_ack(args_json, attachments.size())) std::abort();
}

// Accepts everybody, answers every event, and counts who is connected.
Namespace::Handlers echo_handlers(std::set<Socket*>& connected, bool accepts_binary) {
  return {.on_connect = [&connected](PendingConnect connect,
                                     std::string_view) { connected.insert(connect.accept(make_socket_id()).get()); },
          .on_event =
              [](const std::shared_ptr<Socket>& socket, const IncomingEvent& event) {
                if (!parse_json(event.json)) std::abort();
                if (event.ack_id) socket->ack(*event.ack_id, event.json);
                if (event.name == "ask") socket->send_with_ack(event.json, event.attachments, check_ack);
                if (event.name == "leave") socket->disconnect();
              },
          .on_disconnect =
              [&connected](const std::shared_ptr<Socket>& socket, engineio::CloseReason) {
                if (connected.erase(socket.get()) != 1) std::abort();
              },
          .accepts_binary = accepts_binary};
}

void receive(Client& client, std::string_view message) {
  const bool is_binary = message.starts_with('b');
  if (is_binary) message.remove_prefix(1);
  std::string padded(message);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  client.on_message(std::string_view(padded).substr(0, message.size()), is_binary);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ManualClock clock;
  base::ManualExecutor executor(clock);
  // Never run, and expensive to make: one for all inputs.
  static const base::SystemClock thread_clock;
  static net::IoThread thread(thread_clock, 0);
  std::vector<std::string> log;
  std::set<Socket*> connected;
  Server server({});
  server.add_namespace("/", echo_handlers(connected, true), std::make_unique<socketio::testing::FakeAdapter>(log));
  server.add_namespace("/a", echo_handlers(connected, false), std::make_unique<socketio::testing::FakeAdapter>(log));

  const auto session = std::make_shared<socketio::testing::FakeSession>(thread);
  auto& client = Client::open(server, session, executor);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const auto end = rest.find(separator);
    const bool was_closed = !session->closed.empty();
    const auto sent = session->sent.size();
    receive(client, rest.substr(0, end));
    if (was_closed && session->sent.size() != sent) std::abort();
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  client.on_close(engineio::CloseReason::transport_close);
  if (!connected.empty() || session->closed.size() > 1) std::abort();
  return 0;
}
