#include "postgres/test_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace postgres {
namespace {

// The name of the prepared statement, as it stands in the message that executes it.
constexpr std::string_view commit_mark{"\0commit\0", 8};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int checked(int result) {
  if (result < 0) throw std::runtime_error("a socket call of the proxy failed");
  return result;
}

sockaddr* generic(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Empty at the end.
std::string_view receive(int socket, std::array<char, 65'536>& buffer) {
  const auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
  return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace

TestProxy::TestProxy(const std::string& url) {
  // postgres://user@127.0.0.1:port/database
  const auto port_at = url.rfind(':') + 1;
  const auto port_end = url.find('/', port_at);
  server_port_ = static_cast<std::uint16_t>(std::stoi(url.substr(port_at, port_end - port_at)));

  listener_ = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = loopback(0);
  socklen_t length = sizeof address;
  checked(::bind(listener_, generic(address), length));
  checked(::listen(listener_, 16));
  checked(::getsockname(listener_, generic(address), &length));
  url_ = url.substr(0, port_at) + std::to_string(ntohs(address.sin_port)) + url.substr(port_end);
  signal_ = checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  thread_ = std::thread([this] { run(); });
}

TestProxy::~TestProxy() {
  stops_ = true;
  wake();
  thread_.join();
  close_all();
  ::close(listener_);
  ::close(signal_);
}

void TestProxy::hang(bool hangs) {
  hangs_ = hangs;
  wake();
}

void TestProxy::refuse(bool refuses) {
  refuses_ = refuses;
  wake();
}

void TestProxy::wake() {
  ::eventfd_write(signal_, 1);
}

// --- the proxy's thread

void TestProxy::run() {
  while (!stops_) {
    std::vector<pollfd> watched{{signal_, POLLIN, 0}, {listener_, POLLIN, 0}};
    const short data = hangs_ ? short{0} : short{POLLIN};
    for (const auto& pipe : pipes_) {
      watched.push_back({pipe.is_cut ? -1 : pipe.client, data, 0});
      watched.push_back({pipe.server, data, 0});
    }
    ::poll(watched.data(), watched.size(), -1);
    eventfd_t count = 0;
    ::eventfd_read(signal_, &count);
    if (refuses_) close_all();
    std::size_t at = 2;
    for (auto pipe = pipes_.begin(); pipe != pipes_.end(); at += 2) {
      bool is_open = true;
      if (data != 0 && watched[at].revents != 0) is_open = forward_from_client(*pipe);
      if (data != 0 && is_open && watched[at + 1].revents != 0) is_open = forward_from_server(*pipe);
      if (is_open) {
        ++pipe;
        continue;
      }
      if (!pipe->is_cut) ::close(pipe->client);
      ::close(pipe->server);
      pipe = pipes_.erase(pipe);
    }
    if (watched[1].revents != 0) accept_one();
  }
}

void TestProxy::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = loopback(server_port_);
  if (refuses_ || ::connect(server, generic(address), sizeof address) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  pipes_.push_back({.client = client, .server = server});
}

bool TestProxy::forward_from_client(Pipe& pipe) {
  std::array<char, 65'536> buffer;
  const auto bytes = receive(pipe.client, buffer);
  if (bytes.empty() || !send_all(pipe.server, bytes)) return false;
  pipe.tail += bytes;
  const bool commits = pipe.tail.contains(commit_mark);
  pipe.tail.erase(0, commits ? pipe.tail.size() : pipe.tail.size() - std::min(pipe.tail.size(), commit_mark.size()));
  if (commits && cuts_.exchange(false)) {
    ::close(pipe.client);
    pipe.is_cut = true;
    ++cuts_made_;
  }
  return true;
}

bool TestProxy::forward_from_server(Pipe& pipe) {
  std::array<char, 65'536> buffer;
  const auto bytes = receive(pipe.server, buffer);
  // A cut connection's answer is thrown away, and then nothing more is wanted of it.
  return !pipe.is_cut && !bytes.empty() && send_all(pipe.client, bytes);
}

void TestProxy::close_all() {
  for (const auto& pipe : pipes_) {
    if (!pipe.is_cut) ::close(pipe.client);
    ::close(pipe.server);
  }
  pipes_.clear();
}

}  // namespace postgres
