#include "messaging/opaque_tokens.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <span>

#include "base/base64.hpp"
#include "base/random.hpp"
#include "messaging/siphash.hpp"

namespace messaging {
namespace {

// The first byte of what a tag is made over, so that no token passes for one of another kind. Values stay for ever:
// clients keep tokens across releases.
enum class Kind : std::uint8_t { offset = 1, pid = 2, history_cursor = 3, inbox_cursor = 4 };

constexpr std::size_t tag_bytes = 8;
constexpr std::size_t uuid_bytes = 16;
constexpr std::size_t nonce_bytes = 16;

constexpr std::size_t offset_bytes = 8;
constexpr std::size_t history_bytes = 1 + 8;
constexpr std::size_t inbox_bytes = 8 + uuid_bytes;

// Kind, epoch, the user with its length, what the token is bound to beyond its user (a conversation), and the fields.
constexpr std::size_t input_bytes_max = 1 + 8 + 1 + UserId::length_max + uuid_bytes + inbox_bytes;

// Appends to a fixed buffer whose size the layouts above guarantee.
template <std::size_t bytes_max>
class Bytes {
 public:
  void put(std::uint8_t byte) {
    assert(size_ < bytes_max);
    bytes_[size_++] = byte;
  }
  void put(std::span<const std::uint8_t> bytes) {
    assert(bytes.size() <= bytes_max - size_);
    std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes.size();
  }
  void put_number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    for (int shift = 56; shift >= 0; shift -= 8) put(static_cast<std::uint8_t>(bits >> shift));
  }
  [[nodiscard]] std::span<const std::uint8_t> view() const noexcept { return std::span(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, bytes_max> bytes_;
  std::size_t size_ = 0;
};

std::int64_t number_at(std::span<const std::uint8_t> bytes) {
  std::uint64_t bits = 0;
  for (const auto byte : bytes.first<8>()) bits = bits << 8 | byte;
  return static_cast<std::int64_t>(bits);
}

ConversationId conversation_at(std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, uuid_bytes> id;
  std::ranges::copy(bytes.first<uuid_bytes>(), id.begin());
  return std::bit_cast<ConversationId>(id);
}

Siphash::Tag tag_of(const Siphash& siphash, Kind kind, std::int64_t epoch, const UserId& user,
                    std::span<const std::uint8_t> bound_to, std::span<const std::uint8_t> fields) {
  const auto& name = user.str();
  Bytes<input_bytes_max> input;
  input.put(static_cast<std::uint8_t>(kind));
  input.put_number(epoch);
  input.put(static_cast<std::uint8_t>(name.size()));
  input.put(std::span(reinterpret_cast<const std::uint8_t*>(name.data()), name.size()));
  input.put(bound_to);
  input.put(fields);
  return siphash.tag_of(input.view());
}

}  // namespace

// Makes tokens of one kind for one user from their fields, and reads them back.
class OpaqueTokens::Sealer {
 public:
  Sealer(const OpaqueTokens& tokens, Kind kind, const UserId& user, std::span<const std::uint8_t> bound_to = {})
      : tokens_(tokens), kind_(kind), user_(user), bound_to_(bound_to) {}

  template <std::size_t bytes>
  [[nodiscard]] std::string seal(const Bytes<bytes>& fields) const {
    Bytes<bytes + tag_bytes> token;
    token.put(fields.view());
    token.put(tag_of(*tokens_.siphash_, kind_, tokens_.epoch_, user_, bound_to_, fields.view()));
    return base::to_base64url(token.view());
  }

  // The fields of a token that was made here for the same kind, epoch, user and binding.
  template <std::size_t bytes>
  [[nodiscard]] std::optional<std::array<std::uint8_t, bytes>> open(std::string_view text) const {
    std::array<std::uint8_t, bytes + tag_bytes> token;
    if (!base::decode_base64url_into(text, token)) return std::nullopt;
    std::array<std::uint8_t, bytes> fields;
    std::copy_n(token.begin(), bytes, fields.begin());
    const auto expected = tag_of(*tokens_.siphash_, kind_, tokens_.epoch_, user_, bound_to_, fields);
    if (!Siphash::equal(expected, std::span(token).template last<tag_bytes>())) return std::nullopt;
    return fields;
  }

 private:
  const OpaqueTokens& tokens_;
  Kind kind_;
  const UserId& user_;
  std::span<const std::uint8_t> bound_to_;
};

OpaqueTokens::OpaqueTokens(const ServiceState& state)
    : siphash_(std::make_unique<Siphash>(Siphash::derive_key(state.key, "messaging opaque tokens"))),
      epoch_(state.epoch) {}

OpaqueTokens::~OpaqueTokens() = default;

std::string OpaqueTokens::offset(const UserId& user, Position position) const {
  Bytes<offset_bytes> fields;
  fields.put_number(position);
  return Sealer(*this, Kind::offset, user).seal(fields);
}

std::optional<Position> OpaqueTokens::read_offset(const UserId& user, std::string_view text) const {
  const auto fields = Sealer(*this, Kind::offset, user).open<offset_bytes>(text);
  if (!fields) return std::nullopt;
  return number_at(*fields);
}

std::string OpaqueTokens::new_pid(const UserId& user) const {
  std::array<std::uint8_t, nonce_bytes> nonce;
  base::fill_random(nonce);
  Bytes<nonce_bytes> fields;
  fields.put(nonce);
  return Sealer(*this, Kind::pid, user).seal(fields);
}

bool OpaqueTokens::is_pid_of(const UserId& user, std::string_view text) const {
  return Sealer(*this, Kind::pid, user).open<nonce_bytes>(text).has_value();
}

std::string OpaqueTokens::history_cursor(const UserId& caller, const ConversationId& conversation,
                                         HistoryRange range) const {
  Bytes<history_bytes> fields;
  fields.put(static_cast<std::uint8_t>(range.from));
  fields.put_number(range.anchor);
  return Sealer(*this, Kind::history_cursor, caller, conversation.value.bytes()).seal(fields);
}

std::optional<HistoryRange> OpaqueTokens::read_history_cursor(const UserId& caller, const ConversationId& conversation,
                                                              std::string_view text) const {
  const Sealer sealer(*this, Kind::history_cursor, caller, conversation.value.bytes());
  const auto fields = sealer.open<history_bytes>(text);
  if (!fields) return std::nullopt;
  const auto from = (*fields)[0];
  if (from > static_cast<std::uint8_t>(HistoryRange::From::after)) return std::nullopt;
  return HistoryRange{.from = static_cast<HistoryRange::From>(from),
                      .anchor = number_at(std::span(*fields).subspan(1))};
}

std::string OpaqueTokens::inbox_cursor(const UserId& caller, const InboxCursor& cursor) const {
  Bytes<inbox_bytes> fields;
  fields.put_number(cursor.activity.time_since_epoch().count());
  fields.put(cursor.id.value.bytes());
  return Sealer(*this, Kind::inbox_cursor, caller).seal(fields);
}

std::optional<InboxCursor> OpaqueTokens::read_inbox_cursor(const UserId& caller, std::string_view text) const {
  const auto fields = Sealer(*this, Kind::inbox_cursor, caller).open<inbox_bytes>(text);
  if (!fields) return std::nullopt;
  return InboxCursor{.activity = SystemTime(base::milliseconds(number_at(*fields))),
                     .id = conversation_at(std::span(*fields).subspan(8))};
}

}  // namespace messaging
