// The duty to finish a unary call, handed from gRPC's thread to an executor and there to a task. gRPC keeps request,
// response and reactor until the call is finished, and a server does not shut down before; so a call that nobody
// finishes would hold the process up for ever. Heavy header (gRPC): for .cpp files of this folder.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <optional>

#include "rpc/call_limit.hpp"
#include "rpc/status_map.hpp"

namespace rpc {

class PendingCall {
 public:
  PendingCall(grpc::ServerUnaryReactor& reactor, std::string_view method) noexcept
      : reactor_(&reactor), method_(method) {}
  PendingCall(PendingCall&& other) noexcept
      : reactor_(std::exchange(other.reactor_, nullptr)), method_(other.method_), slot_(std::move(other.slot_)) {}
  PendingCall& operator=(PendingCall&&) = delete;
  // Dropped by an executor that has stopped, or by a task that an exception ended.
  ~PendingCall() {
    if (reactor_) refuse({.code = base::Errc::internal, .detail = "the call was dropped"});
  }

  // The place is given back before the client hears of the end.
  void hold(CallLimit::Slot slot) { slot_.emplace(std::move(slot)); }

  // Each at most once, and one of them: request and response are gone afterwards.
  void succeed() { finish(grpc::Status::OK); }
  void refuse(const base::Error& error) { finish(refusal_of(method_, error)); }

 private:
  void finish(const grpc::Status& status) {
    slot_.reset();
    std::exchange(reactor_, nullptr)->Finish(status);
  }

  grpc::ServerUnaryReactor* reactor_;
  std::string_view method_;
  std::optional<CallLimit::Slot> slot_;
};

}  // namespace rpc
