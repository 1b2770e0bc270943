// For tests: a redis-server of the test program's own (tools/local-redis), which ends with it, however that ends. Plain
// blocking calls, so that a test reads from top to bottom; whatever does not happen in time is an exception.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/connection.hpp"
#include "redis/options.hpp"
#include "redis/reply.hpp"
#include "redis/resp_reader.hpp"

namespace redis {

// A connection for the test itself, beside those that are tested.
class TestConnection {
 public:
  explicit TestConnection(std::uint16_t port);
  // Sends and waits for the reply.
  Reply operator()(std::initializer_list<std::string_view> command);
  // The next reply or pushed message.
  Reply read();

 private:
  net::UniqueFd fd_;
  std::unique_ptr<RespReader> reader_ = std::make_unique<RespReader>();
};

class TestServer {
 public:
  // Started, and ready, on a free port of 127.0.0.1. `arguments` are redis-server's; a port among them is not known
  // here.
  explicit TestServer(std::vector<std::string> arguments = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", port_}; }
  [[nodiscard]] std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] Options options() const;
  // Holds what the server writes; for the test's own files too. Gone with it.
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  // Over a connection of its own.
  Reply command(std::initializer_list<std::string_view> command) const;

  // kill -9, and the other way round: empty again, on the same port.
  void kill();
  void restart();
  // SIGSTOP and SIGCONT: its connections stay, and nobody answers.
  void pause();
  void resume();

 private:
  void start();

  std::filesystem::path folder_;
  std::vector<std::string> arguments_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

// Three masters, without replicas.
class TestCluster {
 public:
  TestCluster();

  [[nodiscard]] Options options() const;
  [[nodiscard]] TestServer& node(std::size_t index) { return *nodes_[index]; }
  [[nodiscard]] std::size_t owner_of(std::string_view key) const;
  // Gives the slot of an empty key to another node; what is published to it in the meantime may go either way.
  void move_slot(std::string_view key, std::size_t to);

 private:
  std::vector<std::unique_ptr<TestServer>> nodes_;
};

// A port that nobody listens on now.
[[nodiscard]] std::uint16_t free_port();

}  // namespace redis
