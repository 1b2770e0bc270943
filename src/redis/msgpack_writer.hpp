// Writing MessagePack by appending to a string, every value in its shortest form, as the Node members' encoder does.
// Between the protocols of the cluster and the bus; functions of their input, on any thread. Source:
// https://github.com/msgpack/msgpack/blob/master/spec.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace redis::msgpack {

void append_nil(std::string& out);
void append_bool(std::string& out, bool value);
void append_uint(std::string& out, std::uint64_t value);
void append_int(std::string& out, std::int64_t value);
// An integer, where JavaScript has one (it knows no other numbers): 1.0 goes out as 1.
void append_number(std::string& out, double value);
void append_string(std::string& out, std::string_view text);
void append_binary(std::string& out, std::string_view bytes);
// So many values follow.
void append_array_header(std::string& out, std::size_t size);
// So many pairs of key and value follow.
void append_map_header(std::string& out, std::size_t size);

}  // namespace redis::msgpack
