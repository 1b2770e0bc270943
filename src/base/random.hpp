// Random bytes from the system's generator, for ids, secrets and nonces. Any thread.
#pragma once

#include <cstdint>
#include <span>

namespace base {

// Cryptographically strong; served from a small per-thread pool, so that one id does not cost one system call.
// Ends the process where the kernel has no randomness to give: nothing here works safely without.
void fill_random(std::span<std::uint8_t> out);
[[nodiscard]] std::uint64_t random_u64();

}  // namespace base
