#include "engine/changelog.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/checkpoint.h"

namespace shrike::engine {
namespace {

// A partition of records that begins at `begin`; it notes from where it was read.
class FakeReader : public ingest::ChangelogReader {
 public:
  struct Record {
    std::string key;
    std::optional<std::string> value;
  };

  Result<std::int64_t> Read(std::int32_t /*partition*/, std::int64_t from,
                            const Visit& visit) override {
    reads.push_back(from);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::int64_t offset = begin + static_cast<std::int64_t>(i);
      if (offset < from || records[i].key.empty()) continue;
      SHRIKE_TRY_VOID(visit({offset, records[i].key, records[i].value}));
    }
    return begin + static_cast<std::int64_t>(records.size());
  }
  Result<ingest::OffsetRange> Range(std::int32_t /*partition*/) override {
    return ingest::OffsetRange{begin, begin + static_cast<std::int64_t>(records.size())};
  }

  std::int64_t begin = 1000;
  std::vector<Record> records;  // without a key: aborted
  std::vector<std::int64_t> reads;
};

std::string Head(std::int64_t sequence) {
  CheckpointHead head;
  head.application = "app";
  head.sequence = sequence;
  return WriteCheckpointHead(head);
}

TEST_CASE("the marker is looked for from the end") {
  struct Row {
    int before;   // records before the marker of commit 1, and between it and that of commit 2
    int aborted;  // after it
    std::size_t reads;
  };
  const Row rows[] = {{0, 0, 1}, {5000, 0, 1}, {5000, 60, 1}, {5000, 100, 2}, {5000, 3000, 3}};
  for (const Row& row : rows) {
    CAPTURE(row.before);
    CAPTURE(row.aborted);
    FakeReader reader;
    const auto add = [&](int count, const std::string& key) {
      for (int i = 0; i < count; ++i) reader.records.push_back({key, "value"});
    };
    add(row.before, "entry");
    reader.records.push_back({std::string(kMarkerKey), Head(1)});
    add(row.before, "entry");
    reader.records.push_back({std::string(kMarkerKey), Head(2)});
    add(row.aborted, "");
    const auto marker = ReadMarker(&reader, 0);
    REQUIRE(marker.has_value());
    REQUIRE(marker->has_value());
    CHECK((*marker)->sequence == 2);
    CHECK(reader.reads.size() == row.reads);
  }
}

TEST_CASE("a changelog without a marker is read once, from its beginning at last") {
  FakeReader reader;
  CHECK_FALSE(ReadMarker(&reader, 0).value().has_value());
  CHECK(reader.reads.empty());
  for (int i = 0; i < 100; ++i) reader.records.push_back({"entry", "value"});
  CHECK_FALSE(ReadMarker(&reader, 0).value().has_value());
  CHECK(reader.reads == std::vector<std::int64_t>{1036, 1000});
}

}  // namespace
}  // namespace shrike::engine
