#include "engine/commit_metadata.h"

#include <doctest/doctest.h>

#include <string>

#include "engine/checkpoint.h"

namespace shrike::engine {
namespace {

TEST_CASE("metadata reads back, at the ends of its ranges too") {
  for (const CommitMetadata& metadata :
       {CommitMetadata{}, CommitMetadata{0xfedcba9876543210, 17, 4, 1000, -5, {12, 0xabc}},
        CommitMetadata{~0ULL, kTimeMax, kTimeMax, kTimeMax, kTimeMin, {kTimeMax, ~0ULL}}}) {
    const std::string text = FormatCommitMetadata(metadata);
    CHECK(text.size() < 200);
    CHECK(ParseCommitMetadata(text) == metadata);
  }
}

TEST_CASE("anything else is none") {
  const std::string good = FormatCommitMetadata({1, 2, 3, 4, 5, {6, 7}});
  for (const std::string& text :
       {std::string(), std::string("17"), good + " ", good + " 1", "shrike2" + good.substr(7),
        good.substr(0, good.size() - 17), std::string("shrike1 x 2 3 4 5 6 7")})
    CHECK_FALSE(ParseCommitMetadata(text));
}

TEST_CASE("a checkpoint's head reads back, and any part of it is refused") {
  CheckpointHead head;
  head.application = "fraud";
  head.task = 3;
  head.partition_count = 8;
  head.streams = "abc";
  head.history = 99;
  head.sequence = 12;
  head.base = 7;
  head.outputs = {5, 6};
  head.front = 1000;
  head.partitions = {{"a", 3, 10, 20, 15, 5, 9, true, {{10, 77, 4, "{}"}, {12, {}, 5, ""}}},
                     {"b", 3, 0, 0, 0, kTimeMin, kTimeMin, false, {}}};
  head.rules = "0123";
  head.started = true;
  head.starts = {{"r", 2, 500}};
  head.pending = Decision{Decision::Kind::kSwap, 0, "4567"};
  const std::string bytes = WriteCheckpointHead(head);
  const auto read = ReadCheckpointHead(bytes);
  REQUIRE(read);
  CHECK(*read == head);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(ReadCheckpointHead(bytes.substr(0, size)));
  CHECK_FALSE(ReadCheckpointHead(bytes + "x"));
}

}  // namespace
}  // namespace shrike::engine
