# One folder, one target, one include root.
#
# messaging_library(<name> [SOURCES ...] [USES <other folders> ...] [LINKS <package targets> ...])
#   declares the static library <name> of the folder it is called in. Its include root is a folder of the build tree that holds
#   nothing but a link to the sources' folder, so that `#include "<name>/x.hpp"` compiles only in targets that name it in USES
#   (or use a folder that does): an include against the floors is an error of the compiler, not of a reviewer.
#   LINKS are private: heavy headers of packages stay in the .cpp files.
function(messaging_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LINKS;PUBLIC_LINKS" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/include-roots/${name})
  file(MAKE_DIRECTORY ${root})
  if(NOT EXISTS ${root}/${name})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${root})
  target_link_libraries(${name} PUBLIC ${ARG_USES} ${ARG_PUBLIC_LINKS} PRIVATE ${ARG_LINKS} messaging_warnings)
  if(MESSAGING_FUZZERS AND MESSAGING_SANITIZE)
    # Fuzzers are guided by what the library's own code does; programs that are no fuzzers link it all the same.
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# messaging_test(<name> LABEL <label> SOURCES ... LINKS ...): a GoogleTest program, one ctest entry.
function(messaging_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main messaging_warnings)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# messaging_fuzzer(<name> SOURCES ... LINKS ...): a libFuzzer target; ctest gives it a short run over its kept corpus.
function(messaging_fuzzer name)
  if(NOT MESSAGING_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} messaging_warnings)
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set(corpus ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  set(found ${CMAKE_BINARY_DIR}/fuzz/${name})
  file(MAKE_DIRECTORY ${found} ${corpus})
  add_test(NAME ${name} COMMAND ${name} -max_total_time=5 -timeout=5 -max_len=4096 -print_final_stats=1
           -artifact_prefix=${found}/ ${found} ${corpus})
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 60)
endfunction()
