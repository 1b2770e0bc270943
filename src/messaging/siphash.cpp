#include "messaging/siphash.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace messaging {
namespace {

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

Context make_context() {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_SIPHASH, nullptr);
  if (algorithm == nullptr) throw std::runtime_error("OpenSSL offers no SIPHASH");
  // The context holds the algorithm on.
  Context context(EVP_MAC_CTX_new(algorithm));
  EVP_MAC_free(algorithm);
  std::size_t tag_bytes = std::tuple_size_v<Siphash::Tag>;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &tag_bytes), OSSL_PARAM_END};
  if (!context || EVP_MAC_CTX_set_params(context.get(), parameters) != 1) throw std::runtime_error("SIPHASH failed");
  return context;
}

// Fetching and allocating cost far more than a tag does, so that each thread keeps one context and only changes its
// key.
EVP_MAC_CTX* context_of_this_thread() {
  thread_local const Context context = make_context();
  return context.get();
}

}  // namespace

Siphash::Siphash(const Key& key) : key_(key) {
  (void)context_of_this_thread();
}

Siphash::~Siphash() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

Siphash::Tag Siphash::tag_of(std::span<const std::uint8_t> input) const {
  Tag tag{};
  std::size_t written = 0;
  auto* context = context_of_this_thread();
  const bool done = EVP_MAC_init(context, key_.data(), key_.size(), nullptr) == 1 &&
                    EVP_MAC_update(context, input.data(), input.size()) == 1 &&
                    EVP_MAC_final(context, tag.data(), &written, tag.size()) == 1 && written == tag.size();
  if (!done) throw std::runtime_error("SIPHASH failed");
  return tag;
}

bool Siphash::equal(std::span<const std::uint8_t, 8> one, std::span<const std::uint8_t, 8> other) noexcept {
  return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

Siphash::Key Siphash::derive_key(std::span<const std::uint8_t> master_key, std::string_view purpose) {
  std::array<std::uint8_t, 32> derived{};
  std::size_t written = 0;
  const auto* done = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, master_key.data(), master_key.size(),
                               reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(), derived.data(),
                               derived.size(), &written);
  if (done == nullptr || written != derived.size()) throw std::runtime_error("HMAC-SHA256 failed");
  Key key{};
  std::copy_n(derived.begin(), key.size(), key.begin());
  OPENSSL_cleanse(derived.data(), derived.size());
  return key;
}

}  // namespace messaging
