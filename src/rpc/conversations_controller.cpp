#include "rpc/conversations_controller.hpp"

#include <atomic>
#include <future>

#include "base/metrics.hpp"
#include "base/task_group.hpp"
#include "messaging/v1/messaging.grpc.pb.h"
#include "rpc/authentication.hpp"
#include "rpc/call_limit.hpp"
#include "rpc/pending_call.hpp"
#include "rpc/requests.hpp"
#include "rpc/status_map.hpp"
#include "rpc/sync_stream.hpp"
#include "rpc/wire.hpp"

namespace rpc {
namespace {

namespace v1 = messaging::v1;
using base::Errc;
using base::Result;
using base::Task;
using grpc::CallbackServerContext;
using messaging::Caller;
using UnaryReactor = grpc::ServerUnaryReactor;

Result<Caller> caller_of(const CallbackServerContext& context, const auth::JwtVerifier& verifier) {
  std::vector<std::string_view> values;
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  for (auto it = first; it != last; ++it) values.emplace_back(it->second.data(), it->second.size());
  auto caller = authenticate(values, verifier);
  if (!caller) return caller;
  const auto traceparent = context.client_metadata().find("traceparent");
  caller->trace =
      base::TraceContext::from(traceparent == context.client_metadata().end()
                                   ? std::string_view()
                                   : std::string_view(traceparent->second.data(), traceparent->second.size()));
  return caller;
}

// Waits for the operation, then answers the call.
template <class Outcome, class Response>
Task<> answer(PendingCall call, Task<Result<Outcome>> operation, Response* response) {
  auto outcome = co_await operation;
  if (!outcome) {
    call.refuse(outcome.error());
    co_return;
  }
  to_wire(*outcome, *response);
  call.succeed();
}

// A stream that ends before its first message.
class RefusedStream final : public grpc::ServerWriteReactor<v1::SyncEvent> {
 public:
  explicit RefusedStream(const base::Error& error) { Finish(refusal_of("Sync", error)); }

 private:
  void OnDone() override { delete this; }
};

}  // namespace

class ConversationsController::Service final : public v1::ConversationsService::CallbackService {
 public:
  Service(messaging::MessagingService& messaging, const auth::JwtVerifier& verifier,
          std::vector<base::Executor*> executors, std::size_t calls_max)
      : messaging_(messaging), verifier_(verifier), executors_(std::move(executors)), limit_(calls_max) {}

  UnaryReactor* GetMessageHistory(CallbackServerContext* context, const v1::GetMessageHistoryRequest* request,
                                  v1::GetMessageHistoryResponse* response) override {
    return serve("GetMessageHistory", *context, *request, response,
                 [this](Caller caller, messaging::HistoryQuery query) {
                   return messaging_.get_message_history(std::move(caller), std::move(query));
                 });
  }

  UnaryReactor* ListConversations(CallbackServerContext* context, const v1::ListConversationsRequest* request,
                                  v1::ListConversationsResponse* response) override {
    return serve("ListConversations", *context, *request, response, [this](Caller caller, InboxQuery query) {
      return messaging_.get_conversations(std::move(caller), query.limit, std::move(query.cursor));
    });
  }

  UnaryReactor* GetConversation(CallbackServerContext* context, const v1::GetConversationRequest* request,
                                v1::Conversation* response) override {
    return serve("GetConversation", *context, *request, response, [this](Caller caller, base::ConversationId id) {
      return messaging_.get_conversation(std::move(caller), id);
    });
  }

  UnaryReactor* OpenConversation(CallbackServerContext* context, const v1::OpenConversationRequest* request,
                                 v1::Conversation* response) override {
    return serve("OpenConversation", *context, *request, response, [this](Caller caller, base::UserId other) {
      return messaging_.open_conversation(std::move(caller), std::move(other));
    });
  }

  UnaryReactor* SendMessage(CallbackServerContext* context, const v1::SendMessageRequest* request,
                            v1::Message* response) override {
    return serve("SendMessage", *context, *request, response, [this](Caller caller, messaging::SendMessage message) {
      return messaging_.create_message(std::move(caller), std::move(message));
    });
  }

  UnaryReactor* MarkRead(CallbackServerContext* context, const v1::MarkReadRequest* request,
                         v1::MarkReadResponse* response) override {
    return serve("MarkRead", *context, *request, response, [this](Caller caller, ReadReceipt receipt) {
      return messaging_.mark_read(std::move(caller), receipt.conversation_id, receipt.message_id);
    });
  }

  grpc::ServerWriteReactor<v1::SyncEvent>* Sync(CallbackServerContext* context,
                                                const v1::SyncRequest* request) override {
    base::metrics::add(base::metrics::Counter::rpc_calls);
    auto caller = caller_of(*context, verifier_);
    if (!caller) return new RefusedStream(caller.error());
    auto since = read_request(*request);
    if (!since) return new RefusedStream(since.error());
    auto slot = limit_.try_take();
    if (!slot) return new RefusedStream({.code = Errc::overloaded, .detail = {}});
    auto read_page = [this, caller = *std::move(caller)](std::string from, int limit) {
      return messaging_.sync(caller, std::move(from), limit);
    };
    // gRPC owns it until OnDone, where it deletes itself.
    auto* stream = new SyncStream(std::move(read_page), next_executor(), tasks_, *std::move(slot));
    stream->start(*std::move(since));
    return stream;
  }

  void join() {
    std::promise<void> idle;
    auto is_idle = idle.get_future();
    tasks_.on_idle([idle = std::move(idle)]() mutable { idle.set_value(); });
    is_idle.wait();
  }

 private:
  // `operation` is called on the executor, as all of MessagingService has to be.
  template <class Request, class Response, class Operation>
  UnaryReactor* serve(std::string_view method, CallbackServerContext& context, const Request& request,
                      Response* response, Operation operation) {
    base::metrics::add(base::metrics::Counter::rpc_calls);
    auto* reactor = context.DefaultReactor();
    PendingCall call(*reactor, method);
    auto caller = caller_of(context, verifier_);
    if (!caller) {
      call.refuse(caller.error());
      return reactor;
    }
    auto input = read_request(request);
    if (!input) {
      call.refuse(input.error());
      return reactor;
    }
    auto slot = limit_.try_take();
    if (!slot) {
      call.refuse({.code = Errc::overloaded, .detail = {}});
      return reactor;
    }
    call.hold(*std::move(slot));
    next_executor().post([this, call = std::move(call), caller = *std::move(caller), input = *std::move(input),
                          response, operation]() mutable {
      tasks_.spawn(answer(std::move(call), operation(std::move(caller), std::move(input)), response));
    });
    return reactor;
  }

  base::Executor& next_executor() noexcept {
    return *executors_[next_executor_.fetch_add(1, std::memory_order_relaxed) % executors_.size()];
  }

  messaging::MessagingService& messaging_;
  const auth::JwtVerifier& verifier_;
  const std::vector<base::Executor*> executors_;
  std::atomic<std::size_t> next_executor_{0};
  CallLimit limit_;
  base::TaskGroup tasks_;
};

ConversationsController::ConversationsController(messaging::MessagingService& messaging,
                                                 const auth::JwtVerifier& verifier,
                                                 std::vector<base::Executor*> executors, std::size_t calls_max)
    : service_(std::make_unique<Service>(messaging, verifier, std::move(executors), calls_max)) {}

ConversationsController::~ConversationsController() = default;

grpc::Service& ConversationsController::service() noexcept {
  return *service_;
}

void ConversationsController::join() {
  service_->join();
}

}  // namespace rpc
