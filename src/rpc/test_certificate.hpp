// For this folder's tests: a fresh self-signed certificate for 127.0.0.1 that serves as server, client and CA at once.
#pragma once

#include <string>

namespace rpc {

struct TestCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

[[nodiscard]] TestCertificate make_test_certificate();

}  // namespace rpc
