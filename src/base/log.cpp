#include "base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "base/clock.hpp"
#include "base/json_text.hpp"

namespace base::log {
namespace {

constexpr std::size_t lines_waiting_max = 8192;
constexpr std::size_t value_bytes_max = 256;

std::atomic<Level> threshold{Level::off};
std::shared_ptr<spdlog::async_logger> logger;

std::string_view name_of(Level level) noexcept {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
    case Level::off:
      return "off";
  }
  return "off";
}

}  // namespace

void Value::append_to(std::string& line) const {
  switch (kind_) {
    case Kind::text:
      append_json_string(line, text_.substr(0, value_bytes_max));
      return;
    case Kind::integer:
      line += std::to_string(number_);
      return;
    case Kind::boolean:
      line += number_ != 0 ? "true" : "false";
      return;
  }
}

void start(Level level) {
  spdlog::init_thread_pool(lines_waiting_max, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_pattern("%v");
  logger = std::make_shared<spdlog::async_logger>("messagingd", std::move(sink), spdlog::thread_pool(),
                                                  spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(spdlog::level::trace);
  threshold.store(level, std::memory_order_release);
}

void stop() {
  threshold.store(Level::off, std::memory_order_release);
  logger.reset();
  // Joins the writing thread after it has emptied its queue.
  spdlog::shutdown();
}

bool enabled(Level level) noexcept {
  return level >= threshold.load(std::memory_order_acquire);
}

void write(Level level, std::string_view event, Fields fields) {
  if (!enabled(level)) return;
  std::string line;
  line.reserve(192);
  line += R"({"time":")";
  append_iso8601(line, SystemClock().system_now());
  line += R"(","level":")";
  line += name_of(level);
  line += R"(","event":)";
  append_json_string(line, event);
  for (const auto& field : fields) {
    line += ',';
    append_json_string(line, field.key);
    line += ':';
    field.value.append_to(line);
  }
  line += '}';
  logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace base::log
