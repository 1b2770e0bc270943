// States, in the order of the bytes:
//   size -> (extension ->) size_end -> data -> data_return -> data_end -> size …
//   size_end of the last chunk -> trailer_begin -> (trailer -> trailer_end -> trailer_begin …) -> end -> complete
#include "net/chunked_body.hpp"

#include <algorithm>

#include "net/ascii.hpp"

namespace net {
namespace {

// Extensions and trailers of one body together. No client of ours sends any.
constexpr std::size_t skipped_bytes_max = 4 * 1024;
// More can only be leading zeros: another way to send much and say nothing.
constexpr std::size_t digits_max = 8;

}  // namespace

ChunkedBody::Status ChunkedBody::read(std::string_view& input, std::string& body) {
  auto status = Status::incomplete;
  while (status == Status::incomplete && !input.empty()) {
    if (state_ == State::data) {
      status = take_data(input, body);
    } else {
      status = take_character(input.front());
      input.remove_prefix(1);
    }
  }
  return status;
}

ChunkedBody::Status ChunkedBody::take_data(std::string_view& input, std::string& body) {
  const auto taken = std::min(chunk_, input.size());
  body.append(input.substr(0, taken));
  input.remove_prefix(taken);
  chunk_ -= taken;
  if (chunk_ == 0) state_ = State::data_return;
  return Status::incomplete;
}

ChunkedBody::Status ChunkedBody::take_character(char c) {
  switch (state_) {
    case State::size:
      return take_size_character(c);
    case State::extension:
      return take_skipped_character(c, State::size_end);
    case State::size_end:
      return expect(c, '\n', chunk_ == 0 ? State::trailer_begin : State::data);
    case State::data:
      return Status::incomplete;  // take_data()'s part
    case State::data_return:
      return expect(c, '\r', State::data_end);
    case State::data_end:
      digits_ = 0;
      return expect(c, '\n', State::size);
    case State::trailer_begin:
      if (c == '\r') return expect(c, '\r', State::end);
      state_ = State::trailer;
      return take_skipped_character(c, State::trailer_end);
    case State::trailer:
      return take_skipped_character(c, State::trailer_end);
    case State::trailer_end:
      return expect(c, '\n', State::trailer_begin);
    case State::end:
      return c == '\n' ? Status::complete : Status::malformed;
  }
  return Status::malformed;
}

ChunkedBody::Status ChunkedBody::take_size_character(char c) {
  if (const auto digit = ascii::hex_digit(c)) {
    if (++digits_ > digits_max) return Status::malformed;
    chunk_ = chunk_ * 16 + *digit;
    // Judged by its announcement: nothing of a chunk that is too large is kept.
    return bytes_ + chunk_ > bytes_max_ ? Status::too_large : Status::incomplete;
  }
  if (digits_ == 0) return Status::malformed;
  bytes_ += chunk_;
  if (c == ';') {
    state_ = State::extension;
    return Status::incomplete;
  }
  return expect(c, '\r', State::size_end);
}

// A line break that is not CR LF is where parsers disagree, and where requests are smuggled.
ChunkedBody::Status ChunkedBody::take_skipped_character(char c, State at_return) {
  if (c == '\n' || c == '\0' || ++skipped_ > skipped_bytes_max) return Status::malformed;
  if (c == '\r') state_ = at_return;
  return Status::incomplete;
}

ChunkedBody::Status ChunkedBody::expect(char actual, char expected, State next) {
  state_ = next;
  return actual == expected ? Status::incomplete : Status::malformed;
}

}  // namespace net
