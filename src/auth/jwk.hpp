// One entry of a JWKS (RFC 7517) as a key to verify with. Any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <memory>

#include "auth/verification_key.hpp"

namespace auth {

// Null for what cannot verify our tokens: another kty or curve, a `use`, `key_ops` or `alg` that says otherwise,
// members that are missing or no valid key. RFC 7517, section 5: such entries are passed over, the others count.
[[nodiscard]] std::unique_ptr<const VerificationKey> read_jwk(const boost::json::object& jwk);

// The member where it is a string; empty where it is not there or something else.
[[nodiscard]] std::string_view string_member(const boost::json::object& object, std::string_view name);

}  // namespace auth
