// The program as its users run it: started, called over gRPC, read on its standard output, ended with SIGTERM.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "connections/v1/connections.grpc.pb.h"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace fake_connections {
namespace {

namespace v1 = connections::v1;

class Program {
 public:
  explicit Program(const std::string& script) {
    std::ofstream(path_) << script;
    std::array<int, 2> pipe_ends{};
    if (::pipe(pipe_ends.data()) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
    std::string path = path_.string();
    std::string program = FAKE_CONNECTIONS;
    std::array<std::string, 4> flags{"--port", "0", "--script", path};
    std::array<char*, 6> arguments{program.data(),  flags[0].data(), flags[1].data(),
                                   flags[2].data(), flags[3].data(), nullptr};
    if (::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments.data(), environ) != 0)
      throw std::runtime_error("cannot be started");
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    output_ = ::fdopen(pipe_ends[0], "r");
    const auto line = read_line();
    channel_ = grpc::CreateChannel(line.substr(line.rfind(' ') + 1), grpc::InsecureChannelCredentials());
  }
  ~Program() {
    if (process_ > 0) ::kill(process_, SIGKILL);
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
    std::fclose(output_);
    std::filesystem::remove(path_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  grpc::Status ask(bool& connected, int deadline_ms = 20'000) {
    grpc::ClientContext context;
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(deadline_ms, GPR_TIMESPAN)));
    context.AddMetadata("authorization", "Bearer secret");
    context.AddMetadata("traceparent", "00-1-2-01");
    v1::IsConnectedRequest request;
    request.set_user_id("alice");
    request.set_other_user_id("bob");
    v1::IsConnectedResponse response;
    const auto status = v1::ConnectionsService::NewStub(channel_)->IsConnected(&context, request, &response);
    connected = response.connected();
    return status;
  }
  std::string read_line() {
    std::string line;
    for (int c = std::fgetc(output_); c != '\n' && c != EOF; c = std::fgetc(output_)) line += static_cast<char>(c);
    return line;
  }
  int end() {
    ::kill(process_, SIGTERM);
    int status = 0;
    ::waitpid(std::exchange(process_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  const std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) / ("fake_connections_" + std::to_string(::getpid()) + ".json");
  pid_t process_ = -1;
  std::FILE* output_ = nullptr;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST(FakeConnections, answers_by_its_script_tells_each_call_and_ends_on_sigterm) {
  Program program(R"({"pairs":[{"users":["alice","bob"],"answers":["yes","PERMISSION_DENIED",
                     {"answer":"no","delayMs":50},"none"]}]})");
  bool connected = false;
  EXPECT_TRUE(program.ask(connected).ok());
  EXPECT_TRUE(connected);
  EXPECT_EQ(program.read_line(),
            R"({"call":1,"userId":"alice","otherUserId":"bob","answer":"yes","delayMs":0,"authorization":true,)"
            R"("traceparent":"00-1-2-01"})");
  EXPECT_EQ(program.ask(connected).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(program.ask(connected).ok());
  EXPECT_FALSE(connected);
  EXPECT_EQ(program.ask(connected, 100).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(program.read_line().find("secret"), std::string::npos);
  EXPECT_EQ(program.end(), 0);
  EXPECT_EQ(program.read_line(), R"({"calls":4})");
}

}  // namespace
}  // namespace fake_connections
