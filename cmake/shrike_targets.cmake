# Helpers for the folders' CMakeLists.txt.

# shrike_wanted(<out> <folder>): is the folder part of this build (SHRIKE_ONLY)?
function(shrike_wanted out folder)
  if(NOT SHRIKE_ONLY OR folder IN_LIST SHRIKE_ONLY)
    set(${out} TRUE PARENT_SCOPE)
  else()
    set(${out} FALSE PARENT_SCOPE)
  endif()
endfunction()

# shrike_library(<name> [ADAPTERS dir..] [EXCLUDE file..] [USES library..] [PUBLIC dep..] [PRIVATE dep..])
#
# Makes shrike_<name> from all *.cc of the current folder and of the listed sub-folders. USES names
# other shrike libraries (and is public, since their headers stand in our headers); PUBLIC and
# PRIVATE name third-party libraries (cmake/shrike_packages.cmake). A folder without sources
# becomes an INTERFACE library, so that configuring never fails.
function(shrike_library name)
  cmake_parse_arguments(ARG "" "" "ADAPTERS;EXCLUDE;USES;PUBLIC;PRIVATE" ${ARGN})
  set(patterns "*.cc")
  foreach(adapter IN LISTS ARG_ADAPTERS)
    list(APPEND patterns "${adapter}/*.cc")
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  foreach(file IN LISTS ARG_EXCLUDE)
    list(REMOVE_ITEM sources "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  endforeach()
  shrike_wanted(wanted ${name})
  set(target shrike_${name})
  list(TRANSFORM ARG_USES PREPEND shrike_)
  list(TRANSFORM ARG_PUBLIC PREPEND dep_)
  list(TRANSFORM ARG_PRIVATE PREPEND dep_)
  if(sources AND wanted)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC shrike_flags ${ARG_USES} ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE shrike_flags ${ARG_USES} ${ARG_PUBLIC} ${ARG_PRIVATE})
  endif()
endfunction()

# All folders but tools, and all third-party libraries: for test_support, fuzzers and benchmarks.
add_library(shrike_core INTERFACE)
target_link_libraries(shrike_core INTERFACE
  shrike_engine shrike_alerts shrike_rules shrike_nfa shrike_ingest shrike_config shrike_base
  dep_boost dep_cli11 dep_crypto dep_date dep_expected dep_fmt dep_lmdb dep_nlohmann dep_rdkafka dep_re2 dep_simdjson
  dep_xxhash dep_yaml dep_zstd Threads::Threads)
