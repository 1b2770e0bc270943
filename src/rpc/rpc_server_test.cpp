#include "rpc/rpc_server.hpp"

#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <future>

#include "rpc/test_certificate.hpp"
#include "rpc/test_client.hpp"
#include "rpc/test_service.hpp"

namespace rpc {
namespace {

namespace v1 = messaging::v1;

// grpc.health.v1.HealthCheckResponse { SERVING } and { NOT_SERVING }, as bytes: no stubs are packaged for the library's
// services.
constexpr std::string_view serving = "\x08\x01";
constexpr std::string_view not_serving = "\x08\x02";

grpc::ByteBuffer buffer_of(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

std::string bytes_of(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  if (!buffer.DumpToSingleSlice(&slice).ok()) return "";
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

// A call of which only the bytes are known: sends one message and hands out what comes back.
class RawCall {
 public:
  RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, std::string_view request)
      : stub_(channel), call_(stub_.PrepareCall(context_.get(), method, &queue_)) {
    call_->StartCall(nullptr);
    wait();
    call_->WriteLast(buffer_of(request), {}, nullptr);
    wait();
  }
  ~RawCall() {
    context_->TryCancel();
    grpc::Status status;
    call_->Finish(&status, nullptr);
    wait();
  }
  RawCall(const RawCall&) = delete;
  RawCall& operator=(const RawCall&) = delete;

  // Empty at the end of the stream.
  std::string read() {
    grpc::ByteBuffer message;
    call_->Read(&message, nullptr);
    return wait() ? bytes_of(message) : std::string();
  }

 private:
  bool wait() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  std::unique_ptr<grpc::ClientContext> context_ = call_as("");
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

// HealthCheckRequest { service }.
std::string health_request(std::string_view name) {
  if (name.empty()) return "";
  return std::string("\x0a") + static_cast<char>(name.size()) + std::string(name);
}

class Server : public testing::Test {
 protected:
  TestService service;
  ThreadExecutor executor;

  base::Result<std::unique_ptr<RpcServer>> start(RpcServerOptions options) {
    return RpcServer::start(std::move(options), service.messaging(), service.verifier(), {&executor});
  }
  grpc::Status get_conversation(const std::shared_ptr<grpc::Channel>& channel, const std::string& id) {
    v1::GetConversationRequest request;
    request.set_conversation_id(id);
    v1::Conversation response;
    return v1::ConversationsService::NewStub(channel)->GetConversation(call_as(service.bearer("alice")).get(), request,
                                                                       &response);
  }
  grpc::Status get_conversation(const std::shared_ptr<grpc::Channel>& channel) {
    return get_conversation(channel, std::string(TestService::conversation_id));
  }
  static std::string refusal(const base::Result<std::unique_ptr<RpcServer>>& started) {
    return started ? "it was started" : started.error().detail;
  }
};

TEST_F(Server, port_0_is_any_free_port) {
  const auto server = start({.port = 0}).value();
  EXPECT_NE(server->port(), 0);
  EXPECT_TRUE(get_conversation(channel_to(server->port())).ok());
}

TEST_F(Server, a_port_that_is_taken_is_found_out) {
  const auto first = start({.port = 0}).value();
  const auto second = start({.port = first->port()});
  EXPECT_NE(refusal(second).find("127.0.0.1:" + std::to_string(first->port())), std::string::npos) << refusal(second);
}

TEST_F(Server, health_is_serving_for_the_process_and_for_the_service) {
  const auto server = start({.port = 0}).value();
  for (const auto* name : {"", "messaging.v1.ConversationsService"}) {
    RawCall check(channel_to(server->port()), "/grpc.health.v1.Health/Check", health_request(name));
    EXPECT_EQ(check.read(), serving) << name;
  }
}

TEST_F(Server, health_says_not_serving_as_soon_as_the_drain_begins) {
  const auto server = start({.port = 0}).value();
  auto watch =
      std::make_unique<RawCall>(channel_to(server->port()), "/grpc.health.v1.Health/Watch", health_request(""));
  EXPECT_EQ(watch->read(), serving);
  auto drained = std::async(std::launch::async, [&] { server->drain(base::seconds(10)); });
  EXPECT_EQ(watch->read(), not_serving);
  watch.reset();
  drained.get();
}

TEST_F(Server, reflection_names_the_services) {
  const auto server = start({.port = 0}).value();
  // ServerReflectionRequest { list_services: "*" }.
  RawCall call(channel_to(server->port()), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
               "\x3a\x01*");
  const auto answer = call.read();
  EXPECT_NE(answer.find("messaging.v1.ConversationsService"), std::string::npos);
  EXPECT_NE(answer.find("grpc.health.v1.Health"), std::string::npos);
}

TEST_F(Server, a_request_beyond_the_limit_is_refused) {
  const auto server = start({.port = 0, .request_bytes_max = 1024}).value();
  EXPECT_EQ(get_conversation(channel_to(server->port()), std::string(2000, 'x')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(Server, a_drain_waits_for_the_call_under_way_and_takes_no_new_one) {
  HeldExecutor held;
  const auto server = RpcServer::start({.port = 0}, service.messaging(), service.verifier(), {&held}).value();
  const auto channel = channel_to(server->port());
  auto call = std::async(std::launch::async, [&] { return get_conversation(channel); });
  held.wait_for(1);
  auto watch = std::make_unique<RawCall>(channel, "/grpc.health.v1.Health/Watch", health_request(""));
  EXPECT_EQ(watch->read(), serving);
  auto drained = std::async(std::launch::async, [&] { server->drain(base::seconds(10)); });
  EXPECT_EQ(watch->read(), not_serving);
  watch.reset();
  EXPECT_EQ(drained.wait_for(base::milliseconds(0)), std::future_status::timeout);
  held.run();
  EXPECT_TRUE(call.get().ok());
  drained.get();
  EXPECT_EQ(get_conversation(channel).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Server, a_second_drain_has_nothing_to_do) {
  const auto server = start({.port = 0}).value();
  server->drain(base::seconds(1));
  server->drain(base::seconds(1));
}

TEST_F(Server, plaintext_is_for_loopback_alone) {
  EXPECT_NE(refusal(start({.host = "0.0.0.0", .port = 0})).find("needs a certificate"), std::string::npos);
  EXPECT_NE(refusal(start({.host = "127.example.invalid", .port = 0})).find("needs a certificate"), std::string::npos);
  EXPECT_TRUE(start({.host = "localhost", .port = 0}));
}

TEST_F(Server, tls_needs_all_three_parts_and_they_have_to_fit) {
  const auto own = make_test_certificate();
  const auto other = make_test_certificate();
  const RpcTls incomplete{.certificate_chain = own.certificate_pem, .private_key = own.key_pem, .client_ca = ""};
  EXPECT_NE(refusal(start({.port = 0, .tls = incomplete})).find("or none of them"), std::string::npos);
  const RpcTls mixed{
      .certificate_chain = own.certificate_pem, .private_key = other.key_pem, .client_ca = own.certificate_pem};
  EXPECT_NE(refusal(start({.port = 0, .tls = mixed})).find("do not fit"), std::string::npos);
}

TEST_F(Server, with_tls_a_client_needs_a_certificate_of_the_ca) {
  const auto own = make_test_certificate();
  const auto server = start({.port = 0,
                             .tls = {.certificate_chain = own.certificate_pem,
                                     .private_key = own.key_pem,
                                     .client_ca = own.certificate_pem}})
                          .value();
  const auto call_with = [&](const TestCertificate* client) {
    grpc::SslCredentialsOptions ssl{.pem_root_certs = own.certificate_pem, .pem_private_key = {}, .pem_cert_chain = {}};
    if (client) {
      ssl.pem_private_key = client->key_pem;
      ssl.pem_cert_chain = client->certificate_pem;
    }
    return get_conversation(channel_to(server->port(), grpc::SslCredentials(ssl))).error_code();
  };
  const auto stranger = make_test_certificate();
  EXPECT_EQ(call_with(&own), grpc::StatusCode::OK);
  EXPECT_EQ(call_with(&stranger), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(call_with(nullptr), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(get_conversation(channel_to(server->port())).error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace rpc
