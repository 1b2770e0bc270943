// Decodes RESP2, bytes to replies, through hiredis's reader; between a link's transport and whoever waits for replies.
// What Redis sends is not trusted: a stream that is malformed or beyond the limits ends its reader. One per connection,
// on its thread. A reply's memory is used again for the next one, so that a stream of like messages costs no
// allocation.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "redis/reply.hpp"

namespace redis {

class RespReader {
 public:
  // Of one reply, all its strings together; also what an unfinished reply may occupy. The largest ones are lists of a
  // node's sockets, some MiB.
  static constexpr std::size_t text_bytes_max = 16 * 1024 * 1024;
  // Of one reply, with those of nested arrays. Each costs the memory of a Reply as soon as it is announced.
  static constexpr std::size_t elements_max = 256 * 1024;

  RespReader();
  ~RespReader();
  RespReader(const RespReader&) = delete;
  RespReader& operator=(const RespReader&) = delete;

  // Then next() until it returns null. Pieces of some 16 KiB are best: hiredis moves what is left of a piece.
  void feed(std::string_view bytes);
  // The next complete reply, good until the next call, and may be moved from. Null: more bytes are needed, or the
  // stream is malformed.
  [[nodiscard]] Reply* next();
  // For good: the connection is to be closed.
  [[nodiscard]] bool is_malformed() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace redis
