// Where the keys of tokens come from: a setting, a file, or in development a secret made at first start.
#pragma once

#include <memory>
#include <string>

#include "app/config.hpp"
#include "auth/key_set.hpp"
#include "base/error.hpp"

namespace app {

// The secret beside the database (`<data folder>/jwt.secret`, mode 0600), made where there is none. For `serve` and
// `token` alike.
[[nodiscard]] base::Result<std::string> development_secret(const std::string& data_folder);

// The errors' details are sentences for the operator.
[[nodiscard]] base::Result<std::shared_ptr<const auth::KeySet>> load_jwks(const std::string& path);
[[nodiscard]] base::Result<std::shared_ptr<const auth::KeySet>> load_token_keys(const Config& config);

}  // namespace app
