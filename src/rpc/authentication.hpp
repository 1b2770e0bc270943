// Who calls? Reads the JWT from a call's metadata `authorization`. The first step of every call, before its request is
// looked at. Any thread.
#pragma once

#include <span>
#include <string_view>

#include "auth/jwt_verifier.hpp"
#include "messaging/connection_auth_guard.hpp"

namespace rpc {

// `authorization`: the values of the metadata of that name. Exactly one is expected, `Bearer <token>`, the scheme in
// any case. unauthenticated or token_expired. The caller has no device: no connection of this process is spared the
// news of its own call.
[[nodiscard]] base::Result<messaging::Caller> authenticate(std::span<const std::string_view> authorization,
                                                           const auth::JwtVerifier& verifier);

}  // namespace rpc
