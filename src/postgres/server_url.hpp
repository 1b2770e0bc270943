// DATABASE_URL, looked at before libpq connects with it. Any thread.
#pragma once

#include <string>

#include "base/error.hpp"

namespace postgres {

// Failure where libpq cannot read the URL, or reads a part of the password as something else (a password with `@` or
// `/` that is not percent-encoded): libpq's own sentences would quote it. The sentence holds nothing of the URL.
[[nodiscard]] base::Result<void> check_url(const std::string& url);

}  // namespace postgres
