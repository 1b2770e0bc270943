// One call of Sync: the caller's feed since an offset, page after page, each event a message of the stream. The next
// page is read only when the last event of the one before has been taken by the client's flow control, so a slow client
// costs one page of memory. Made on a gRPC thread; pages are read on one executor, events written on gRPC's threads;
// deletes itself when gRPC is done with it. Heavy header (gRPC): for .cpp files of this folder.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <optional>

#include "base/executor.hpp"
#include "base/task_group.hpp"
#include "messaging/messaging_service.hpp"
#include "messaging/v1/messaging.pb.h"
#include "rpc/call_limit.hpp"

namespace rpc {

class SyncStream final : public grpc::ServerWriteReactor<messaging::v1::SyncEvent> {
 public:
  // The events behind an offset, at most page_limit of them: MessagingService::sync for one caller. Called on the
  // executor.
  using ReadPage = std::function<base::Task<base::Result<messaging::SyncPage>>(std::string since, int limit)>;

  static constexpr int page_limit = 500;

  // All that is passed outlives the server.
  SyncStream(ReadPage read_page, base::Executor& executor, base::TaskGroup& tasks, CallLimit::Slot slot);

  // Once, directly after construction.
  void start(std::string since);

 private:
  class Turn;

  void OnWriteDone(bool ok) override;
  void OnDone() override;

  void read_next_page(std::string since);
  static base::Task<> read(Turn turn, std::string since);
  void show(messaging::SyncPage page);
  void write_next();
  void end(const grpc::Status& status);

  const ReadPage read_page_;
  base::Executor& executor_;
  base::TaskGroup& tasks_;
  std::optional<CallLimit::Slot> slot_;
  messaging::SyncPage page_;
  std::size_t next_ = 0;
  messaging::v1::SyncEvent event_;
};

}  // namespace rpc
