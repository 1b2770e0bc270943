// The chunked transfer coding of RFC 9112, section 7.1, decoded strictly: lines end with CR LF alone, sizes are plain
// hexadecimal; extensions and trailers are skipped. Our own and not Beast's: version 1.81 has assertions that a client
// can make fail (a last chunk that arrives in two segments), and its answer to a bad line depends on the segments.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace net {

class ChunkedBody {
 public:
  enum class Status : std::uint8_t { incomplete, complete, malformed, too_large };

  explicit ChunkedBody(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}

  // Takes what belongs to the body off the beginning of `input`, and appends what it carries to `body`. Not to be
  // called again after anything but `incomplete`.
  [[nodiscard]] Status read(std::string_view& input, std::string& body);

 private:
  enum class State : std::uint8_t {
    size,
    extension,
    size_end,
    data,
    data_return,
    data_end,
    trailer_begin,
    trailer,
    trailer_end,
    end
  };

  [[nodiscard]] Status take_data(std::string_view& input, std::string& body);
  [[nodiscard]] Status take_character(char c);
  [[nodiscard]] Status take_size_character(char c);
  [[nodiscard]] Status take_skipped_character(char c, State at_return);
  [[nodiscard]] Status expect(char actual, char expected, State next);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;  // of all chunks announced so far
  std::size_t chunk_ = 0;  // of the present chunk's size what has been read; then what is still to come
  std::size_t digits_ = 0;
  std::size_t skipped_ = 0;
  State state_ = State::size;
};

}  // namespace net
