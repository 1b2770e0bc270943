// What the official protocol suites run against: raw echo on /engine.io/, the namespaces `/` and `/custom` on
// /socket.io/, on localhost, with the short timeouts that the suites demand. No part of the service.
#include <CLI/CLI.hpp>

#include <array>
#include <csignal>
#include <ctime>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "engine_echo.hpp"
#include "engineio/server.hpp"
#include "namespace_echo.hpp"
#include "net/io_thread.hpp"
#include "net/listener.hpp"
#include "path_switch.hpp"
#include "socketio/in_memory_adapter.hpp"
#include "socketio/server.hpp"

namespace {

using base::milliseconds;

// One: the suites send two requests at once over two connections and expect them to be seen in that order.
constexpr std::size_t io_thread_count = 1;
constexpr std::time_t drain_seconds_max = 2;

// The suites' own figures.
engineio::ServerOptions engine_options(std::string path) {
  engineio::ServerOptions options;
  options.path = std::move(path);
  options.ping_interval = milliseconds(300);
  options.ping_timeout = milliseconds(200);
  options.payload_bytes_max = 1'000'000;
  options.cors_origins = {"*"};
  return options;
}

void add_echo(socketio::Server& server, const std::string& name, const std::vector<net::IoThread*>& threads) {
  server.add_namespace(name, conformance::namespace_echo(name), std::make_unique<socketio::InMemoryAdapter>(threads));
}

// Runs the threads until the end of its scope.
class RunningThreads {
 public:
  explicit RunningThreads(const std::vector<net::IoThread*>& threads) : threads_(threads) {
    for (auto* const thread : threads_) runners_.emplace_back([thread] { thread->run(); });
  }
  ~RunningThreads() {
    // As a job: what was posted before, the ends of sessions above all, has run by then.
    for (auto* const thread : threads_) thread->post([thread] { thread->stop(); });
  }
  RunningThreads(const RunningThreads&) = delete;
  RunningThreads& operator=(const RunningThreads&) = delete;

 private:
  std::vector<net::IoThread*> threads_;
  std::vector<std::jthread> runners_;
};

// Both addresses that clients find behind the name. A machine without IPv6 has the first alone.
std::vector<std::unique_ptr<net::Listener>> listen_on_localhost(std::uint16_t port,
                                                                const std::vector<net::IoThread*>& threads,
                                                                net::HttpHandler& handler) {
  std::vector<std::unique_ptr<net::Listener>> listeners;
  for (const auto* host : {"127.0.0.1", "::1"}) {
    net::ListenerOptions options;
    options.host = host;
    // With `--port 0` the second address follows the first.
    options.port = listeners.empty() ? port : listeners.front()->port();
    auto listener = net::Listener::open(std::move(options), threads, handler);
    if (listener) {
      listeners.push_back(std::move(*listener));
    } else {
      std::cerr << listener.error().detail << '\n';
    }
    if (listeners.empty()) break;
  }
  return listeners;
}

// Waits until every session has said goodbye, or until the time is up, or until a second signal.
void drain(const sigset_t& signals, const engineio::Server& engine_echo, const engineio::Server& socket_echo) {
  constexpr timespec step{.tv_sec = 0, .tv_nsec = 20'000'000};
  constexpr auto steps = drain_seconds_max * 1'000'000'000 / step.tv_nsec;
  for (auto left = steps; left > 0 && engine_echo.session_count() + socket_echo.session_count() > 0; --left) {
    if (sigtimedwait(&signals, nullptr, &step) > 0) return;
  }
}

int serve(std::uint16_t port, const sigset_t& signals) {
  const base::SystemClock clock;
  std::array<std::unique_ptr<net::IoThread>, io_thread_count> owned_threads;
  std::vector<net::IoThread*> threads;
  for (std::size_t i = 0; i < owned_threads.size(); ++i) {
    owned_threads[i] = std::make_unique<net::IoThread>(clock, i);
    threads.push_back(owned_threads[i].get());
  }

  // One test of the suites keeps a connection for 950 ms without a CONNECT, more on a busy machine; the others that
  // send none are closed by the ping timeout, after 500 ms.
  socketio::Server socketio_server({.connect_timeout = milliseconds(2000)});
  for (const auto* name : {"/", "/custom"}) add_echo(socketio_server, name, threads);
  engineio::Server engine_echo(clock, engine_options("/engine.io/"), threads, conformance::open_engine_echo);
  engineio::Server socket_echo(clock, engine_options("/socket.io/"), threads,
                               [&socketio_server](auto session) { return socketio_server.open(std::move(session)); });
  conformance::PathSwitch handler("/engine.io/", engine_echo, socket_echo);

  auto listeners = listen_on_localhost(port, threads, handler);
  if (listeners.empty()) return 69;  // EX_UNAVAILABLE
  for (const auto& listener : listeners) listener->start();
  const RunningThreads running(threads);
  std::cout << "listening on localhost:" << listeners.front()->port() << std::endl;

  int signal = 0;
  sigwait(&signals, &signal);
  for (const auto& listener : listeners) listener->stop_accepting();
  for (auto* const server : {&engine_echo, &socket_echo}) server->close_sessions(1.0);
  drain(signals, engine_echo, socket_echo);
  for (const auto& listener : listeners) listener->close_all();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Echo server for the official Engine.IO and Socket.IO protocol suites");
  std::uint16_t port = 3000;
  app.add_option("--port", port, "port on localhost; 0 takes a free one");
  CLI11_PARSE(app, argc, argv);

  // Blocked before any thread begins, so that only sigwait() gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return serve(port, signals);
}
