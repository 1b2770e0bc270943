#include "auth/public_key.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string>

#include "auth/openssl_ptr.hpp"

namespace auth {
namespace {

using Bio = OpensslPtr<BIO, BIO_free>;
using BigNumber = OpensslPtr<BIGNUM, BN_free>;
using Certificate = OpensslPtr<X509, X509_free>;
using KeyContext = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParamBuilder = OpensslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = OpensslPtr<OSSL_PARAM, OSSL_PARAM_free>;

// A PEM file holds one key; a certificate chain stays well below this.
constexpr std::size_t pem_bytes_max = 64 * 1024;
constexpr std::size_t p256_coordinate_bytes = 32;
// RSA of 16384 bits, the most that OpenSSL verifies with.
constexpr std::size_t rsa_modulus_bytes_max = 2048;

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// An encrypted PEM would else ask for its passphrase on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

Bio open(std::string_view pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

bool is_sound(EVP_PKEY& key) {
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, &key, nullptr));
  return context && EVP_PKEY_public_check(context.get()) == 1;
}

PublicKey make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  PublicKey key(made);
  return is_sound(*key) ? std::move(key) : nullptr;
}

}  // namespace

void PublicKeyFree::operator()(evp_pkey_st* key) const noexcept {
  EVP_PKEY_free(key);
}

base::Result<PublicKey> read_public_key_pem(std::string_view pem) {
  const OpensslErrorScope errors;
  if (pem.size() > pem_bytes_max) return base::fail(base::Errc::validation_failed, "the PEM is larger than 64 KiB");
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    return base::fail(base::Errc::validation_failed,
                      "the PEM holds a private key; tokens are verified with the public one");
  }
  PublicKey key(PEM_read_bio_PUBKEY(open(pem).get(), nullptr, no_passphrase, nullptr));
  if (!key) {
    const Certificate certificate(PEM_read_bio_X509(open(pem).get(), nullptr, no_passphrase, nullptr));
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  }
  if (!key) return base::fail(base::Errc::validation_failed, "the PEM holds neither a PUBLIC KEY nor a CERTIFICATE");
  if (!is_sound(*key)) return base::fail(base::Errc::validation_failed, "the PEM's public key is not a valid one");
  return key;
}

PublicKey make_rsa_key(std::string_view modulus, std::string_view exponent) {
  const OpensslErrorScope errors;
  if (modulus.size() > rsa_modulus_bytes_max || exponent.size() > rsa_modulus_bytes_max) return nullptr;
  const BigNumber n(BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr));
  const BigNumber e(BN_bin2bn(bytes_of(exponent), static_cast<int>(exponent.size()), nullptr));
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return make_key("RSA", builder.get());
}

PublicKey make_p256_key(std::string_view x, std::string_view y) {
  const OpensslErrorScope errors;
  if (x.size() != p256_coordinate_bytes || y.size() != p256_coordinate_bytes) return nullptr;
  // An uncompressed point, as SEC 1 writes it.
  std::string point = "\x04";
  point += x;
  point += y;
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return nullptr;
  }
  return make_key("EC", builder.get());
}

PublicKey make_ed25519_key(std::string_view x) {
  const OpensslErrorScope errors;
  // Refuses every length but 32.
  return PublicKey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()));
}

}  // namespace auth
