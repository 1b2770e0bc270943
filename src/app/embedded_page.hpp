// The demo page's files, compiled into the binary from web/dist, so that it needs nothing beside it.
#pragma once

#include <string_view>

namespace app {

struct EmbeddedFile {
  std::string_view path;  // as requested: "/" is index.html
  std::string_view content_type;
  std::string_view bytes;
};

// Null where there is no such file.
[[nodiscard]] const EmbeddedFile* find_embedded_file(std::string_view path) noexcept;

}  // namespace app
