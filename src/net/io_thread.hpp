// One event loop on one thread: an io_context of its own, a timer wheel, a buffer that every connection of the thread
// reads into. A connection lives on one IoThread for ever; nothing in it is locked.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/executor.hpp"

namespace boost::asio {
class io_context;
}

namespace net {

class IoThread final : public base::Executor {
 public:
  // Read in one turn at most; also the largest piece that a decoder is handed.
  static constexpr std::size_t read_buffer_bytes = 128 * 1024;

  IoThread(const base::Clock& clock, std::size_t index);
  ~IoThread() override;

  // Runs the loop until stop(); call once, on the thread that this is.
  void run();
  // From any thread. Work that is left is destroyed unrun.
  void stop();

  void post(base::Job job) override;
  [[nodiscard]] base::TimerId schedule(base::milliseconds after, base::Job job) override;
  void cancel(base::TimerId id) override;
  // Runs the job when this turn's ready work is done: what a turn has written leaves in one system call. This thread
  // only.
  void at_end_of_turn(base::Job job);

  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  [[nodiscard]] const base::Clock& clock() const noexcept;
  [[nodiscard]] boost::asio::io_context& context() noexcept;
  // Scratch space, good until the next turn. With 64 bytes beyond its end that may be read (simdjson's padding).
  [[nodiscard]] std::span<char> read_buffer() noexcept;

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
  std::size_t index_;
};

}  // namespace net
