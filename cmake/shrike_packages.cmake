# The third-party libraries, all from Debian packages (tools/deps). NOTICE lists their licences.
find_package(Boost 1.81 REQUIRED)  # Headers only.
find_package(CLI11 REQUIRED)
find_package(date REQUIRED)  # Time zones: g++ 12 has none.
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(simdjson REQUIRED)
find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(lmdb REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)

# Short names, so that a folder's CMakeLists.txt reads as a list of words.
foreach(pair IN ITEMS "boost Boost::headers" "cli11 CLI11::CLI11" "date date::date-tz" "fmt fmt::fmt"
        "nlohmann nlohmann_json::nlohmann_json" "crypto OpenSSL::Crypto" "simdjson simdjson::simdjson"
        "expected tl::expected" "yaml yaml-cpp" "re2 PkgConfig::re2" "xxhash PkgConfig::xxhash"
        "lmdb PkgConfig::lmdb" "rdkafka PkgConfig::rdkafka"
        "zstd PkgConfig::zstd")
  separate_arguments(pair)
  list(GET pair 0 short_name)
  list(GET pair 1 target)
  add_library(dep_${short_name} INTERFACE)
  target_link_libraries(dep_${short_name} INTERFACE ${target})
endforeach()
