// Values of MessagePack that JSON has no form for, as JavaScript prints them: numbers and dates. For the transcoder;
// functions of their input.
#pragma once

#include <string>

#include "redis/msgpack_reader.hpp"

namespace redis::msgpack {

// `value` is an integer or real; null for what is no number.
void append_json_number(std::string& out, const Value& value);

// Whether an extension is a point in time: the timestamps of the specification, or the form of older Node members.
[[nodiscard]] bool is_date(const Value& extension) noexcept;
// "2026-11-22T18:18:20.000Z"; null beyond what a JavaScript Date can hold.
void append_date(std::string& out, const Value& extension);

}  // namespace redis::msgpack
