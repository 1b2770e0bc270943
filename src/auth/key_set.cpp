#include "auth/key_set.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "auth/jwk.hpp"
#include "auth/verification_key.hpp"

namespace auth {
namespace {

namespace json = boost::json;
using base::Errc;

// An identity provider publishes a handful of keys, with certificates perhaps 4 KiB each.
constexpr std::size_t jwks_bytes_max = 256 * 1024;
constexpr std::size_t jwks_keys_max = 100;
// {"keys":[{"x5c":["…"]}]} is four deep.
constexpr std::size_t jwks_depth_max = 16;

}  // namespace

struct KeySet::Keys {
  struct Entry {
    std::string kid;  // empty: none
    std::unique_ptr<const VerificationKey> key;
  };
  std::vector<Entry> entries;

  [[nodiscard]] const VerificationKey* with(std::string_view kid) const noexcept {
    const auto found = std::ranges::find(entries, kid, &Entry::kid);
    return found == entries.end() ? nullptr : found->key.get();
  }
};

KeySet::KeySet() : keys_(std::make_unique<Keys>()) {}
KeySet::~KeySet() = default;

base::Result<std::shared_ptr<const KeySet>> KeySet::from_secret(std::string_view secret) {
  auto key = VerificationKey::from_secret(secret);
  if (!key) return base::forward(key);
  std::shared_ptr<KeySet> set(new KeySet);
  set->keys_->entries.push_back({.kid = {}, .key = std::move(*key)});
  return set;
}

base::Result<std::shared_ptr<const KeySet>> KeySet::from_pem(std::string_view pem) {
  auto public_key = read_public_key_pem(pem);
  if (!public_key) return base::forward(public_key);
  auto key = VerificationKey::from_public_key(std::move(*public_key));
  if (!key) return base::forward(key);
  std::shared_ptr<KeySet> set(new KeySet);
  set->keys_->entries.push_back({.kid = {}, .key = std::move(*key)});
  return set;
}

base::Result<std::shared_ptr<const KeySet>> KeySet::from_jwks(std::string_view text) {
  if (text.size() > jwks_bytes_max) return base::fail(Errc::validation_failed, "the JWKS is larger than 256 KiB");
  json::parse_options options;
  options.max_depth = jwks_depth_max;
  boost::system::error_code error;
  const auto document = json::parse(text, error, {}, options);
  if (error) return base::fail(Errc::validation_failed, "the JWKS is no JSON: " + error.message());
  const auto* root = document.if_object();
  const auto* member = root ? root->if_contains("keys") : nullptr;
  const auto* list = member ? member->if_array() : nullptr;
  if (!list) return base::fail(Errc::validation_failed, R"(the JWKS is no object with an array "keys")");
  if (list->size() > jwks_keys_max) return base::fail(Errc::validation_failed, "the JWKS has more than 100 keys");

  std::shared_ptr<KeySet> set(new KeySet);
  for (const auto& entry : *list) {
    const auto* jwk = entry.if_object();
    auto key = jwk ? read_jwk(*jwk) : nullptr;
    if (!key) continue;
    const auto kid = string_member(*jwk, "kid");
    if (!kid.empty() && set->keys_->with(kid)) {
      return base::fail(Errc::validation_failed, "the JWKS has two keys with the same kid");
    }
    set->keys_->entries.push_back({.kid = std::string(kid), .key = std::move(key)});
  }
  if (set->keys_->entries.empty()) {
    return base::fail(Errc::validation_failed,
                      "none of the JWKS's " + std::to_string(list->size()) +
                          " keys is RSA (2048 bits), EC (P-256), Ed25519 or oct (32 bytes) for signatures");
  }
  return set;
}

const VerificationKey* KeySet::find(std::string_view kid) const noexcept {
  const auto& entries = keys_->entries;
  const bool only_one = entries.size() == 1;
  if (kid.empty()) return only_one ? entries.front().key.get() : nullptr;
  if (only_one && entries.front().kid.empty()) return entries.front().key.get();
  return keys_->with(kid);
}

}  // namespace auth
