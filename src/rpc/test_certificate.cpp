#include "rpc/test_certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace rpc {
namespace {

void must(bool worked) {
  if (!worked) throw std::runtime_error("OpenSSL refused what a test needs");
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

void add_extension(X509& certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value), X509_EXTENSION_free);
  must(extension && X509_add_ext(&certificate, extension.get(), -1) == 1);
}

}  // namespace

TestCertificate make_test_certificate() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  must(key && certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  must(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1) == 1);
  must(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60) != nullptr);
  must(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600) != nullptr);
  auto* name = X509_get_subject_name(certificate.get());
  const std::string common_name = "messagingd test";
  must(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0) == 1);
  must(X509_set_issuer_name(certificate.get(), name) == 1 && X509_set_pubkey(certificate.get(), key.get()) == 1);
  add_extension(*certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(*certificate, NID_subject_alt_name, "IP:127.0.0.1");
  must(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

  const Bio certificate_text(BIO_new(BIO_s_mem()), BIO_free);
  const Bio key_text(BIO_new(BIO_s_mem()), BIO_free);
  must(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
  must(PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {.certificate_pem = text_of(certificate_text), .key_pem = text_of(key_text)};
}

}  // namespace rpc
