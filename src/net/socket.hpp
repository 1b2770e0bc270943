// A connected TCP socket on an IoThread's loop, and the non-blocking calls that are made on it directly: Asio tells
// when a socket is ready, and nothing more. For .cpp files.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstddef>
#include <span>

#include "net/connection.hpp"

namespace net {

// With the loop's own executor type: the default, any_io_executor, costs memory and time on every connection.
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// Takes the descriptor over. The protocol's family matters to connect() and bind() only, and this socket does neither.
inline Socket adopt(boost::asio::io_context& context, UniqueFd fd) {
  return Socket(context, boost::asio::ip::tcp::v4(), fd.release());
}

struct Transferred {
  enum class State : std::uint8_t { some, would_block, ended } state;
  std::size_t bytes = 0;
};

inline Transferred to_transferred(ssize_t result) {
  if (result >= 0) return {Transferred::State::some, static_cast<std::size_t>(result)};
  const bool is_full_or_empty = errno == EAGAIN || errno == EWOULDBLOCK;
  return {is_full_or_empty ? Transferred::State::would_block : Transferred::State::ended};
}

// `ended`: the peer closed or reset the connection. Precondition: `into` is not empty.
inline Transferred receive(Socket& socket, std::span<char> into) {
  ssize_t result = 0;
  do {
    result = ::recv(socket.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  } while (result < 0 && errno == EINTR);
  if (result == 0) return {Transferred::State::ended};
  return to_transferred(result);
}

// `ended`: the connection is broken. sendmsg and not writev, which raises SIGPIPE.
inline Transferred send(Socket& socket, std::span<iovec> pieces) {
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  ssize_t result = 0;
  do {
    result = ::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (result < 0 && errno == EINTR);
  return to_transferred(result);
}

// Ends the sending direction: the peer reads the end after what was sent. Failure means that the connection is gone
// already.
inline void end_sending(Socket& socket) {
  ::shutdown(socket.native_handle(), SHUT_WR);
}

inline void close(Socket& socket) {
  boost::system::error_code ignored;
  socket.close(ignored);
}

}  // namespace net
