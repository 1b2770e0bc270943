#include "rpc/sync_stream.hpp"

#include "rpc/status_map.hpp"
#include "rpc/wire.hpp"

// States, one after the other and never two at once, so the members need no lock:
//
//   reading ──page──▶ writing ──last event taken──▶ reading            the page said that there is more
//      │                 │  └──last event taken──▶ ended (OK)          else
//      │                 └──write failed──▶ ended (CANCELLED)          the client is gone
//      └──failure──▶ ended (its status)
//
// A cancelled call needs no state of its own: its next write fails. Each step's last act is StartWrite, Finish or a
// post: another thread may go on with the object, or delete it, before that act returns.

namespace rpc {

// The duty to carry the stream on, while a page is being read. Dropped unused (by an executor that has stopped, or by
// an exception) it ends the stream.
class SyncStream::Turn {
 public:
  explicit Turn(SyncStream& stream) noexcept : stream_(&stream) {}
  Turn(Turn&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (stream_) stream_->end(refusal_of("Sync", {.code = base::Errc::internal, .detail = "the call was dropped"}));
  }

  [[nodiscard]] SyncStream& stream() const noexcept { return *stream_; }
  [[nodiscard]] SyncStream& use() noexcept { return *std::exchange(stream_, nullptr); }

 private:
  SyncStream* stream_;
};

SyncStream::SyncStream(ReadPage read_page, base::Executor& executor, base::TaskGroup& tasks, CallLimit::Slot slot)
    : read_page_(std::move(read_page)), executor_(executor), tasks_(tasks), slot_(std::move(slot)) {}

void SyncStream::start(std::string since) {
  read_next_page(std::move(since));
}

void SyncStream::read_next_page(std::string since) {
  executor_.post([turn = Turn(*this), since = std::move(since)]() mutable {
    auto& tasks = turn.stream().tasks_;
    tasks.spawn(read(std::move(turn), std::move(since)));
  });
}

base::Task<> SyncStream::read(Turn turn, std::string since) {
  auto page = co_await turn.stream().read_page_(std::move(since), page_limit);
  if (!page) {
    turn.use().end(refusal_of("Sync", page.error()));
    co_return;
  }
  turn.use().show(std::move(*page));
}

void SyncStream::show(messaging::SyncPage page) {
  page_ = std::move(page);
  next_ = 0;
  write_next();
}

void SyncStream::write_next() {
  if (next_ < page_.events.size()) {
    event_.Clear();
    to_wire(page_.events[next_++], event_);
    StartWrite(&event_);
    return;
  }
  if (page_.more) return read_next_page(std::move(page_.offset));
  end(grpc::Status::OK);
}

void SyncStream::OnWriteDone(bool ok) {
  if (!ok) return end(grpc::Status::CANCELLED);
  write_next();
}

void SyncStream::end(const grpc::Status& status) {
  slot_.reset();
  Finish(status);
}

void SyncStream::OnDone() {
  delete this;
}

}  // namespace rpc
