#include "auth/verification_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <string>

#include "auth/openssl_ptr.hpp"

namespace auth {
namespace {

using base::Errc;
using BigNumber = OpensslPtr<BIGNUM, BN_free>;
using DigestContext = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcdsaSignature = OpensslPtr<ECDSA_SIG, ECDSA_SIG_free>;
using Mac = OpensslPtr<EVP_MAC, EVP_MAC_free>;
using MacContext = OpensslPtr<EVP_MAC_CTX, EVP_MAC_CTX_free>;

constexpr std::size_t sha256_bytes = 32;
constexpr std::size_t p256_scalar_bytes = 32;

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

class SecretKey final : public VerificationKey {
 public:
  // `keyed` has the secret; each verification works on a copy of it, which spares looking up the algorithm and hashing
  // the key again: that would cost more than the token itself.
  explicit SecretKey(MacContext keyed) noexcept : VerificationKey(Algorithm::hs256), keyed_(std::move(keyed)) {}

  bool accepts(std::string_view signed_text, std::string_view signature) const override {
    const OpensslErrorScope errors;
    if (signature.size() != sha256_bytes) return false;
    const MacContext context(EVP_MAC_CTX_dup(keyed_.get()));
    std::array<unsigned char, sha256_bytes> expected;
    std::size_t written = 0;
    if (!context || EVP_MAC_update(context.get(), bytes_of(signed_text), signed_text.size()) != 1 ||
        EVP_MAC_final(context.get(), expected.data(), &written, expected.size()) != 1 || written != expected.size()) {
      return false;
    }
    return CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0;
  }

 private:
  MacContext keyed_;
};

// OpenSSL takes ECDSA signatures in DER only. Empty for what cannot be one.
std::string ecdsa_to_der(std::string_view raw) {
  if (raw.size() != 2 * p256_scalar_bytes) return {};
  BigNumber r(BN_bin2bn(bytes_of(raw), p256_scalar_bytes, nullptr));
  BigNumber s(BN_bin2bn(bytes_of(raw) + p256_scalar_bytes, p256_scalar_bytes, nullptr));
  const EcdsaSignature signature(ECDSA_SIG_new());
  if (!r || !s || !signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  // The signature owns both now.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return {};
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

class AsymmetricKey final : public VerificationKey {
 public:
  AsymmetricKey(Algorithm algorithm, PublicKey key) noexcept : VerificationKey(algorithm), key_(std::move(key)) {}

  bool accepts(std::string_view signed_text, std::string_view signature) const override {
    const OpensslErrorScope errors;
    std::string der;
    if (algorithm() == Algorithm::es256) {
      der = ecdsa_to_der(signature);
      signature = der;
    }
    if (signature.empty()) return false;
    // Ed25519 hashes by itself.
    const EVP_MD* const digest = algorithm() == Algorithm::eddsa ? nullptr : EVP_sha256();
    const DigestContext context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(signed_text),
                            signed_text.size()) == 1;
  }

 private:
  PublicKey key_;
};

bool is_p256(const EVP_PKEY& key) {
  std::array<char, 64> group{};
  std::size_t size = 0;
  return EVP_PKEY_get_utf8_string_param(&key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == SN_X9_62_prime256v1;
}

base::Result<Algorithm> algorithm_of(const EVP_PKEY& key) {
  if (EVP_PKEY_is_a(&key, "RSA") == 1) {
    const int bits = EVP_PKEY_get_bits(&key);
    if (bits >= VerificationKey::rsa_bits_min) return Algorithm::rs256;
    return base::fail(Errc::validation_failed,
                      "an RSA key needs 2048 bits or more; this one has " + std::to_string(bits));
  }
  if (EVP_PKEY_is_a(&key, "EC") == 1) {
    if (is_p256(key)) return Algorithm::es256;
    return base::fail(Errc::validation_failed, "an EC key needs the curve P-256; this one has another");
  }
  if (EVP_PKEY_is_a(&key, "ED25519") == 1) return Algorithm::eddsa;
  const char* const found = EVP_PKEY_get0_type_name(&key);
  return base::fail(Errc::validation_failed, std::string("a key is RSA, EC (P-256) or Ed25519; this one is ") +
                                                 (found ? found : "something else"));
}

}  // namespace

std::string_view to_string(Algorithm algorithm) noexcept {
  switch (algorithm) {
    case Algorithm::hs256:
      return "HS256";
    case Algorithm::rs256:
      return "RS256";
    case Algorithm::es256:
      return "ES256";
    case Algorithm::eddsa:
      return "EdDSA";
  }
  return "";
}

base::Result<std::unique_ptr<const VerificationKey>> VerificationKey::from_secret(std::string_view secret) {
  const OpensslErrorScope errors;
  if (secret.size() < secret_bytes_min) {
    return base::fail(Errc::validation_failed,
                      "the secret needs 32 bytes or more; this one has " + std::to_string(secret.size()));
  }
  const Mac hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  MacContext keyed(hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr);
  std::string digest = "SHA256";
  const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                          OSSL_PARAM_construct_end()};
  if (!keyed || EVP_MAC_init(keyed.get(), bytes_of(secret), secret.size(), params.data()) != 1) {
    return base::fail(Errc::internal, "OpenSSL has no HMAC with SHA-256");
  }
  return std::make_unique<SecretKey>(std::move(keyed));
}

base::Result<std::unique_ptr<const VerificationKey>> VerificationKey::from_public_key(PublicKey key) {
  const OpensslErrorScope errors;
  auto algorithm = algorithm_of(*key);
  if (!algorithm) return base::forward(algorithm);
  return std::make_unique<AsymmetricKey>(*algorithm, std::move(key));
}

}  // namespace auth
