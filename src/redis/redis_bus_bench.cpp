// What a published and a received message cost this process, over a real redis-server, both forms: CPU time of all its
// threads, which is not the server's. Messages have 250 bytes and leave in turns of 32.
//   redis_bus_bench [messages]
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>

#include "net/loopback_test_support.hpp"
#include "redis/redis_bus.hpp"
#include "redis/test_server.hpp"

namespace {

double cpu_microseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto total = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return total(usage.ru_utime) + total(usage.ru_stime);
}

// Counts messages, and tells when all are there.
class Counter final : public redis::BusListener {
 public:
  void expect(std::size_t count) { left_ = count; }
  void await() { left_.wait_for_zero(); }
  void on_message(std::string_view, std::string_view) override { left_.take_one(); }
  void on_subscribed(std::string_view) override { subscribed_.set_value(); }
  void on_link(bool) override {}
  void on_publish_lost() override { std::fputs("lost\n", stderr); }
  void await_subscribed() { subscribed_.get_future().wait(); }

 private:
  struct Left {
    std::atomic<std::size_t> count = 0;
    void operator=(std::size_t value) { count = value; }
    void take_one() {
      if (--count == 0) count.notify_all();
    }
    void wait_for_zero() {
      for (auto now = count.load(); now != 0; now = count.load()) count.wait(now);
    }
  };
  Left left_;
  std::promise<void> subscribed_;
};

void measure(const redis::Options& options, redis::RedisBus::Mode mode, std::size_t messages) {
  net::RunningThread thread;
  redis::RedisBus bus(*thread, options, mode);
  Counter counter;
  bus.listen("", counter);
  bus.start();
  bus.subscribe("subscribed");
  counter.await_subscribed();
  const std::string payload(250, 'x');
  for (const auto* channel : {"elsewhere", "subscribed"}) {
    const bool is_received = channel == std::string_view("subscribed");
    counter.expect(messages);
    const auto begin = cpu_microseconds();
    for (std::size_t i = 0; i < messages; ++i) {
      bus.publish(channel, payload);
      // A round trip now and then, so that the queue's bound is not reached.
      if (i % 32 == 31) thread.run([] {});
      if (i % 4096 == 4095) {
        std::promise<void> counted;
        thread.run([&] { bus.count_subscribers(channel, [&counted](auto) { counted.set_value(); }); });
        counted.get_future().wait();
      }
    }
    if (is_received) {
      counter.await();
    } else {
      std::promise<void> counted;
      thread.run([&] { bus.count_subscribers(channel, [&counted](auto) { counted.set_value(); }); });
      counted.get_future().wait();
    }
    std::printf("%s, %s: %.2f us\n", mode == redis::RedisBus::Mode::classic ? "classic" : "sharded",
                is_received ? "published and received" : "published", (cpu_microseconds() - begin) / double(messages));
  }
  std::promise<void> stopped;
  bus.stop([&stopped] { stopped.set_value(); });
  stopped.get_future().wait();
  thread.stop();
}

}  // namespace

int main(int count, char** arguments) {
  const redis::TestServer server;
  const auto messages = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 200'000;
  measure(server.options(), redis::RedisBus::Mode::classic, messages);
  measure(server.options(), redis::RedisBus::Mode::sharded, messages);
  return 0;
}
