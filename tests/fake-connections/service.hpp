// connections.v1.ConnectionsService over a script, on gRPC's threads. Writes a line for each call.
#pragma once

#include <mutex>
#include <ostream>

#include "connections/v1/connections.grpc.pb.h"
#include "script.hpp"

namespace fake_connections {

class Service final : public connections::v1::ConnectionsService::CallbackService {
 public:
  // Both outlive it.
  Service(Script& script, std::ostream& out) : script_(script), out_(out) {}

  grpc::ServerUnaryReactor* IsConnected(grpc::CallbackServerContext* context,
                                        const connections::v1::IsConnectedRequest* request,
                                        connections::v1::IsConnectedResponse* response) override;

  [[nodiscard]] std::int64_t calls();

 private:
  void write_line(const grpc::CallbackServerContext& context, const connections::v1::IsConnectedRequest& request,
                  const Answer& answer);

  Script& script_;
  std::ostream& out_;
  std::mutex mutex_;  // guards what follows, and the lines
  std::int64_t calls_ = 0;
};

}  // namespace fake_connections
