// SipHash-2-4 with a tag of 64 bits: a fast keyed hash for short inputs. Immutable after construction; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace messaging {

class Siphash {
 public:
  using Key = std::array<std::uint8_t, 16>;
  using Tag = std::array<std::uint8_t, 8>;

  // Throws std::runtime_error where the crypto library does not offer SipHash: the process cannot start.
  explicit Siphash(const Key& key);
  ~Siphash();
  Siphash(const Siphash&) = delete;
  Siphash& operator=(const Siphash&) = delete;

  [[nodiscard]] Tag tag_of(std::span<const std::uint8_t> input) const;

  // Takes the same time wherever the two differ.
  [[nodiscard]] static bool equal(std::span<const std::uint8_t, 8> one,
                                  std::span<const std::uint8_t, 8> other) noexcept;

  // A key of its own for one purpose, from the service's master key.
  [[nodiscard]] static Key derive_key(std::span<const std::uint8_t> master_key, std::string_view purpose);

 private:
  Key key_;
};

}  // namespace messaging
