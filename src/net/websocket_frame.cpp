// The reader is between messages (message_opcode_ is continuation) or within a fragmented one, and in either case
// between frames (pending_ is empty) or within one:
//   between messages -> within (data frame without FIN) -> between (continuation with FIN);  any -> finished (error,
//   close, stop)
// What is buffered: the head and payload of one incomplete frame, and the fragments before it; together at most
// message_bytes_max and a control frame, since a frame that would pass the limit is refused at its head.
#include "net/websocket_frame.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace net::websocket {
namespace {

// Behind a payload that the sink gets, so that simdjson may read it without a copy.
constexpr std::size_t padding_bytes = 64;
constexpr std::size_t control_payload_max = 125;
constexpr std::size_t mask_bytes = 4;
constexpr std::uint16_t no_close_code = 1005;

constexpr unsigned final_bit = 0x80;
constexpr unsigned reserved_bits = 0x70;
constexpr unsigned opcode_bits = 0x0f;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned length_bits = 0x7f;
constexpr unsigned length_is_16_bits = 126;
constexpr unsigned length_is_64_bits = 127;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8 | byte_at(bytes, i);
  return value;
}

constexpr bool is_control(Opcode opcode) {
  return static_cast<unsigned>(opcode) >= 0x8;
}

constexpr bool is_known(unsigned opcode) {
  return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xa);
}

std::size_t extended_length_bytes(unsigned length) {
  if (length == length_is_16_bits) return 2;
  return length == length_is_64_bits ? 8 : 0;
}

// How much of a frame must be there before its head can be read; known in full from the second byte on.
std::size_t head_bytes_needed(std::string_view begin) {
  if (begin.size() < 2) return 2;
  return 2 + extended_length_bytes(byte_at(begin, 1) & length_bits) + mask_bytes;
}

void unmask(char* payload, std::size_t size, std::array<char, 4> mask) {
  std::uint32_t mask_word = 0;
  std::memcpy(&mask_word, mask.data(), sizeof(mask_word));
  const std::uint64_t mask_twice = std::uint64_t{mask_word} << 32 | mask_word;
  std::size_t at = 0;
  for (; at + sizeof(mask_twice) <= size; at += sizeof(mask_twice)) {
    std::uint64_t word = 0;
    std::memcpy(&word, payload + at, sizeof(word));
    word ^= mask_twice;
    std::memcpy(payload + at, &word, sizeof(word));
  }
  for (; at < size; ++at) payload[at] = static_cast<char>(payload[at] ^ mask[at % mask.size()]);
}

// RFC 6455, section 7.4, and the codes registered with IANA since. 1004, 1005, 1006 and 1015 never travel.
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

// clear() and assignment keep a string's memory; an idle connection shall have none.
void release(std::string& text) {
  std::string().swap(text);
}

}  // namespace

std::size_t frame_header_size(std::size_t payload_bytes) noexcept {
  if (payload_bytes < length_is_16_bits) return 2;
  return payload_bytes <= 0xffff ? 4 : 10;
}

void append_frame_header(std::string& out, Opcode opcode, std::size_t payload_bytes) {
  const auto append = [&out](std::uint64_t value, int bytes) {
    while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes) & 0xff);
  };
  append(final_bit | static_cast<unsigned>(opcode), 1);
  if (payload_bytes < length_is_16_bits) {
    append(payload_bytes, 1);
  } else if (payload_bytes <= 0xffff) {
    append(length_is_16_bits, 1);
    append(payload_bytes, 2);
  } else {
    append(length_is_64_bits, 1);
    append(payload_bytes, 8);
  }
}

SharedBytes encode_frame(Opcode opcode, std::string_view payload) {
  std::string header;  // fits the string's own buffer
  append_frame_header(header, opcode, payload.size());
  return SharedBytes(header, payload);
}

FrameReader::Error FrameReader::feed(char* bytes, std::size_t size, Sink& sink) {
  std::size_t used = 0;
  while (used < size && !is_finished_) {
    used += pending_.empty() ? read_in_place(bytes + used, size - used, sink)
                             : read_into_pending(bytes + used, size - used, sink);
  }
  return error_;
}

// A frame that lies whole in the input is delivered from there; of another the beginning is kept.
std::size_t FrameReader::read_in_place(char* bytes, std::size_t size, Sink& sink) {
  Head head;
  const auto state = read_head({bytes, size}, head);
  if (state == HeadState::bad) return size;
  if (state == HeadState::incomplete || head.payload_bytes > size - head.size) {
    pending_.assign(bytes, size);
    return size;
  }
  deliver(head, bytes + head.size, sink);
  return head.size + head.payload_bytes;
}

// Takes what the frame that has begun still lacks, first of its head, then of its payload. The work for one call is
// bounded by what is taken, however small the pieces are that the peer sends.
std::size_t FrameReader::read_into_pending(const char* bytes, std::size_t size, Sink& sink) {
  std::size_t taken = 0;
  const auto take_up_to = [&](std::size_t frame_bytes) {
    const auto count = std::min(frame_bytes - pending_.size(), size - taken);
    pending_.append(bytes + taken, count);
    taken += count;
  };
  Head head;
  if (read_head(pending_, head) == HeadState::incomplete) {
    take_up_to(head_bytes_needed(pending_));
    // Of a head that is still incomplete the next round takes more.
    if (read_head(pending_, head) != HeadState::complete) return taken;
  }
  take_up_to(head.size + head.payload_bytes);
  if (pending_.size() < head.size + head.payload_bytes) return taken;
  pending_.reserve(pending_.size() + padding_bytes);
  deliver(head, pending_.data() + head.size, sink);
  release(pending_);
  return taken;
}

FrameReader::HeadState FrameReader::read_head(std::string_view bytes, Head& head) {
  if (bytes.size() < 2) return HeadState::incomplete;
  const unsigned first = byte_at(bytes, 0);
  const unsigned second = byte_at(bytes, 1);
  const unsigned length = second & length_bits;
  if ((first & reserved_bits) != 0 || !is_known(first & opcode_bits)) return fail(Error::protocol);
  if ((second & mask_bit) == 0) return fail(Error::protocol);
  head.opcode = static_cast<Opcode>(first & opcode_bits);
  head.is_final = (first & final_bit) != 0;
  if (is_control(head.opcode) && (!head.is_final || length > control_payload_max)) return fail(Error::protocol);
  if (const auto error = check_order(head); error != Error::none) return fail(error);

  const auto needed = head_bytes_needed(bytes);
  if (bytes.size() < needed) return HeadState::incomplete;
  const auto extended = extended_length_bytes(length);
  const std::uint64_t payload_bytes = extended == 0 ? length : big_endian(bytes.substr(2, extended));
  // Section 5.2: the shortest form must be used, and the top bit of 64 must be 0.
  if (extended == 2 && payload_bytes < length_is_16_bits) return fail(Error::protocol);
  if (extended == 8 && (payload_bytes <= 0xffff || payload_bytes >> 63 != 0)) return fail(Error::protocol);
  if (!is_control(head.opcode) && payload_bytes > message_bytes_max_ - message_.size()) return fail(Error::too_large);
  head.payload_bytes = static_cast<std::size_t>(payload_bytes);
  std::memcpy(head.mask.data(), bytes.data() + needed - mask_bytes, mask_bytes);
  head.size = needed;
  return HeadState::complete;
}

// Whether this frame may come now: control frames at any time, a continuation within a message only, another message
// not before.
FrameReader::Error FrameReader::check_order(const Head& head) const {
  if (is_control(head.opcode)) return Error::none;
  const bool is_within_message = message_opcode_ != Opcode::continuation;
  if ((head.opcode == Opcode::continuation) != is_within_message) return Error::protocol;
  const bool is_fragment = is_within_message || !head.is_final;
  return is_fragment && fragments_ >= fragments_max_ ? Error::too_large : Error::none;
}

void FrameReader::deliver(const Head& head, char* payload, Sink& sink) {
  unmask(payload, head.payload_bytes, head.mask);
  const std::string_view view(payload, head.payload_bytes);
  switch (head.opcode) {
    case Opcode::continuation:
    case Opcode::text:
    case Opcode::binary:
      return deliver_data(head, view, sink);
    case Opcode::close:
      return deliver_close(view, sink);
    case Opcode::ping:
      is_finished_ = !sink.on_ping(view);
      return;
    case Opcode::pong:
      is_finished_ = !sink.on_pong();
      return;
  }
}

void FrameReader::deliver_data(const Head& head, std::string_view payload, Sink& sink) {
  if (head.opcode != Opcode::continuation && head.is_final) return deliver_message(payload, head.opcode, sink);
  if (head.opcode != Opcode::continuation) message_opcode_ = head.opcode;
  ++fragments_;
  message_.append(payload);
  if (!head.is_final) return;
  message_.reserve(message_.size() + padding_bytes);
  deliver_message(message_, message_opcode_, sink);
  release(message_);
  message_opcode_ = Opcode::continuation;
  fragments_ = 0;
}

void FrameReader::deliver_message(std::string_view payload, Opcode opcode, Sink& sink) {
  if (opcode == Opcode::text && !is_utf8(payload)) {
    fail(Error::invalid_utf8);
    return;
  }
  is_finished_ = !sink.on_message(payload, opcode == Opcode::binary);
}

void FrameReader::deliver_close(std::string_view payload, Sink& sink) {
  std::uint16_t code = no_close_code;
  if (!payload.empty()) {
    code = payload.size() < 2 ? std::uint16_t{0} : static_cast<std::uint16_t>(big_endian(payload.substr(0, 2)));
    if (!may_be_sent(code)) {
      fail(Error::protocol);
      return;
    }
    if (!is_utf8(payload.substr(2))) {
      fail(Error::invalid_utf8);
      return;
    }
  }
  // Section 5.5.1: what follows a close frame is not looked at.
  is_finished_ = true;
  sink.on_close(code);
}

FrameReader::HeadState FrameReader::fail(Error error) {
  is_finished_ = true;
  error_ = error;
  return HeadState::bad;
}

}  // namespace net::websocket
