// States: reading -> malformed, by a violation of RESP or of a limit; then nothing comes any more.
#include "redis/resp_reader.hpp"

#include <hiredis/read.h>

#include <new>
#include <utility>

namespace redis {
namespace {

// A reply's memory beyond this is given back before the next one: one large reply must not be kept for ever.
constexpr std::size_t kept_bytes_max = 64 * 1024;
constexpr std::size_t kept_elements_max = 1'024;

}  // namespace

struct RespReader::State {
  Reply reply;
  std::size_t text_bytes = 0;
  std::size_t elements = 0;
  bool is_finished = false;  // the reply was handed out
  bool is_malformed = false;
  // Also limits the depth: it has places for eight arrays within each other.
  redisReader* reader = nullptr;

  // The reply that is to be filled: the root, or an element of an array whose size is known already. Cleared with its
  // memory kept. Null where it would be beyond a limit, which hiredis takes for an end of memory and gives up.
  static Reply* begin(const redisReadTask* task, Reply::Type type, std::size_t text_bytes = 0);
  static void* make_text(const redisReadTask* task, char* text, std::size_t size);
  static void* make_array(const redisReadTask* task, int size);
  static void* make_integer(const redisReadTask* task, long long integer);
  static void* make_nil(const redisReadTask* task);
  void forget_finished();
};

Reply* RespReader::State::begin(const redisReadTask* task, Reply::Type type, std::size_t text_bytes) {
  auto& state = *static_cast<State*>(task->privdata);
  state.text_bytes += text_bytes;
  if (state.text_bytes > text_bytes_max) return nullptr;
  auto* reply = &state.reply;
  if (task->parent != nullptr) {
    auto& siblings = static_cast<Reply*>(task->parent->obj)->elements;
    reply = &siblings[static_cast<std::size_t>(task->idx)];
  }
  reply->type = type;
  reply->integer = 0;
  reply->text.clear();
  if (type != Reply::Type::array) reply->elements.clear();
  return reply;
}

void* RespReader::State::make_text(const redisReadTask* task, char* text, std::size_t size) {
  const auto type = task->type == REDIS_REPLY_ERROR    ? Reply::Type::error
                    : task->type == REDIS_REPLY_STATUS ? Reply::Type::status
                                                       : Reply::Type::string;
  auto* const reply = begin(task, type, size);
  if (reply != nullptr) reply->text.assign(text, size);
  return reply;
}

void* RespReader::State::make_array(const redisReadTask* task, int size) {
  auto& state = *static_cast<State*>(task->privdata);
  state.elements += static_cast<std::size_t>(size);
  if (state.elements > elements_max) return nullptr;
  auto* const reply = begin(task, Reply::Type::array);
  if (reply != nullptr) reply->elements.resize(static_cast<std::size_t>(size));
  return reply;
}

void* RespReader::State::make_integer(const redisReadTask* task, long long integer) {
  auto* const reply = begin(task, Reply::Type::integer);
  if (reply != nullptr) reply->integer = integer;
  return reply;
}

void* RespReader::State::make_nil(const redisReadTask* task) {
  return begin(task, Reply::Type::nil);
}

void RespReader::State::forget_finished() {
  if (!std::exchange(is_finished, false)) return;
  if (text_bytes > kept_bytes_max || elements > kept_elements_max) reply = {};
  text_bytes = 0;
  elements = 0;
}

RespReader::RespReader() : state_(std::make_unique<State>()) {
  // Replies belong to State: there is nothing for hiredis to free.
  static redisReplyObjectFunctions functions{.createString = State::make_text,
                                             .createArray = State::make_array,
                                             .createInteger = State::make_integer,
                                             .createNil = State::make_nil,
                                             .freeObject = nullptr};
  state_->reader = redisReaderCreateWithFunctions(&functions);
  if (state_->reader == nullptr) throw std::bad_alloc();
  state_->reader->privdata = state_.get();
}

RespReader::~RespReader() {
  redisReaderFree(state_->reader);
}

void RespReader::feed(std::string_view bytes) {
  if (state_->is_malformed || bytes.empty()) return;
  if (redisReaderFeed(state_->reader, bytes.data(), bytes.size()) != REDIS_OK) state_->is_malformed = true;
}

Reply* RespReader::next() {
  if (state_->is_malformed) return nullptr;
  state_->forget_finished();
  void* reply = nullptr;
  if (redisReaderGetReply(state_->reader, &reply) != REDIS_OK) {
    state_->is_malformed = true;
    return nullptr;
  }
  if (reply != nullptr) {
    state_->is_finished = true;
    return static_cast<Reply*>(reply);
  }
  // hiredis buffers a string until it is complete, however long it says it is.
  const auto& reader = *state_->reader;
  if (reader.len - reader.pos > text_bytes_max) state_->is_malformed = true;
  return nullptr;
}

bool RespReader::is_malformed() const noexcept {
  return state_->is_malformed;
}

}  // namespace redis
