#include "engine/lmdb/state_verify.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/engine/lmdb_fixture.h"
#include "tests/support/scratch_folder.h"

namespace shrike::engine {
namespace {

using testing::ScratchFolder;
using Transaction = LmdbEnvironment::Transaction;

std::string Verify(const std::string& folder, std::size_t faults_max = 10) {
  const Result<StateReport> report = VerifyState(folder, faults_max);
  if (!report) return "error: " + report.error().message;
  std::string text = std::to_string(report->entry_count) + " entries\n";
  for (const std::string& fault : report->faults) text += fault + "\n";
  return text + std::to_string(report->fault_count) + " faults";
}

// Three entries, two of them due.
void MakeState(const std::string& folder) {
  std::filesystem::remove_all(folder);
  const std::vector<StateChange> changes = {Change("a", "1", 5), Change("b", "2", 7),
                                            Change("c", "3")};
  REQUIRE(OpenStore(folder)->Write("head", changes));
}

// Changes the file behind the back of the store.
void Tamper(const std::string& folder, const LmdbEnvironment::Work& work) {
  LmdbEnvironment::Options options;
  options.folder = folder;
  const auto environment = LmdbEnvironment::Open(options).value();
  REQUIRE(environment->OpenTables());
  REQUIRE(environment->Update(work));
}

std::string Entry(std::string_view name, std::string_view value, TimestampMs due) {
  std::string bytes;
  EncodeEntry(name, {value, due, 0}, &bytes);
  return bytes;
}

TEST_CASE("a good state has no faults") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path() / "task";
  MakeState(folder);
  CHECK(Verify(folder) == "3 entries\n0 faults");
  OpenStore(scratch.path() / "new").reset();
  CHECK(Verify(scratch.path() / "new") == "0 entries\n0 faults");
}

TEST_CASE("what does not fit together is found and named") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path() / "task";
  struct Row {
    std::string_view what;
    std::function<Result<void>(Transaction*)> tamper;
    std::string_view want;  // a part of the report
  };
  const Row rows[] = {
      {"a value is damaged",
       [](Transaction* t) { return t->Put(LmdbTable::kEntries, "b", "no record"); },
       "entry \"b\" fails its checksum"},
      {"a value of another name",
       [](Transaction* t) { return t->Put(LmdbTable::kEntries, "b", Entry("a", "1", 5)); },
       "entry \"b\" fails its checksum"},
      {"an entry is missing", [](Transaction* t) { return t->Delete(LmdbTable::kEntries, "c"); },
       "the head says 3 entries with sum "},
      {"an entry is older than the head",
       [](Transaction* t) { return t->Put(LmdbTable::kEntries, "c", Entry("c", "2", kTimeMax)); },
       "the head says 3 entries with sum "},
      {"an entry too many",
       [](Transaction* t) { return t->Put(LmdbTable::kEntries, "d", Entry("d", "", kTimeMax)); },
       "there are 4 with sum "},
      {"the index lacks an entry",
       [](Transaction* t) { return t->Delete(LmdbTable::kDue, EncodeDueKey(7, "b")); },
       "entry \"b\" is due at 7, but the due index does not have it"},
      {"the index has one too many",
       [](Transaction* t) { return t->Put(LmdbTable::kDue, EncodeDueKey(9, "b"), ""); },
       "the due index has 3 entries, 2 are due"},
      {"the head is damaged", [](Transaction* t) { return t->Put(LmdbTable::kHead, "head", "x"); },
       "the head fails its checksum"},
      {"the head is missing", [](Transaction* t) { return t->Delete(LmdbTable::kHead, "head"); },
       "there are entries, but no head"},
      {"a strange name",
       [](Transaction* t) { return t->Put(LmdbTable::kEntries, std::string("\"\0", 2), "x"); },
       "entry \"\\x22\\x00\" fails its checksum"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    MakeState(folder);
    Tamper(folder, row.tamper);
    const std::string report = Verify(folder);
    CAPTURE(report);
    CHECK(report.find(row.want) != std::string::npos);
    LmdbStore::Options options = StoreOptions(folder);
    options.verify = true;
    CHECK(OpenError(options).find("corrupt: the state in " + folder + " is damaged: ") == 0);
  }
}

TEST_CASE("the store finds what it reads, and changes nothing then") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path() / "task";
  MakeState(folder);
  Tamper(folder, [](Transaction* t) { return t->Put(LmdbTable::kEntries, "b", "no record"); });
  const auto store = OpenStore(folder);
  std::string value;
  CHECK(store->Read("b", &value).error().message ==
        "the state in " + folder + " is damaged: entry \"b\" fails its checksum");
  CHECK(store->Read("a", &value).value());
  CHECK(Contents(store.get()).find("is damaged: entry \"b\"") != std::string::npos);
  CHECK(DueNames(store.get(), 7).find("is damaged: entry \"b\"") != std::string::npos);
  CHECK(DueNames(store.get(), 5) == "a=1 ");
  const std::vector<StateChange> changes = {Change("a", "9"), Change("b", "9")};
  CHECK(store->Write("new", changes).error().code == ErrorCode::kCorrupt);
  CHECK(store->ReadHead().value() == "head");
  CHECK(store->Read("a", &value).value());
  CHECK(value == "1");
  REQUIRE(store->Clear());
  CHECK(Contents(store.get()) == "- |");
}

TEST_CASE("an index that disagrees is found where it is read") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path() / "task";
  MakeState(folder);
  Tamper(folder, [](Transaction* t) { return t->Put(LmdbTable::kDue, EncodeDueKey(6, "c"), ""); });
  const auto store = OpenStore(folder);
  CHECK(DueNames(store.get(), 9).find("is damaged: the due index at \"c\"") != std::string::npos);
}

TEST_CASE("only the first faults are told, all are counted") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path() / "task";
  MakeState(folder);
  Tamper(folder, [](Transaction* t) -> Result<void> {
    for (const std::string_view name : {"a", "b", "c"})
      SHRIKE_TRY_VOID(t->Put(LmdbTable::kEntries, name, "x"));
    return {};
  });
  const StateReport report = VerifyState(folder, 2).value();
  CHECK(report.faults.size() == 2);
  CHECK(report.fault_count == 6);  // Three entries, the index, the sum, LMDB's counts.
  CHECK(report.entry_count == 3);
}

TEST_CASE("what cannot be verified is an error, what is no state a fault") {
  const ScratchFolder scratch;
  CHECK(Verify(scratch.path() / "none").find("error: cannot open the state in") == 0);
  scratch.Write("data.mdb", std::string(20'000, 'x'));
  CHECK(Verify(scratch.path()).find("0 entries\ncannot open the state in") == 0);
}

}  // namespace
}  // namespace shrike::engine
