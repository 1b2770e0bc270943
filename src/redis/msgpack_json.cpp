#include "redis/msgpack_json.hpp"

#include <algorithm>

#include "base/json_text.hpp"
#include "redis/msgpack_scalars.hpp"
#include "redis/msgpack_writer.hpp"
#include "socketio/json.hpp"
#include "socketio/packet.hpp"

namespace redis::msgpack {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using Type = Value::Type;

static_assert(depth_max == socketio::json_depth_max);

// MessagePack to JSON, one value after the other; the recursion is as deep as depth_max.
class JsonWriter {
 public:
  JsonWriter(std::string& out, Reader& reader, std::vector<std::string>& attachments)
      : out_(out), reader_(reader), attachments_(attachments) {}

  bool append_next(std::size_t depth) {
    const auto value = reader_.next();
    return value && append(*value, depth);
  }

  bool append(const Value& value, std::size_t depth) {
    switch (value.type) {
      case Type::nil:
        out_ += "null";
        return true;
      case Type::boolean:
        out_ += value.boolean ? "true" : "false";
        return true;
      case Type::signed_integer:
      case Type::unsigned_integer:
      case Type::real:
        append_json_number(out_, value);
        return true;
      case Type::string:
        base::append_json_string(out_, value.bytes);
        return true;
      case Type::binary:
        return append_placeholder(value.bytes);
      case Type::extension:
      case Type::fixed_extension:
        return append_extension(value);
      case Type::array:
        return append_array(value.size, depth);
      case Type::map:
        return append_map(value.size, depth);
    }
    return false;
  }

 private:
  bool append_array(std::size_t size, std::size_t depth) {
    if (depth >= depth_max) return false;
    out_ += '[';
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) out_ += ',';
      if (!append_next(depth + 1)) return false;
    }
    out_ += ']';
    return true;
  }

  bool append_map(std::size_t size, std::size_t depth) {
    if (depth >= depth_max) return false;
    out_ += '{';
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) out_ += ',';
      if (!append_key()) return false;
      out_ += ':';
      if (!append_next(depth + 1)) return false;
    }
    out_ += '}';
    return true;
  }

  // JavaScript's members have names, whatever the key was.
  bool append_key() {
    const auto key = reader_.next();
    if (!key) return false;
    if (key->is_string()) {
      base::append_json_string(out_, key->bytes);
      return true;
    }
    if (key->type != Type::signed_integer && key->type != Type::unsigned_integer) return false;
    out_ += '"';
    append_json_number(out_, *key);
    out_ += '"';
    return true;
  }

  bool append_placeholder(std::string_view bytes) {
    if (attachments_.size() == socketio::attachments_max) return false;
    out_ += R"({"_placeholder":true,"num":)";
    base::append_json_number(out_, static_cast<std::int64_t>(attachments_.size()));
    out_ += '}';
    attachments_.emplace_back(bytes);
    return true;
  }

  // As the Node members' decoder reads them, with the forms that only its older versions wrote.
  bool append_extension(const Value& value) {
    if (is_date(value)) {
      append_date(out_, value);
      return true;
    }
    if (value.extension == 0 && value.type == Type::extension) return append_placeholder(value.bytes);
    if (value.extension == 0 && value.bytes.size() == 1) {  // undefined
      out_ += "null";
      return true;
    }
    out_ += '[';
    base::append_json_number(out_, value.extension);
    out_ += ',';
    if (!append_placeholder(value.bytes)) return false;
    out_ += ']';
    return true;
  }

  std::string& out_;
  Reader& reader_;
  std::vector<std::string>& attachments_;
};

// The attachment that a placeholder stands for; null for any other object.
const std::string* attachment_of(const simdjson::dom::object& object, const std::vector<std::string>& attachments) {
  if (attachments.empty()) return nullptr;
  bool flag = false;
  std::uint64_t index = 0;
  if (object["_placeholder"].get(flag) != simdjson::SUCCESS || !flag) return nullptr;
  if (object["num"].get(index) != simdjson::SUCCESS || index >= attachments.size()) return nullptr;
  return &attachments[index];
}

void append_element(std::string& out, const element& value, const std::vector<std::string>& attachments);

void append_object(std::string& out, const simdjson::dom::object& object, const std::vector<std::string>& attachments) {
  if (const auto* const bytes = attachment_of(object, attachments)) return append_binary(out, *bytes);
  append_map_header(out, object.size());
  for (const auto member : object) {
    append_string(out, member.key);
    append_element(out, member.value, attachments);
  }
}

// The recursion is as deep as the JSON, which the parser has bounded.
void append_element(std::string& out, const element& value, const std::vector<std::string>& attachments) {
  switch (value.type()) {
    case element_type::ARRAY: {
      const auto array = value.get_array().value_unsafe();
      append_array_header(out, array.size());
      for (const auto item : array) append_element(out, item, attachments);
      return;
    }
    case element_type::OBJECT:
      return append_object(out, value.get_object().value_unsafe(), attachments);
    case element_type::STRING:
      return append_string(out, value.get_string().value_unsafe());
    case element_type::INT64:
      return append_int(out, value.get_int64().value_unsafe());
    case element_type::UINT64:
      return append_uint(out, value.get_uint64().value_unsafe());
    case element_type::DOUBLE:
      return append_number(out, value.get_double().value_unsafe());
    case element_type::BOOL:
      return append_bool(out, value.get_bool().value_unsafe());
    case element_type::NULL_VALUE:
      return append_nil(out);
  }
}

}  // namespace

bool append_as_json(std::string& out, Reader& reader, std::vector<std::string>& attachments, std::size_t depth) {
  return JsonWriter(out, reader, attachments).append_next(depth);
}

bool append_as_json(std::string& out, const Value& value, Reader& reader, std::vector<std::string>& attachments,
                    std::size_t depth) {
  return JsonWriter(out, reader, attachments).append(value, depth);
}

bool append_from_json(std::string& out, std::string_view json, const std::vector<std::string>& attachments) {
  const auto root = socketio::parse_unpadded_json(json);
  if (!root) return false;
  append_element(out, *root, attachments);
  return true;
}

}  // namespace redis::msgpack
