#include "auth/jwt_verifier.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>

#include "auth/jwk.hpp"
#include "auth/key_set.hpp"
#include "auth/verification_key.hpp"
#include "base/base64.hpp"

namespace auth {
namespace {

namespace json = boost::json;
using base::Errc;
using base::Result;
using base::SystemTime;

// Claims of our issuers are flat; an array of audiences makes two.
constexpr std::size_t depth_max = 8;
// Parsing an ordinary token takes its memory from here and allocates nothing.
constexpr std::size_t parse_buffer_bytes = 4096;
// The end of the year 9999, the last that ISO 8601 writes with four digits. A later date in a token is a mistake, such
// as milliseconds in place of seconds.
constexpr double seconds_max = 253'402'300'799.0;

std::unexpected<base::Error> refuse(std::string reason) {
  return base::fail(Errc::unauthenticated, std::move(reason));
}

struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view signed_text;
};

std::optional<Parts> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  const Parts parts{.header = token.substr(0, first),
                    .claims = token.substr(first + 1, second - first - 1),
                    .signature = token.substr(second + 1),
                    .signed_text = token.substr(0, second)};
  if (parts.header.empty() || parts.claims.empty() || parts.signature.empty()) return std::nullopt;
  return parts;
}

// One base64url part that is a JSON object. Of duplicate members the last one counts, as RFC 7519, section 4, permits.
class ObjectPart {
 public:
  explicit ObjectPart(std::string_view part)
      : memory_(buffer_.data(), buffer_.size()), value_(json::storage_ptr(&memory_)) {
    const auto text = base::decode_base64url(part);
    if (!text) return;
    json::parse_options options;
    options.max_depth = depth_max;
    boost::system::error_code error;
    value_ = json::parse(*text, error, &memory_, options);
    if (error) value_ = nullptr;
  }
  ObjectPart(const ObjectPart&) = delete;
  ObjectPart& operator=(const ObjectPart&) = delete;

  // Null where the part is anything else.
  [[nodiscard]] const json::object* object() const noexcept { return value_.if_object(); }

 private:
  std::array<unsigned char, parse_buffer_bytes> buffer_;
  json::monotonic_resource memory_;
  json::value value_;
};

Result<const VerificationKey*> choose_key(const json::object& header, const KeySet& keys) {
  // Extensions that must be understood (RFC 7515, section 4.1.11); none is, `b64` among them.
  if (header.contains("crit")) return refuse("crit: no extension is supported");
  if (header.contains("kid") && !header.at("kid").is_string()) return refuse("kid: not a string");
  const auto* key = keys.find(string_member(header, "kid"));
  if (!key) return refuse("kid: no such key");
  if (string_member(header, "alg") != to_string(key->algorithm())) return refuse("alg: not the key's");
  return key;
}

// A NumericDate (RFC 7519, section 2): seconds since 1970, decimals allowed.
std::optional<SystemTime> read_time(const json::value& value) {
  if (!value.is_number()) return std::nullopt;
  const double seconds = value.to_number<double>();
  // Written so that a NaN is refused too.
  if (!(seconds >= 0 && seconds <= seconds_max)) return std::nullopt;
  return SystemTime(base::milliseconds(static_cast<std::int64_t>(std::floor(seconds * 1000))));
}

bool names_audience(const json::object& claims, std::string_view wanted) {
  const auto* audience = claims.if_contains("aud");
  const auto* list = audience ? audience->if_array() : nullptr;
  if (!list) return string_member(claims, "aud") == wanted;
  return std::ranges::all_of(*list, [](const json::value& one) { return one.is_string(); }) &&
         std::ranges::any_of(*list,
                             [&](const json::value& one) { return std::string_view(one.get_string()) == wanted; });
}

// nbf and iat are optional: true where the claim is missing, or a time that has come.
bool has_come(const json::object& claims, std::string_view name, SystemTime latest) {
  const auto* claim = claims.if_contains(name);
  if (!claim) return true;
  const auto time = read_time(*claim);
  return time && *time <= latest;
}

}  // namespace

JwtVerifier::JwtVerifier(const base::Clock& clock, JwtPolicy policy, std::shared_ptr<const KeySet> keys)
    : clock_(clock), policy_(std::move(policy)), keys_(std::move(keys)) {}

Result<Claims> JwtVerifier::verify(std::string_view token) const {
  if (token.size() > token_bytes_max) return refuse("token: too long");
  const auto parts = split(token);
  if (!parts) return refuse("token: not three parts");

  const ObjectPart header_part(parts->header);
  const auto* header = header_part.object();
  if (!header) return refuse("header: not a JSON object in base64url");
  const auto keys = keys_.load();
  auto key = choose_key(*header, *keys);
  if (!key) return base::forward(key);
  const auto signature = base::decode_base64url(parts->signature);
  if (!signature) return refuse("signature: not base64url");
  if (!(*key)->accepts(parts->signed_text, *signature)) return refuse("signature: does not fit");

  // From here on the words are the issuer's.
  const ObjectPart claims_part(parts->claims);
  const auto* claims = claims_part.object();
  if (!claims) return refuse("claims: not a JSON object in base64url");
  const auto user = base::UserId::parse(string_member(*claims, "sub"));
  if (!user) return refuse("sub: not 1 to 128 visible ASCII characters");
  if (!policy_.issuer.empty() && string_member(*claims, "iss") != policy_.issuer) return refuse("iss: another issuer");
  if (!policy_.audience.empty() && !names_audience(*claims, policy_.audience)) return refuse("aud: another audience");

  const auto now = clock_.system_now();
  if (!has_come(*claims, "nbf", now + policy_.leeway)) return refuse("nbf: not valid yet");
  if (!has_come(*claims, "iat", now + policy_.leeway)) return refuse("iat: issued in the future");
  const auto* expiry = claims->if_contains("exp");
  const auto expires_at = expiry ? read_time(*expiry) : std::nullopt;
  if (!expires_at) return refuse("exp: missing or not a time");
  if (now >= *expires_at + policy_.leeway) return base::fail(Errc::token_expired, "exp: has passed");
  return Claims{.user = *user, .expires_at = *expires_at};
}

}  // namespace auth
