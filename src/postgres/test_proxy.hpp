// A TCP proxy in front of a test's server, for the faults of networks: connections that die between a commit and its
// answer, and connections that hang. Any thread; its own thread forwards.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <string>
#include <thread>

namespace postgres {

class TestProxy {
 public:
  // In front of the server of this URL.
  explicit TestProxy(const std::string& url);
  ~TestProxy();
  TestProxy(const TestProxy&) = delete;
  TestProxy& operator=(const TestProxy&) = delete;

  // The same database, through the proxy.
  [[nodiscard]] const std::string& url() const { return url_; }

  // The next connection that sends a COMMIT: it is forwarded, and the client is cut off; the server is read from until
  // it has answered or closed.
  void cut_after_next_commit() { cuts_ = true; }
  [[nodiscard]] int cuts_made() const { return cuts_made_; }
  // While set, nothing is forwarded and connections stay open: the network, or the server, hangs.
  void hang(bool hangs);
  // Closes all connections; while set, new ones are closed at once.
  void refuse(bool refuses);

 private:
  struct Pipe {
    int client;
    int server;
    // What the client sent last: a COMMIT may come in two pieces.
    std::string tail{};
    bool is_cut = false;
  };

  void run();
  void accept_one();
  // False where the connection has ended.
  [[nodiscard]] bool forward_from_client(Pipe& pipe);
  [[nodiscard]] bool forward_from_server(Pipe& pipe);
  void wake();
  void close_all();

  std::string url_;
  std::uint16_t server_port_ = 0;
  int listener_ = -1;
  int signal_ = -1;
  std::atomic<bool> stops_ = false;
  std::atomic<bool> cuts_ = false;
  std::atomic<bool> hangs_ = false;
  std::atomic<bool> refuses_ = false;
  std::atomic<int> cuts_made_ = 0;
  std::list<Pipe> pipes_;
  std::thread thread_;
};

}  // namespace postgres
