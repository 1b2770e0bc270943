#include "auth/test_keys.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <vector>

#include "auth/openssl_ptr.hpp"
#include "base/base64.hpp"

namespace auth {
namespace {

using Bio = OpensslPtr<BIO, BIO_free>;

void must(bool worked) {
  if (!worked) throw std::runtime_error("OpenSSL refused what a test needs");
}

std::string text_of(const OpensslPtr<BIO, BIO_free>& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

// A big number of the key in base64url; padded on the left to `width` bytes where that is not 0.
std::string number_param(const EVP_PKEY* key, const char* name, int width = 0) {
  BIGNUM* raw = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &raw) == 1);
  const OpensslPtr<BIGNUM, BN_free> number(raw);
  const int size = width != 0 ? width : BN_num_bytes(raw);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  must(BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(bytes.data()), size) == size);
  return base::to_base64url(bytes);
}

std::string ecdsa_from_der(const std::vector<unsigned char>& der) {
  const unsigned char* at = der.data();
  const OpensslPtr<ECDSA_SIG, ECDSA_SIG_free> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  must(signature != nullptr);
  std::string raw(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  must(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, 32) == 32);
  must(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + 32, 32) == 32);
  return raw;
}

}  // namespace

SigningKey::SigningKey(evp_pkey_st* key) : key_(key, EVP_PKEY_free) {
  must(key != nullptr);
}

SigningKey SigningKey::rsa(unsigned bits) {
  return SigningKey(EVP_RSA_gen(bits));
}
SigningKey SigningKey::ec(const char* curve) {
  return SigningKey(EVP_EC_gen(curve));
}
SigningKey SigningKey::ed25519() {
  return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

std::string SigningKey::public_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
  return text_of(bio);
}

std::string SigningKey::private_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio);
}

std::string SigningKey::certificate_pem() const {
  const OpensslPtr<X509, X509_free> certificate(X509_new());
  must(X509_set_pubkey(certificate.get(), key_.get()) == 1);
  must(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0) != nullptr);
  must(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600) != nullptr);
  must(X509_sign(certificate.get(), key_.get(), EVP_PKEY_is_a(key_.get(), "ED25519") ? nullptr : EVP_sha256()) > 0);
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(bio.get(), certificate.get()) == 1);
  return text_of(bio);
}

std::string SigningKey::jwk(std::string_view extra) const {
  std::string json = "{";
  if (EVP_PKEY_is_a(key_.get(), "RSA")) {
    json += R"("kty":"RSA","n":")" + number_param(key_.get(), OSSL_PKEY_PARAM_RSA_N);
    json += R"(","e":")" + number_param(key_.get(), OSSL_PKEY_PARAM_RSA_E) + '"';
  } else if (EVP_PKEY_is_a(key_.get(), "EC")) {
    const bool p256 = EVP_PKEY_get_bits(key_.get()) == 256;
    json += std::string(R"("kty":"EC","crv":")") + (p256 ? "P-256" : "P-384");
    json += R"(","x":")" + number_param(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, p256 ? 32 : 48);
    json += R"(","y":")" + number_param(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, p256 ? 32 : 48) + '"';
  } else {
    std::string x(32, '\0');
    std::size_t size = x.size();
    must(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size) == 1);
    json += R"("kty":"OKP","crv":"Ed25519","x":")" + base::to_base64url(x) + '"';
  }
  if (!extra.empty()) json += ',';
  json += extra;
  return json + '}';
}

std::string SigningKey::sign(std::string_view header_json, std::string_view claims_json) const {
  std::string token = base::to_base64url(header_json) + '.' + base::to_base64url(claims_json);
  const auto* text = reinterpret_cast<const unsigned char*>(token.data());
  const auto* digest = EVP_PKEY_is_a(key_.get(), "ED25519") ? nullptr : EVP_sha256();
  const OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  must(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1);
  std::size_t size = 0;
  must(EVP_DigestSign(context.get(), nullptr, &size, text, token.size()) == 1);
  std::vector<unsigned char> signature(size);
  must(EVP_DigestSign(context.get(), signature.data(), &size, text, token.size()) == 1);
  signature.resize(size);
  const std::string bytes =
      EVP_PKEY_is_a(key_.get(), "EC") ? ecdsa_from_der(signature) : std::string(signature.begin(), signature.end());
  return token + '.' + base::to_base64url(bytes);
}

}  // namespace auth
