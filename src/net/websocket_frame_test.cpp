#include "net/websocket_frame.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/websocket_test_frames.hpp"

namespace net::websocket {
namespace {

using Error = FrameReader::Error;
using Events = std::vector<std::string>;

constexpr std::size_t message_max = 1'000;
constexpr std::size_t fragments_max = 8;

// Writes down what the reader says, and reads the padding that it promises: a sanitizer sees where there is none.
class Recorder final : public FrameReader::Sink {
 public:
  bool on_message(std::string_view payload, bool is_binary) override {
    volatile char last = 0;
    for (int i = 0; i < 64; ++i) last = payload.data()[payload.size() + static_cast<std::size_t>(i)];
    (void)last;
    events.push_back((is_binary ? "binary " : "text ") + std::string(payload));
    return !stops;
  }
  bool on_ping(std::string_view payload) override { return note("ping " + std::string(payload)); }
  bool on_pong() override { return note("pong"); }
  bool on_close(std::uint16_t code) override { return note("close " + std::to_string(code)); }

  Events events;
  bool stops = false;

 private:
  bool note(std::string event) {
    events.push_back(std::move(event));
    return !stops;
  }
};

struct Outcome {
  Error error = Error::none;
  Events events;
  bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << "error " << static_cast<int>(outcome.error);
  for (const auto& event : outcome.events) *out << ", '" << event << "'";
}

Error feed(FrameReader& reader, std::string_view bytes, FrameReader::Sink& sink) {
  // Exactly as large as promised, so that reading further is found.
  const auto size = bytes.size();
  auto buffer = std::make_unique<char[]>(size + 64);
  bytes.copy(buffer.get(), size);
  return reader.feed(buffer.get(), size, sink);
}

Outcome read_in_pieces(std::string_view bytes, std::size_t piece) {
  FrameReader reader(message_max, fragments_max);
  Recorder recorder;
  Error error = Error::none;
  for (std::size_t at = 0; at < bytes.size(); at += piece) error = feed(reader, bytes.substr(at, piece), recorder);
  return {error, recorder.events};
}

// At once, and in pieces of every small size: the outcome never depends on the segments.
Outcome read(std::string_view bytes) {
  const auto whole = read_in_pieces(bytes, bytes.size());
  for (std::size_t piece = 1; piece <= 17; ++piece)
    EXPECT_EQ(read_in_pieces(bytes, piece), whole) << "pieces of " << piece;
  return whole;
}

std::string control(unsigned opcode, std::string_view payload) {
  return client_frame(payload, {.first_byte = 0x80 | opcode});
}

TEST(FrameReaderTest, TextAndBinaryMessagesOfEveryLengthFormArriveUnmasked) {
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 125U, 126U, 127U, 999U, 1'000U}) {
    const std::string payload(size, 'x');
    EXPECT_EQ(read(client_text(payload)), (Outcome{Error::none, {"text " + payload}})) << size;
    EXPECT_EQ(read(client_frame(payload, {.first_byte = 0x82})), (Outcome{Error::none, {"binary " + payload}})) << size;
  }
}

TEST(FrameReaderTest, AMessageWithA64BitLengthArrives) {
  FrameReader reader(100'000, fragments_max);
  Recorder recorder;
  const std::string payload(70'000, 'y');
  EXPECT_EQ(feed(reader, client_text(payload), recorder), Error::none);
  EXPECT_EQ(recorder.events, Events{"text " + payload});
}

TEST(FrameReaderTest, SeveralFramesInOneReadArriveInOrder) {
  EXPECT_EQ(read(client_text("a") + control(0x9, "p") + client_text("b") + control(0xa, "") + client_text("")),
            (Outcome{Error::none, {"text a", "ping p", "text b", "pong", "text "}}));
}

TEST(FrameReaderTest, FragmentsAreJoinedAndControlFramesMayComeBetween) {
  EXPECT_EQ(
      read(client_frame("one ", {.first_byte = 0x01}) + control(0x9, "!") + client_frame("two ", {.first_byte = 0x00}) +
           client_frame("three", {.first_byte = 0x80}) + client_text("next")),
      (Outcome{Error::none, {"ping !", "text one two three", "text next"}}));
}

TEST(FrameReaderTest, ACharacterMaySpanFragments) {
  EXPECT_EQ(read(client_frame("\xe2\x82", {.first_byte = 0x01}) + client_frame("\xac", {.first_byte = 0x80})),
            (Outcome{Error::none, {"text \xe2\x82\xac"}}));
}

TEST(FrameReaderTest, BreachesOfTheProtocolAreErrors) {
  struct Case {
    const char* name;
    std::string bytes;
  };
  const std::vector<Case> cases{
      {"RSV1", client_frame("x", {.first_byte = 0xc1})},
      {"RSV2", client_frame("x", {.first_byte = 0xa1})},
      {"RSV3", client_frame("x", {.first_byte = 0x91})},
      {"reserved data opcode 3", client_frame("x", {.first_byte = 0x83})},
      {"reserved data opcode 7", client_frame("x", {.first_byte = 0x87})},
      {"reserved control opcode 11", client_frame("x", {.first_byte = 0x8b})},
      {"reserved control opcode 15", client_frame("x", {.first_byte = 0x8f})},
      {"no mask", client_frame("x", {.is_masked = false})},
      {"fragmented ping", client_frame("x", {.first_byte = 0x09})},
      {"fragmented close", client_frame("", {.first_byte = 0x08})},
      {"ping of 126", client_frame(std::string(126, 'x'), {.first_byte = 0x89})},
      {"close of 126", client_frame(std::string("\x03\xe8") + std::string(124, 'x'), {.first_byte = 0x88})},
      {"16-bit length for 125", client_frame(std::string(125, 'x'), {.length_form = 2})},
      {"64-bit length for 5", client_frame("short", {.length_form = 8})},
      {"64-bit length for 65535", client_frame("x", {.length_form = 8, .claimed_length = 65'535})},
      {"64-bit length with the top bit",
       client_frame("x", {.length_form = 8, .claimed_length = (1ULL << 63) + 70'000})},
      {"continuation without a start", client_frame("x", {.first_byte = 0x80})},
      {"continuation without a start, not final", client_frame("x", {.first_byte = 0x00})},
      {"new message within a message", client_frame("a", {.first_byte = 0x01}) + client_text("b")},
      {"new fragments within a message",
       client_frame("a", {.first_byte = 0x01}) + client_frame("b", {.first_byte = 0x02})},
      {"close of one byte", control(0x8, "x")},
  };
  for (const auto& each : cases) EXPECT_EQ(read(each.bytes), (Outcome{Error::protocol, {}})) << each.name;
}

TEST(FrameReaderTest, CloseCodesThatNobodyMaySendAreErrors) {
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65'535}) {
    EXPECT_EQ(read(client_close(static_cast<std::uint16_t>(code))), (Outcome{Error::protocol, {}})) << code;
  }
}

TEST(FrameReaderTest, CloseCodesThatMayBeSentArriveAndNothingAfterThem) {
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4000, 4999}) {
    EXPECT_EQ(read(client_close(static_cast<std::uint16_t>(code), "reason") + client_text("late")),
              (Outcome{Error::none, {"close " + std::to_string(code)}}));
  }
  EXPECT_EQ(read(control(0x8, "")), (Outcome{Error::none, {"close 1005"}}));
}

TEST(FrameReaderTest, TextThatIsNoUtf8IsAnError) {
  for (const std::string_view bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "ok\xe2\x82"}) {
    EXPECT_EQ(read(client_text(bad)), (Outcome{Error::invalid_utf8, {}}));
    EXPECT_EQ(read(client_close(1000, bad)), (Outcome{Error::invalid_utf8, {}}));
    EXPECT_EQ(read(client_frame(bad, {.first_byte = 0x01}) + client_frame("", {.first_byte = 0x80})),
              (Outcome{Error::invalid_utf8, {}}));
    EXPECT_EQ(read(client_frame(bad, {.first_byte = 0x82})), (Outcome{Error::none, {"binary " + std::string(bad)}}));
  }
}

TEST(FrameReaderTest, AMessageBeyondTheLimitIsRefusedByItsHeadAlone) {
  for (const std::uint64_t size :
       {std::uint64_t{message_max} + 1, std::uint64_t{70'000}, (std::uint64_t{1} << 63) - 1}) {
    auto head = client_frame("", {.claimed_length = size});
    EXPECT_EQ(read(head), (Outcome{Error::too_large, {}})) << size;
  }
}

TEST(FrameReaderTest, FragmentsThatPassTheLimitTogetherAreRefused) {
  const std::string half(501, 'x');
  EXPECT_EQ(read(client_frame(half, {.first_byte = 0x01}) + client_frame(half, {.first_byte = 0x80})),
            (Outcome{Error::too_large, {}}));
}

// CVE-2026-48779: endless fragments of a byte, or of none.
TEST(FrameReaderTest, TooManyFragmentsOfOneMessageAreRefused) {
  for (const std::string_view payload : {"", "x"}) {
    auto bytes = client_frame(payload, {.first_byte = 0x01});
    for (std::size_t i = 1; i < fragments_max; ++i) bytes += client_frame(payload, {.first_byte = 0x00});
    EXPECT_EQ(read(bytes), (Outcome{Error::none, {}}));
    EXPECT_EQ(read(bytes + client_frame(payload, {.first_byte = 0x00})), (Outcome{Error::too_large, {}}));
  }
}

TEST(FrameReaderTest, TheLimitOfFragmentsCountsEachMessageByItself) {
  std::string bytes;
  for (std::size_t message = 0; message < 2 * fragments_max; ++message) {
    bytes += client_frame("a", {.first_byte = 0x01}) + client_frame("b", {.first_byte = 0x80});
  }
  EXPECT_EQ(read(bytes).events, Events(2 * fragments_max, "text ab"));
}

TEST(FrameReaderTest, AMessageThatLiesInTheInputIsNotCopied) {
  class SameBytes final : public FrameReader::Sink {
   public:
    bool on_message(std::string_view payload, bool) override { return at = payload.data(), true; }
    bool on_ping(std::string_view) override { return true; }
    bool on_pong() override { return true; }
    bool on_close(std::uint16_t) override { return true; }
    const char* at = nullptr;
  } sink;
  FrameReader reader(message_max, fragments_max);
  auto bytes = client_text("payload") + std::string(64, '\0');
  EXPECT_EQ(reader.feed(bytes.data(), bytes.size() - 64, sink), Error::none);
  EXPECT_EQ(sink.at, bytes.data() + 6);
  EXPECT_EQ(reader.buffered_bytes(), 0U);
}

TEST(FrameReaderTest, BetweenMessagesNothingIsHeldAndWithinOneOnlyWhatHasCome) {
  FrameReader reader(message_max, fragments_max);
  Recorder recorder;
  const auto frame = client_frame(std::string(900, 'x'), {.first_byte = 0x01});
  EXPECT_EQ(feed(reader, std::string_view(frame).substr(0, 20), recorder), Error::none);
  EXPECT_EQ(reader.buffered_bytes(), 20U);
  EXPECT_EQ(feed(reader, std::string_view(frame).substr(20), recorder), Error::none);
  EXPECT_EQ(reader.buffered_bytes(), 900U);
  EXPECT_EQ(feed(reader, client_frame("end", {.first_byte = 0x80}), recorder), Error::none);
  EXPECT_EQ(reader.buffered_bytes(), 0U);
}

TEST(FrameReaderTest, ASinkThatSaysStopHearsNothingMore) {
  FrameReader reader(message_max, fragments_max);
  Recorder recorder;
  recorder.stops = true;
  EXPECT_EQ(feed(reader, client_text("a") + client_text("b"), recorder), Error::none);
  EXPECT_EQ(feed(reader, client_text("c"), recorder), Error::none);
  EXPECT_EQ(recorder.events, Events{"text a"});
}

TEST(FrameReaderTest, AfterAnErrorNothingIsAccepted) {
  FrameReader reader(message_max, fragments_max);
  Recorder recorder;
  EXPECT_EQ(feed(reader, client_frame("x", {.is_masked = false}), recorder), Error::protocol);
  EXPECT_EQ(feed(reader, client_text("fine"), recorder), Error::protocol);
  EXPECT_TRUE(recorder.events.empty());
}

TEST(EncodeFrameTest, UsesTheShortestLengthAndNoMask) {
  EXPECT_EQ(encode_frame(Opcode::text, "hi").view(), std::string_view("\x81\x02hi", 4));
  EXPECT_EQ(encode_frame(Opcode::pong, "").view(), std::string_view("\x8a\x00", 2));
  const auto medium = encode_frame(Opcode::binary, std::string(126, 'x'));
  EXPECT_EQ(medium.view().substr(0, 5), std::string_view("\x82\x7e\x00\x7ex", 5));
  const auto large = encode_frame(Opcode::text, std::string(65'536, 'x'));
  EXPECT_EQ(large.view().substr(0, 11), std::string_view("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00x", 11));
}

TEST(EncodeFrameTest, TheHeaderSizeIsWhatIsWritten) {
  for (const std::size_t size : {0U, 125U, 126U, 65'535U, 65'536U}) {
    std::string header;
    append_frame_header(header, Opcode::text, size);
    EXPECT_EQ(header.size(), frame_header_size(size));
  }
}

}  // namespace
}  // namespace net::websocket
