// A Connection: resolving -> connecting -> (TLS: shaking hands) -> open -> closed; each state may go to closed. Its
// operations hold it; the Transport that its link owns only points to it, and takes its handler away when the link lets
// go.
#include "redis/transport.hpp"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "net/socket.hpp"

namespace redis {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using Failure = boost::system::error_code;
using Tcp = net::Socket;
using Tls = ssl::stream<Tcp>;

// Read in one piece. hiredis moves what is left of a piece after each kilobyte that it has decoded, so that larger
// pieces cost more than the system calls they save.
constexpr std::size_t read_bytes = 16 * 1024;

Tcp& lowest(Tcp& stream) {
  return stream;
}
Tcp& lowest(Tls& stream) {
  return stream.next_layer();
}

template <class Stream>
class Connection final : public std::enable_shared_from_this<Connection<Stream>> {
 public:
  template <class... Arguments>
  Connection(net::IoThread& thread, TransportHandler& handler, Arguments&... arguments)
      : thread_(thread), handler_(&handler), resolver_(thread.context()), stream_(thread.context(), arguments...) {}

  void open(const Endpoint& endpoint) {
    host_ = endpoint.host;
    Failure is_name;
    const auto address = asio::ip::make_address(host_, is_name);
    if (!is_name) return connect({asio::ip::tcp::endpoint(address, endpoint.port)});
    resolver_.async_resolve(endpoint.host, std::to_string(endpoint.port),
                            [self = this->shared_from_this()](Failure failure, const auto& found) {
                              if (failure) return self->close(failure);
                              self->connect({found.begin(), found.end()});
                            });
  }
  void send(std::string_view bytes) {
    if (outgoing_.empty() && !is_writing_) {
      thread_.at_end_of_turn([self = this->shared_from_this()] { self->write(); });
    }
    outgoing_.append(bytes);
  }
  void let_go() {
    handler_ = nullptr;
    resolver_.cancel();
    // TLS says no goodbye: the link is given up, whatever Redis thinks of it.
    net::close(lowest(stream_));
  }

 private:
  void connect(std::vector<asio::ip::tcp::endpoint> addresses) {
    if (handler_ == nullptr) return;
    addresses_ = std::move(addresses);
    asio::async_connect(lowest(stream_), addresses_, [self = this->shared_from_this()](Failure failure, const auto&) {
      if (failure) return self->close(failure);
      self->set_socket_options();
      self->shake_hands();
    });
  }
  void set_socket_options() {
    // Neither is needed for correctness: a node that is silent is noticed by PING.
    Failure ignored;
    lowest(stream_).set_option(asio::ip::tcp::no_delay(true), ignored);
    lowest(stream_).set_option(asio::socket_base::keep_alive(true), ignored);
  }
  void shake_hands() {
    if constexpr (std::is_same_v<Stream, Tls>) {
      Failure is_name;
      (void)asio::ip::make_address(host_, is_name);
      // The name of the server that is wanted; addresses are not sent (RFC 6066).
      if (is_name) SSL_set_tlsext_host_name(stream_.native_handle(), host_.c_str());
      stream_.set_verify_callback(ssl::host_name_verification(host_));
      stream_.async_handshake(ssl::stream_base::client, [self = this->shared_from_this()](Failure failure) {
        if (failure) return self->close(failure);
        self->begin();
      });
    } else {
      begin();
    }
  }
  void begin() {
    if (handler_ == nullptr) return;
    handler_->on_connected();
    read();
  }
  void read() {
    if (handler_ == nullptr) return;
    stream_.async_read_some(asio::buffer(received_),
                            [self = this->shared_from_this()](Failure failure, std::size_t size) {
                              if (failure) return self->close(failure);
                              if (self->handler_ == nullptr) return;
                              self->handler_->on_received({self->received_.data(), size});
                              self->read();
                            });
  }
  void write() {
    if (handler_ == nullptr || outgoing_.empty()) return;
    is_writing_ = true;
    writing_.clear();
    writing_.swap(outgoing_);
    asio::async_write(stream_, asio::buffer(writing_), [self = this->shared_from_this()](Failure failure, std::size_t) {
      self->is_writing_ = false;
      if (failure) return self->close(failure);
      self->write();
    });
  }
  void close(Failure failure) {
    if (handler_ == nullptr) return;
    auto* const handler = std::exchange(handler_, nullptr);
    net::close(lowest(stream_));
    handler->on_closed(failure == asio::error::eof ? "the connection was closed" : failure.message());
  }

  net::IoThread& thread_;
  TransportHandler* handler_;  // null: closed
  asio::ip::tcp::resolver resolver_;
  Stream stream_;
  std::string host_;
  std::vector<asio::ip::tcp::endpoint> addresses_;
  std::array<char, read_bytes> received_;
  std::string outgoing_;
  std::string writing_;
  bool is_writing_ = false;
};

template <class Stream>
class StreamTransport final : public Transport {
 public:
  explicit StreamTransport(std::shared_ptr<Connection<Stream>> connection) : connection_(std::move(connection)) {}
  ~StreamTransport() override { connection_->let_go(); }
  void send(std::string_view bytes) override { connection_->send(bytes); }

 private:
  const std::shared_ptr<Connection<Stream>> connection_;
};

ssl::context make_tls(const std::string& ca_file) {
  ssl::context tls(ssl::context::tls_client);
  tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  tls.set_verify_mode(ssl::verify_peer);
  Failure failure;
  if (ca_file.empty()) {
    tls.set_default_verify_paths(failure);
  } else {
    tls.load_verify_file(ca_file, failure);
  }
  if (failure)
    throw std::runtime_error("The authorities for Redis's certificates cannot be read: " + failure.message());
  return tls;
}

class StreamTransports final : public Transports {
 public:
  StreamTransports(net::IoThread& thread, const Options& options) : thread_(thread) {
    if (options.tls) tls_.emplace(make_tls(options.ca_file));
  }

  std::unique_ptr<Transport> open(const Endpoint& endpoint, TransportHandler& handler) override {
    if (tls_) return open(std::make_shared<Connection<Tls>>(thread_, handler, *tls_), endpoint);
    return open(std::make_shared<Connection<Tcp>>(thread_, handler), endpoint);
  }

 private:
  template <class Stream>
  static std::unique_ptr<Transport> open(std::shared_ptr<Connection<Stream>> connection, const Endpoint& endpoint) {
    connection->open(endpoint);
    return std::make_unique<StreamTransport<Stream>>(std::move(connection));
  }

  net::IoThread& thread_;
  std::optional<ssl::context> tls_;
};

}  // namespace

std::unique_ptr<Transports> make_transports(net::IoThread& thread, const Options& options) {
  return std::make_unique<StreamTransports>(thread, options);
}

}  // namespace redis
