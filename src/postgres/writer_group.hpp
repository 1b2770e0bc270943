// The node's writers, as one: each write goes to the writer of its conversation, so that they take effect in the order
// of the calls. Any executor's thread.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "postgres/postgres_writer.hpp"

namespace postgres {

class WriterGroup {
 public:
  // Precondition: at least one.
  explicit WriterGroup(std::vector<std::shared_ptr<PostgresWriter>> writers) : writers_(std::move(writers)) {}

  // T: the outcome that belongs to the request.
  template <class T>
  base::Task<base::Result<T>> write(WriteRequest request) {
    PostgresWriter& writer = *writers_[route(request) % writers_.size()];
    auto result = co_await writer.write(std::move(request));
    if (!result) co_return base::forward(result);
    co_return std::get<T>(*std::move(result));
  }

  void start() { std::ranges::for_each(writers_, &PostgresWriter::start); }
  void stop() { std::ranges::for_each(writers_, &PostgresWriter::stop); }
  // Of the first that has any.
  [[nodiscard]] std::string trouble() const;

 private:
  // By conversation; by pair where the conversation is yet to be found: nobody can have an order of writes to it in
  // mind before that, and locks in the database keep the writers apart.
  [[nodiscard]] static std::size_t route(const WriteRequest& request);

  std::vector<std::shared_ptr<PostgresWriter>> writers_;
};

}  // namespace postgres
