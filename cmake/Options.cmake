# Language, warnings and the three ways to build: release (hardened), dev (ASan and UBSan), tsan.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(MESSAGING_WERROR "Treat warnings as errors" ON)
set(MESSAGING_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")
option(MESSAGING_FUZZERS "Build the libFuzzer targets" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Paths are hashed relative to the source folder, so that another clone of the same commit finds everything compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

# Our code only: what comes from packages is included as system headers.
add_library(messaging_warnings INTERFACE)
target_compile_options(messaging_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast)
if(MESSAGING_WERROR)
  target_compile_options(messaging_warnings INTERFACE -Werror)
endif()

add_compile_options(-fno-omit-frame-pointer -fstack-protector-strong)
add_link_options(-fuse-ld=lld)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(MESSAGING_SANITIZE)
  add_compile_options(-fsanitize=${MESSAGING_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MESSAGING_SANITIZE})
else()
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
