// The bytes under a link: one TCP or TLS connection to one node, that is opened once and ends once. Links use it
// through this port, so that they can be driven by hand in tests. The link's thread only.
#pragma once

#include <memory>
#include <string_view>

#include "net/io_thread.hpp"
#include "redis/options.hpp"

namespace redis {

// Never called within a call to the transport.
class TransportHandler {
 public:
  virtual ~TransportHandler() = default;
  // With TLS: and the server is who it should be.
  virtual void on_connected() = 0;
  // `bytes` are good during the call.
  virtual void on_received(std::string_view bytes) = 0;
  // Or it could not be opened. `reason` is a sentence's end for the operator: "Connection refused". The last call.
  virtual void on_closed(std::string_view reason) = 0;
};

class Transport {
 public:
  // Closes. The handler is not called any more; it may destroy the transport in each of its calls.
  virtual ~Transport() = default;
  // After on_connected(). What one turn sends leaves in one write. Unbounded: whoever sends counts what is unanswered.
  virtual void send(std::string_view bytes) = 0;
};

class Transports {
 public:
  virtual ~Transports() = default;
  // Begins to connect; takes as long as the network does. The handler outlives the transport.
  [[nodiscard]] virtual std::unique_ptr<Transport> open(const Endpoint& endpoint, TransportHandler& handler) = 0;
};

// Over the thread's loop, as the options say. Throws std::runtime_error with a sentence for the operator where the
// file with the authorities cannot be used.
[[nodiscard]] std::unique_ptr<Transports> make_transports(net::IoThread& thread, const Options& options);

}  // namespace redis
