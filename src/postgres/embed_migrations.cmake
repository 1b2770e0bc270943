# Turns migrations/postgres/*.sql into a C++ source, so that the binary needs no files when it runs.
#   cmake -DSOURCES=<folder> -DOUTPUT=<file.cpp> -P embed_migrations.cmake
# A file is named <version>_<name>.sql and has a line `-- min-compatible: <version>`; the versions are 1, 2, 3 … without gaps, which
# the migrator's test checks.
file(GLOB files ${SOURCES}/*.sql)
list(SORT files)
set(rows "")
foreach(file IN LISTS files)
  get_filename_component(stem ${file} NAME_WE)
  string(REGEX MATCH "^([0-9]+)_(.+)$" matched ${stem})
  if(NOT matched)
    message(FATAL_ERROR "${file}: a migration is named <version>_<name>.sql")
  endif()
  set(version ${CMAKE_MATCH_1})
  set(name ${CMAKE_MATCH_2})
  string(REGEX REPLACE "^0+" "" version ${version})
  file(READ ${file} sql)
  string(REGEX MATCH "\n-- min-compatible: ([0-9]+)\n" matched "\n${sql}")
  if(NOT matched)
    message(FATAL_ERROR "${file}: which messagingd can work with the tables after it? Write `-- min-compatible: <version>`")
  endif()
  set(min_compatible ${CMAKE_MATCH_1})
  file(SHA256 ${file} checksum)
  string(APPEND rows "    {${version}, ${min_compatible}, \"${name}\", \"${checksum}\",\n     R\"sql(${sql})sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from migrations/postgres by embed_migrations.cmake.
#include \"postgres/migrations.hpp\"

namespace postgres {
namespace {
constexpr Migration embedded[] = {
${rows}};
}

std::span<const Migration> migrations() { return embedded; }
}  // namespace postgres
")
