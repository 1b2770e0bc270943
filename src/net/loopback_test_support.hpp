// For the tests of this folder: IoThreads that run, and a client with plain blocking calls, so that a test reads from
// top to bottom. Every wait ends after `patience` with an exception, which fails the test.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "net/connection.hpp"
#include "net/io_thread.hpp"

namespace net {

constexpr std::chrono::seconds patience{10};

template <class T>
T wait_for(std::future<T> future) {
  if (future.wait_for(patience) != std::future_status::ready) throw std::runtime_error("nothing happened in time");
  return future.get();
}

class RunningThread {
 public:
  explicit RunningThread(std::size_t index = 0) : thread_(clock_, index), runner_([this] { thread_.run(); }) {}
  ~RunningThread() { stop(); }

  IoThread& operator*() { return thread_; }
  IoThread* operator->() { return &thread_; }

  // Runs `work` there and returns what it returns.
  template <class Work>
  auto run(Work work) {
    std::promise<decltype(work())> done;
    auto result = done.get_future();
    thread_.post([&done, &work] {
      if constexpr (std::is_void_v<decltype(work())>) {
        work();
        done.set_value();
      } else {
        done.set_value(work());
      }
    });
    return wait_for(std::move(result));
  }
  void stop() {
    thread_.stop();
    if (runner_.joinable()) runner_.join();
  }

 private:
  base::SystemClock clock_;
  IoThread thread_;
  std::thread runner_;
};

// A connection without a listener. The server's end does not block, the client's does.
struct ConnectedPair {
  UniqueFd server{};
  UniqueFd client{};
};

// With a small send buffer a client that does not read is noticed soon; 0 leaves the system's.
inline ConnectedPair connected_pair(int send_buffer_bytes = 0) {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) throw std::runtime_error("no sockets");
  ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
  if (send_buffer_bytes > 0) ::setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes, sizeof(send_buffer_bytes));
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

class LoopbackClient {
 public:
  explicit LoopbackClient(UniqueFd fd) : fd_(std::move(fd)) { set_timeouts(); }
  explicit LoopbackClient(std::uint16_t port, int receive_buffer_bytes = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    set_timeouts();
    if (receive_buffer_bytes > 0) {
      ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("cannot send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // What has been read so far stays available; `marker` is the end of what is returned.
  std::string read_until(std::string_view marker) {
    for (;;) {
      if (const auto at = received_.find(marker); at != std::string::npos) return take(at + marker.size());
      if (!read_more()) throw std::runtime_error("the end came early; so far: " + received_);
    }
  }
  std::string read_exactly(std::size_t bytes) {
    while (received_.size() < bytes) {
      if (!read_more()) throw std::runtime_error("the end came early; so far: " + received_);
    }
    return take(bytes);
  }
  // Everything up to the end of the stream, or a reset.
  std::string read_to_end() {
    while (read_more()) {
    }
    return std::exchange(received_, {});
  }
  // Head and body of one response with a Content-Length.
  std::string read_response(bool without_body = false) {
    auto head = read_until("\r\n\r\n");
    const auto at = head.find("Content-Length: ");
    if (at == std::string::npos || without_body) return head;
    return head + read_exactly(std::stoul(head.substr(at + 16)));
  }
  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_ = UniqueFd(); }
  // The other side sees a reset instead of an end.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
  }

 private:
  void set_timeouts() {
    const timeval timeout{patience.count(), 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
  }
  bool read_more() {
    char buffer[64 * 1024];
    const auto received = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (received < 0 && errno == EAGAIN) throw std::runtime_error("nothing came in time; so far: " + received_);
    if (received <= 0) return false;
    received_.append(buffer, static_cast<std::size_t>(received));
    return true;
  }
  std::string take(std::size_t bytes) {
    auto taken = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return taken;
  }

  UniqueFd fd_;
  std::string received_;
};

}  // namespace net
