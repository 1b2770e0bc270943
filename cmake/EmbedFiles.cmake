# Script mode: cmake -DFOLDER=<web/dist> -DOUTPUT=<file.cpp> -P EmbedFiles.cmake
# Writes a source file that holds every file of the folder as an array of bytes.
file(GLOB paths LIST_DIRECTORIES false RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT paths)
set(arrays "")
set(rows "")
set(index 0)
foreach(path IN LISTS paths)
  get_filename_component(extension ${path} LAST_EXT)
  if(extension STREQUAL ".html")
    set(type "text/html; charset=utf-8")
  elseif(extension STREQUAL ".js")
    set(type "text/javascript; charset=utf-8")
  elseif(extension STREQUAL ".css")
    set(type "text/css; charset=utf-8")
  elseif(extension STREQUAL ".svg")
    set(type "image/svg+xml")
  else()
    continue()
  endif()
  file(READ ${FOLDER}/${path} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND arrays "constexpr unsigned char file_${index}[] = {${bytes}0x00};\n")
  set(name "/${path}")
  if(path STREQUAL "index.html")
    set(name "/")
  endif()
  string(APPEND rows "      {\"${name}\", \"${type}\", text(file_${index}, sizeof file_${index} - 1)},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Generated from web/dist.
#include \"app/embedded_page.hpp\"

#include <vector>

namespace app {
namespace {
${arrays}
std::string_view text(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}
}  // namespace

const EmbeddedFile* find_embedded_file(std::string_view path) noexcept {
  static const std::vector<EmbeddedFile> files{
${rows}  };
  for (const auto& file : files) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

}  // namespace app
")
