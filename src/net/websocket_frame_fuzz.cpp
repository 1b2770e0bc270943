// Whatever a client sends, and however the network cuts it into segments: the outcome is that of one read, the reader
// holds no more than a message and a control frame, and the padding behind each payload may be read. The first input
// byte chooses the segments.
#include <cstdlib>
#include <memory>
#include <string>

#include "net/websocket_frame.hpp"

namespace {

using net::websocket::FrameReader;

constexpr std::size_t message_bytes_max = 512;
constexpr std::size_t fragments_max = 16;
// What may be held beside a message's fragments: a control frame that is not complete, or another fragment's head.
constexpr std::size_t incomplete_frame_bytes_max = 6 + 125;
constexpr std::size_t padding_bytes = 64;

class Recorder final : public FrameReader::Sink {
 public:
  bool on_message(std::string_view payload, bool is_binary) override {
    for (std::size_t i = 0; i < padding_bytes; ++i) padding_ = payload.data()[payload.size() + i];
    return note(is_binary ? 'b' : 't', payload);
  }
  bool on_ping(std::string_view payload) override { return note('p', payload); }
  bool on_pong() override { return note('o', {}); }
  bool on_close(std::uint16_t code) override { return note('c', std::to_string(code)); }

  std::string events;

 private:
  bool note(char kind, std::string_view payload) {
    events.append(1, kind).append(std::to_string(payload.size())).append(1, ':').append(payload);
    return true;
  }
  volatile char padding_ = 0;
};

struct Outcome {
  FrameReader::Error error = FrameReader::Error::none;
  std::string events;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::size_t first_piece, std::size_t piece) {
  FrameReader reader(message_bytes_max, fragments_max);
  Recorder recorder;
  Outcome outcome;
  for (std::size_t at = 0, size = first_piece; at < bytes.size(); at += size, size = piece) {
    const auto segment = bytes.substr(at, size);
    // As large as promised and no larger, so that the sanitizer sees a byte too far.
    const auto buffer = std::make_unique<char[]>(segment.size() + padding_bytes);
    segment.copy(buffer.get(), segment.size());
    outcome.error = reader.feed(buffer.get(), segment.size(), recorder);
    if (reader.buffered_bytes() > message_bytes_max + incomplete_frame_bytes_max) std::abort();
  }
  outcome.events = std::move(recorder.events);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read(bytes, bytes.size(), bytes.size());
  const std::size_t choice = data[0];
  if (read(bytes, choice % bytes.size() + 1, choice % 23 + 1) != whole) std::abort();
  if (read(bytes, 1, 1) != whole) std::abort();
  return 0;
}
