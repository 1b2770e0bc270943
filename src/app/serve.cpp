#include "app/serve.hpp"

#include <pthread.h>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "app/application.hpp"
#include "app/commands.hpp"
#include "base/log.hpp"

namespace app {
namespace {

// Blocked in every thread, so that only wait() receives them.
class Signals {
 public:
  Signals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // A peer that is gone is an error of write(), not the end of the process.
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, nullptr);
  }
  [[nodiscard]] int wait() const {
    int signal = 0;
    ::sigwait(&set_, &signal);
    return signal;
  }
  // From now on a signal ends the process at once.
  void release() const { ::pthread_sigmask(SIG_UNBLOCK, &set_, nullptr); }

 private:
  sigset_t set_{};
};

// Flushes the log on every way out.
struct LogScope {
  explicit LogScope(base::log::Level level) { base::log::start(level); }
  ~LogScope() { base::log::stop(); }
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;
};

std::string next_steps(const Application& application, const Config& config) {
  const auto site =
      "http://" + (config.host == "0.0.0.0" ? "127.0.0.1" : config.host) + ":" + std::to_string(application.port());
  return "\nmessagingd is ready.\n"
         "  try it         open " +
         site +
         "/ : alice and bob in two panes\n"
         "  mint a token   build/release/messagingd token alice\n"
         "  first message  with a token and the npm package socket.io-client:\n"
         "                   const socket = io(\"" +
         site +
         "\", { auth: { token } });\n"
         "                   const { data } = await socket.emitWithAck(\"openConversation\", { userId: \"bob\" });\n"
         "                   await socket.emitWithAck(\"sendMessage\", { conversationId: data.id, content: \"hello\" "
         "});\n"
         "  gRPC           " +
         config.grpc_host + ":" + std::to_string(application.grpc_port()) +
         " (messaging.v1.ConversationsService, with reflection)\n"
         "  health         http://" +
         config.admin_host + ":" + std::to_string(application.admin_port()) +
         "/readyz and /metrics\n"
         "  stop           Ctrl-C\n\n";
}

}  // namespace

int serve(const Config& config) {
  const Signals signals;
  const LogScope log(config.log_level);
  const base::SystemClock clock;
  auto started = Application::start(config, clock);
  if (!started) {
    std::cerr << "messagingd: " << started.error().sentence << "\n";
    return started.error().exit_code;
  }
  auto& application = **started;
  if (config.profile == Profile::development) std::cout << next_steps(application, config) << std::flush;

  const int signal = signals.wait();
  base::log::info("process.stopping", {{"signal", signal}});
  signals.release();
  const bool clean = application.stop();
  base::log::info("process.stopped", {{"clean", clean}});
  if (!clean) {
    // Something is still running: it must not meet destroyed parts. What was acked is on disk already.
    base::log::stop();
    std::_Exit(exit_internal);
  }
  return exit_good;
}

}  // namespace app
