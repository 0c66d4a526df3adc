#include "engine/embedded/partition_log.h"

#include <doctest/doctest.h>

#include <string>

namespace shrike::engine {
namespace {

// "k=v": key and value; "v": a value; "k=-": a tombstone.
void Add(PartitionLog* log, std::string_view text, std::uint64_t transaction = 0) {
  NewRecord record;
  const std::size_t sign = text.find('=');
  if (sign != std::string_view::npos) record.key = text.substr(0, sign);
  const std::string_view value = sign == std::string_view::npos ? text : text.substr(sign + 1);
  if (value != "-") record.value = value;
  log->Append(record, 0, transaction);
}

std::string Text(const PartitionLog& log, std::int64_t begin = 0) {
  std::string text;
  for (const StoredRecord& record : log.Committed(begin)) {
    text += std::to_string(record.offset()) + ":";
    text += record.value() ? std::string(*record.value()) : "-";
    text += " ";
  }
  return text + "| " + std::to_string(log.begin()) + " " + std::to_string(log.stable_end()) + " " +
         std::to_string(log.end());
}

TEST_CASE("a record keeps absent and empty apart") {
  const alerts::OutputHeader headers[] = {{"h", "1"}, {"", ""}, {"h", "2"}};
  struct Row {
    NewRecord record;
  };
  const Row rows[] = {
      {{}},
      {{"", "", {}, {}}},
      {{std::nullopt, "v", 7, {}}},
      {{"k", std::nullopt, 7, headers}},
      {{"key", "value", -1, headers}},
  };
  for (const Row& row : rows) {
    StoredRecord made({5, 9, 3}, row.record);
    const StoredRecord record = std::move(made);
    CHECK(record.offset() == 5);
    CHECK(record.timestamp() == 9);
    CHECK(record.transaction() == 3);
    CHECK(record.key() == row.record.key);
    CHECK(record.value() == row.record.value);
    REQUIRE(record.headers().size() == row.record.headers.size());
    for (std::size_t i = 0; i < row.record.headers.size(); ++i) {
      CHECK(record.headers()[i].name == row.record.headers[i].name);
      CHECK(record.headers()[i].value == row.record.headers[i].value);
    }
  }
}

TEST_CASE("the oldest open transaction hides all that follows it") {
  PartitionLog log;
  CHECK(Text(log) == "| 0 0 0");
  Add(&log, "x");
  Add(&log, "one", 1);
  Add(&log, "y");
  Add(&log, "two", 2);
  CHECK(Text(log) == "0:x | 0 1 4");
  log.Commit(2, /*marker=*/true);
  CHECK(Text(log) == "0:x | 0 1 5");
  Add(&log, "one more", 1);
  CHECK(log.Since(1).size() == 4);
  CHECK(log.Since(2).empty());
  log.Commit(1, /*marker=*/false);
  CHECK(Text(log) == "0:x 1:one 2:y 3:two 5:one more | 0 6 6");
  CHECK(Text(log, 4) == "5:one more | 0 6 6");
}

TEST_CASE("aborted records are never shown, and leave gaps") {
  PartitionLog log;
  Add(&log, "a", 1);
  Add(&log, "b", 2);
  Add(&log, "c", 1);
  Add(&log, "d");
  log.Abort(1, /*marker=*/true);
  CHECK(Text(log) == "| 0 1 5");
  log.Commit(2, /*marker=*/true);
  CHECK(Text(log) == "1:b 3:d | 0 6 6");
  Add(&log, "e", 3);
  log.Abort(3, /*marker=*/true);
  CHECK(Text(log) == "1:b 3:d | 0 8 8");
}

TEST_CASE("compaction keeps the newest of each key below the last stable offset") {
  struct Row {
    std::int64_t offset;
    bool drop;
    std::string_view want;
  };
  const Row rows[] = {
      {100, false, "1:n 3:k2 4:- | 0 5 6"},        {100, true, "1:n 3:k2 | 0 5 6"},
      {4, true, "1:n 2:m1 3:k2 4:- | 0 5 6"},      {3, true, "0:k1 1:n 2:m1 3:k2 4:- | 0 5 6"},
      {0, true, "0:k1 1:n 2:m1 3:k2 4:- | 0 5 6"},
  };
  for (const Row& row : rows) {
    PartitionLog log;
    for (const std::string_view text : {"k=k1", "n", "m=m1", "k=k2", "m=-"}) Add(&log, text);
    Add(&log, "k=k3", 1);
    log.Compact(row.offset, row.drop);
    CAPTURE(row.offset);
    CHECK(Text(log) == row.want);
  }
}

TEST_CASE("retention deletes up to the last stable offset") {
  PartitionLog log;
  for (const std::string_view text : {"a", "b", "c"}) Add(&log, text);
  Add(&log, "d", 1);
  log.DeleteBefore(2);
  CHECK(Text(log) == "2:c | 2 3 4");
  log.DeleteBefore(1);
  CHECK(Text(log) == "2:c | 2 3 4");
  log.DeleteBefore(50);
  CHECK(Text(log) == "| 3 3 4");
  log.Commit(1, /*marker=*/true);
  CHECK(Text(log) == "3:d | 3 5 5");
}

TEST_CASE("a journal may bring records back in another order") {
  PartitionLog log;
  NewRecord record;
  record.value = "x";
  CHECK(log.Restore(record, {6, 0, 0}));
  CHECK(log.Restore(record, {4, 0, 0}));
  CHECK_FALSE(log.Restore(record, {4, 0, 0}));
  log.RaiseEnd(9);
  log.RaiseEnd(2);
  CHECK(Text(log) == "4:x 6:x | 0 9 9");
  log.DeleteBefore(5);
  CHECK_FALSE(log.Restore(record, {3, 0, 0}));
}

}  // namespace
}  // namespace shrike::engine
