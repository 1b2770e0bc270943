#include "service.hpp"

#include <grpc/support/time.h>
#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include "answers.hpp"
#include "base/json_text.hpp"

namespace fake_connections {
namespace {

// An answer that never comes: longer than anybody waits.
constexpr base::milliseconds never{24 * 3'600 * 1'000};

// Ends the call when its time has come, or when the caller gives up.
class DelayedAnswer final : public grpc::ServerUnaryReactor {
 public:
  DelayedAnswer(grpc::Status status, base::milliseconds delay) : status_(std::move(status)) {
    const auto at = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(delay.count(), GPR_TIMESPAN));
    alarm_.Set(at, [this](bool is_due) { Finish(is_due ? status_ : grpc::Status::CANCELLED); });
  }

 private:
  void OnCancel() override { alarm_.Cancel(); }
  void OnDone() override { delete this; }

  const grpc::Status status_;
  grpc::Alarm alarm_;
};

std::string_view metadata(const grpc::CallbackServerContext& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  return found == context.client_metadata().end() ? std::string_view()
                                                  : std::string_view(found->second.data(), found->second.size());
}

}  // namespace

grpc::ServerUnaryReactor* Service::IsConnected(grpc::CallbackServerContext* context,
                                               const connections::v1::IsConnectedRequest* request,
                                               connections::v1::IsConnectedResponse* response) {
  const auto answer = script_.answer(request->user_id(), request->other_user_id());
  write_line(*context, *request, answer);
  response->set_connected(answer.name == "yes");
  const auto code = status_of(answer.name).value();
  const grpc::Status status = code == grpc::StatusCode::OK ? grpc::Status::OK : grpc::Status(code, "by the script");
  return new DelayedAnswer(status, answer.name == "none" ? never : answer.delay);
}

// Of the token only that it came.
void Service::write_line(const grpc::CallbackServerContext& context, const connections::v1::IsConnectedRequest& request,
                         const Answer& answer) {
  constexpr std::string_view scheme = "Bearer ";
  const auto authorization = metadata(context, "authorization");
  const bool has_token = authorization.size() > scheme.size() && authorization.starts_with(scheme);
  const std::lock_guard lock(mutex_);
  std::string line = "{\"call\":";
  base::append_json_number(line, ++calls_);
  line += ",\"userId\":";
  base::append_json_string(line, request.user_id());
  line += ",\"otherUserId\":";
  base::append_json_string(line, request.other_user_id());
  line += ",\"answer\":";
  base::append_json_string(line, answer.name);
  line += ",\"delayMs\":";
  base::append_json_number(line, answer.delay.count());
  line += has_token ? ",\"authorization\":true" : ",\"authorization\":false";
  line += ",\"traceparent\":";
  base::append_json_string(line, metadata(context, "traceparent"));
  line += "}";
  out_ << line << std::endl;
}

std::int64_t Service::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

}  // namespace fake_connections
