// Between the two forms that a packet's data takes: JSON where clients are, MessagePack where Node members are. What a
// Node member would hand to its clients comes out, so that a client cannot tell which member it is connected to.
// Functions of their input, on any thread; the hot path of a publish and of what comes from the bus.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "redis/msgpack_reader.hpp"

namespace redis::msgpack {

// The depth that is accepted, as of clients' JSON.
inline constexpr std::size_t depth_max = 32;

// Appends the reader's next value as JSON.stringify() would write it: dates as ISO 8601, what is no number as null,
// bytes that are no UTF-8 as U+FFFD. Binary values become attachments, and placeholders stand for them, numbered
// depth-first. False where it is malformed, too deep, or holds more attachments than a packet may have; then `out` is
// of no use.
// `depth`: of containers that the value lies in already.
[[nodiscard]] bool append_as_json(std::string& out, Reader& reader, std::vector<std::string>& attachments,
                                  std::size_t depth = 0);
// The same for a value of which the header has been read.
[[nodiscard]] bool append_as_json(std::string& out, const Value& value, Reader& reader,
                                  std::vector<std::string>& attachments, std::size_t depth = 0);

// Appends JSON text as MessagePack. Placeholders of attachments become binary values. False where it is no JSON.
[[nodiscard]] bool append_from_json(std::string& out, std::string_view json,
                                    const std::vector<std::string>& attachments = {});

}  // namespace redis::msgpack
