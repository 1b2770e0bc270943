// Owners for what OpenSSL allocates, and for its per-thread queue of errors. For .cpp files of this folder.
#pragma once

#include <openssl/err.h>

#include <memory>

namespace auth {

template <auto free_function>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const noexcept {
    free_function(object);
  }
};

// OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>
template <class T, auto free_function>
using OpensslPtr = std::unique_ptr<T, OpensslFree<free_function>>;

// Leaves the thread's error queue as it was found: a refused token must not look like a failure of the next TLS read.
class OpensslErrorScope {
 public:
  OpensslErrorScope() noexcept { ERR_set_mark(); }
  ~OpensslErrorScope() { ERR_pop_to_mark(); }
  OpensslErrorScope(const OpensslErrorScope&) = delete;
  OpensslErrorScope& operator=(const OpensslErrorScope&) = delete;
};

}  // namespace auth
