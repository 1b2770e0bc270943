// For this folder's tests: one side of a call over loopback.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "messaging/v1/messaging.grpc.pb.h"

namespace rpc {

inline std::unique_ptr<grpc::ClientContext> call_as(const std::string& authorization) {
  auto context = std::make_unique<grpc::ClientContext>();
  // A test that hangs ends with DEADLINE_EXCEEDED instead.
  context->set_deadline(std::chrono::system_clock::time_point(base::SystemClock().system_now() + base::seconds(20)));
  if (!authorization.empty()) context->AddMetadata("authorization", authorization);
  return context;
}

// A channel of its own for each test: channels to one address share connections otherwise.
inline std::shared_ptr<grpc::Channel> channel_to(
    std::uint16_t port,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials = grpc::InsecureChannelCredentials()) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), credentials, arguments);
}

inline google::rpc::ErrorInfo error_info_of(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (details.ParseFromString(status.error_details()) && details.details_size() == 1)
    details.details(0).UnpackTo(&info);
  return info;
}

}  // namespace rpc
