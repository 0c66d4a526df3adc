#include "alerts/file/file_sink.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace shrike::alerts {
namespace {

TEST_CASE("lines reach the stream in order") {
  std::ostringstream out;
  FileSink sink(&out, "stdout");
  std::string want;
  // More than the buffer holds.
  for (int index = 0; index < 20'000; ++index) {
    const std::string line = "{\"n\":" + std::to_string(index) + "}";
    REQUIRE(sink.Write({"", line, false}));
    want += line + "\n";
  }
  CHECK(out.str().size() > 64 * 1024);
  CHECK(out.str().size() < want.size());
  REQUIRE(sink.Flush());
  CHECK(out.str() == want);
}

TEST_CASE("a file is created, and emptied before") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("shrike_file_sink_" + std::to_string(std::hash<std::string>()(__FILE__)));
  for (const char* line : {"first", "second"}) {
    auto sink = FileSink::Open(path.string());
    REQUIRE(sink);
    REQUIRE((*sink)->WriteLine(line));
    REQUIRE((*sink)->Flush());
  }
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "second\n");
  std::filesystem::remove(path);
}

TEST_CASE("what cannot be written is an I/O error with the name") {
  const auto missing = FileSink::Open("/no/such/folder/alerts.jsonl");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kIo);
  CHECK(missing.error().message.find("/no/such/folder/alerts.jsonl") != std::string::npos);

  std::ostringstream out;
  FileSink sink(&out, "stdout");
  out.setstate(std::ios::badbit);
  REQUIRE(sink.WriteLine("line"));
  const auto flushed = sink.Flush();
  REQUIRE_FALSE(flushed);
  CHECK(flushed.error().code == ErrorCode::kIo);
  CHECK(flushed.error().message.find("stdout") != std::string::npos);
}

}  // namespace
}  // namespace shrike::alerts
