#include "rpc/fake_connections_service.hpp"

#include <grpcpp/grpcpp.h>

#include <stdexcept>

#include "connections/v1/connections.grpc.pb.h"

namespace rpc {
namespace {

namespace v1 = connections::v1;
using Answer = FakeConnectionsService::Answer;

// Ends when its caller gives up.
class Unanswered final : public grpc::ServerUnaryReactor {
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }
};

std::string metadata(const grpc::CallbackServerContext& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  return found == context.client_metadata().end() ? "" : std::string(found->second.data(), found->second.size());
}

grpc::Status status_of(Answer answer) {
  switch (answer) {
    case Answer::permission_denied:
      return {grpc::StatusCode::PERMISSION_DENIED, "not yours to ask"};
    case Answer::unauthenticated:
      return {grpc::StatusCode::UNAUTHENTICATED, "who?"};
    case Answer::unavailable:
      return {grpc::StatusCode::UNAVAILABLE, "later"};
    case Answer::internal:
      return {grpc::StatusCode::INTERNAL, "broken"};
    case Answer::yes:
    case Answer::no:
    case Answer::none:
      return grpc::Status::OK;
  }
}

}  // namespace

class FakeConnectionsService::Service final : public v1::ConnectionsService::CallbackService {
 public:
  grpc::ServerUnaryReactor* IsConnected(grpc::CallbackServerContext* context, const v1::IsConnectedRequest* request,
                                        v1::IsConnectedResponse* response) override {
    const std::lock_guard lock(mutex);
    ++calls;
    seen = {.user = request->user_id(),
            .other = request->other_user_id(),
            .authorization = metadata(*context, "authorization"),
            .traceparent = metadata(*context, "traceparent")};
    came.notify_all();
    if (answer == Answer::none) return new Unanswered;
    response->set_connected(answer == Answer::yes);
    auto* const reactor = context->DefaultReactor();
    reactor->Finish(status_of(answer));
    return reactor;
  }

  std::mutex mutex;
  std::condition_variable came;
  Answer answer = Answer::yes;
  Seen seen;
  int calls = 0;
};

struct FakeConnectionsService::Running {
  Service service;
  std::unique_ptr<grpc::Server> server;
};

FakeConnectionsService::FakeConnectionsService(int port, const TestCertificate* certificate)
    : running_(std::make_unique<Running>()) {
  auto credentials = grpc::InsecureServerCredentials();
  if (certificate) {
    grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    ssl.pem_key_cert_pairs.push_back({.private_key = certificate->key_pem, .cert_chain = certificate->certificate_pem});
    ssl.pem_root_certs = certificate->certificate_pem;
    credentials = grpc::SslServerCredentials(ssl);
  }
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), credentials, &port_);
  builder.RegisterService(&running_->service);
  running_->server = builder.BuildAndStart();
  if (!running_->server) throw std::runtime_error("the fake Connections service cannot listen");
}

FakeConnectionsService::~FakeConnectionsService() {
  running_->server->Shutdown(gpr_now(GPR_CLOCK_MONOTONIC));
}

void FakeConnectionsService::answer_with(Answer answer) {
  const std::lock_guard lock(running_->service.mutex);
  running_->service.answer = answer;
}

FakeConnectionsService::Seen FakeConnectionsService::last_seen() const {
  const std::lock_guard lock(running_->service.mutex);
  return running_->service.seen;
}

int FakeConnectionsService::calls() const {
  const std::lock_guard lock(running_->service.mutex);
  return running_->service.calls;
}

void FakeConnectionsService::wait_for_calls(int count) {
  std::unique_lock lock(running_->service.mutex);
  running_->service.came.wait(lock, [&] { return running_->service.calls >= count; });
}

}  // namespace rpc
