# Compiler, flags and switches. The presets (CMakePresets.json) choose among the switches.

option(SHRIKE_TESTS "Build the test programs and register them with ctest" ON)
option(SHRIKE_FUZZERS "Build tests/fuzz (libFuzzer, needs clang)" OFF)
option(SHRIKE_BENCHMARKS "Build bench (Google Benchmark)" OFF)
option(SHRIKE_WERROR "Warnings are errors" ON)
set(SHRIKE_SANITIZE "" CACHE STRING "Argument of -fsanitize=, for example address,undefined")
set(SHRIKE_NO_SANITIZE "" CACHE STRING "Argument of -fno-sanitize=, taken from SHRIKE_SANITIZE again")
set(SHRIKE_MARCH "" CACHE STRING "Argument of -march= on x86-64, for example x86-64-v2")
set(SHRIKE_ONLY "" CACHE STRING
    "Build only these folders and their tests, for example base;nfa. Empty: all. For work while other folders do not compile.")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug or RelWithDebInfo" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# -g1 gives file and line in back traces and keeps the build quick.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -g1 -DNDEBUG")

# NOHASHDIR: two build folders of one checkout share the cache.
find_program(SHRIKE_CCACHE ccache)
mark_as_advanced(SHRIKE_CCACHE)
if(SHRIKE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_NOHASHDIR=true ${SHRIKE_CCACHE})
endif()

# Every target of ours links shrike_flags. Third-party headers are system headers: no warnings there.
add_library(shrike_flags INTERFACE)
target_include_directories(shrike_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(shrike_flags INTERFACE SHRIKE_VERSION="${PROJECT_VERSION}")
target_compile_options(shrike_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough
  $<$<BOOL:${SHRIKE_WERROR}>:-Werror>
  -fno-omit-frame-pointer
  -ffp-contract=off  # No fused multiply-add: replay must give the same bits on every machine.
  -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)  # Messages name files from the root.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns wrongly about `"text" + std::string` (GCC bug 105651).
  target_compile_options(shrike_flags INTERFACE -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND SHRIKE_SANITIZE)
  # The sanitizers' own code confuses this warning; the release build keeps it.
  target_compile_options(shrike_flags INTERFACE -Wno-maybe-uninitialized)
endif()

if(SHRIKE_SANITIZE)
  target_compile_options(shrike_flags INTERFACE
    -fsanitize=${SHRIKE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(shrike_flags INTERFACE -fsanitize=${SHRIKE_SANITIZE})
endif()
if(SHRIKE_NO_SANITIZE)
  target_compile_options(shrike_flags INTERFACE -fno-sanitize=${SHRIKE_NO_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(shrike_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(SHRIKE_MARCH AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  target_compile_options(shrike_flags INTERFACE -march=${SHRIKE_MARCH})
endif()
