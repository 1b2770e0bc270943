// Rotation of keys: reads JWKS_FILE again when it has changed and gives the verifier the new set. A file that is no key
// set changes nothing and is logged as `keys.file_invalid`: better the old keys than none. On one executor's thread;
// outlives its loop.
#pragma once

#include <string>

#include "app/watched_file.hpp"
#include "auth/jwt_verifier.hpp"
#include "base/executor.hpp"

namespace app {

class JwksWatch {
 public:
  JwksWatch(std::string path, auth::JwtVerifier& verifier) : file_(std::move(path)), verifier_(verifier) {}

  // Begins to look, every second.
  void start(base::Executor& executor);
  // Looks now.
  void reload_if_changed();

 private:
  WatchedFile file_;
  auth::JwtVerifier& verifier_;
};

}  // namespace app
