// States: made -> accepting (start) -> pausing (the process is out of descriptors) -> accepting …; any -> stopped
// (stop).
#include "net/acceptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/log.hpp"
#include "net/http_session.hpp"

namespace net {
namespace {

namespace asio = boost::asio;

// In one turn; then the connections that are there get theirs.
constexpr int accepts_per_turn = 32;
// Out of descriptors or memory, the waiting connection keeps the socket readable: without a pause the loop would spin.
constexpr base::milliseconds pause_after_failure{100};
constexpr base::seconds log_interval{1};

IpAddress address_of(const sockaddr_storage& from) {
  IpAddress address{};
  if (from.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof(v6));
    std::memcpy(address.data(), &v6.sin6_addr, address.size());
  } else {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof(v4));
    address[10] = address[11] = 0xff;
    std::memcpy(address.data() + 12, &v4.sin_addr, 4);
  }
  return address;
}

// The connection failed between the kernel's accepting it and ours (accept(2)); the next one may be good.
bool concerns_one_connection(int error) {
  return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM || error == ENETDOWN ||
         error == EHOSTDOWN || error == EHOSTUNREACH || error == ENETUNREACH;
}

class AsioAcceptor final : public Acceptor, public std::enable_shared_from_this<AsioAcceptor> {
 public:
  AsioAcceptor(std::shared_ptr<HttpService> service, UniqueFd listening)
      : service_(std::move(service)), socket_(service_->thread.context(), asio::ip::tcp::v4(), listening.release()) {}

  void start() override { await_connection(); }
  void stop() override {
    service_->thread.cancel(std::exchange(pause_, 0));
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  void await_connection();
  void accept_waiting();
  void admit(UniqueFd fd, const sockaddr_storage& from);
  void pause(int error);

  std::shared_ptr<HttpService> service_;
  asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type> socket_;
  base::TimerId pause_ = 0;
  base::SteadyTime logged_at_{};
};

void AsioAcceptor::await_connection() {
  if (!socket_.is_open()) return;
  socket_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](boost::system::error_code failure) {
    if (!failure && self->socket_.is_open()) self->accept_waiting();
  });
}

void AsioAcceptor::accept_waiting() {
  for (int i = 0; i < accepts_per_turn; ++i) {
    sockaddr_storage from{};
    socklen_t length = sizeof(from);
    UniqueFd fd(
        ::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&from), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      admit(std::move(fd), from);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (!concerns_one_connection(errno)) {
      return pause(errno);
    }
  }
  await_connection();
}

void AsioAcceptor::admit(UniqueFd fd, const sockaddr_storage& from) {
  // Beyond the maximum the connection closes at once: left in the backlog it would wait without an end.
  auto slot = ConnectionCount::take(service_->shared->count);
  if (!slot) return;
  // Many small frames, each written when its turn ends: Nagle's algorithm would hold the second one back.
  constexpr int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  start_http_session(service_, {std::move(fd), std::move(*slot), address_of(from)});
}

void AsioAcceptor::pause(int error) {
  const auto now = service_->thread.clock().steady_now();
  if (now - logged_at_ >= log_interval) {
    logged_at_ = now;
    base::log::error("listener.accept_failed", {{"reason", std::generic_category().message(error)}});
  }
  pause_ = service_->thread.schedule(pause_after_failure, [self = shared_from_this()] {
    self->pause_ = 0;
    self->await_connection();
  });
}

}  // namespace

std::shared_ptr<Acceptor> make_acceptor(std::shared_ptr<HttpService> service, UniqueFd listening) {
  return std::make_shared<AsioAcceptor>(std::move(service), std::move(listening));
}

}  // namespace net
