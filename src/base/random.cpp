#include "base/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace base {
namespace {

struct Pool {
  // getrandom() never returns less than asked for up to 256 bytes.
  std::array<std::uint8_t, 256> bytes{};
  std::size_t used = 256;

  void refill() {
    while (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
      if (errno == EINTR) continue;
      std::perror("getrandom");
      std::abort();
    }
    used = 0;
  }
};

}  // namespace

void fill_random(std::span<std::uint8_t> out) {
  thread_local Pool pool;
  while (!out.empty()) {
    if (pool.used == pool.bytes.size()) pool.refill();
    const auto n = std::min(out.size(), pool.bytes.size() - pool.used);
    std::memcpy(out.data(), pool.bytes.data() + pool.used, n);
    // What was handed out is gone from here.
    std::memset(pool.bytes.data() + pool.used, 0, n);
    pool.used += n;
    out = out.subspan(n);
  }
}

std::uint64_t random_u64() {
  std::array<std::uint8_t, 8> bytes{};
  fill_random(bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace base
