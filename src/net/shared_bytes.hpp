// Immutable bytes with a reference count, in one allocation: an encoded frame that is queued on many connections at
// once. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace net {

class SharedBytes {
 public:
  SharedBytes() = default;
  explicit SharedBytes(std::string_view bytes) : SharedBytes(bytes, {}) {}
  // The concatenation of both.
  SharedBytes(std::string_view head, std::string_view tail) {
    block_ = static_cast<Block*>(::operator new(sizeof(Block) + head.size() + tail.size()));
    new (block_) Block{1, head.size() + tail.size()};
    if (!head.empty()) std::memcpy(block_->bytes(), head.data(), head.size());
    if (!tail.empty()) std::memcpy(block_->bytes() + head.size(), tail.data(), tail.size());
  }
  SharedBytes(const SharedBytes& other) noexcept : block_(other.block_) {
    if (block_) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  SharedBytes(SharedBytes&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedBytes& operator=(SharedBytes other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedBytes() {
    if (block_ && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) ::operator delete(block_);
  }

  [[nodiscard]] std::string_view view() const noexcept {
    return block_ ? std::string_view(block_->bytes(), block_->size) : std::string_view();
  }
  [[nodiscard]] std::size_t size() const noexcept { return block_ ? block_->size : 0; }

 private:
  struct Block {
    std::atomic<std::size_t> references;
    std::size_t size;
    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
  };
  Block* block_ = nullptr;
};

}  // namespace net
