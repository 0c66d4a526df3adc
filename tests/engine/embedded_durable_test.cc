#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "tests/engine/embedded_fixture.h"
#include "tests/support/scratch_folder.h"

namespace shrike::engine {
namespace {

using alerts::CommitResult;
using testing::ScratchFolder;

std::unique_ptr<EmbeddedLog> OpenLog(const std::string& path, bool sync = false) {
  EmbeddedLog::Options options;
  options.journal = {path, sync};
  Result<std::unique_ptr<EmbeddedLog>> log = EmbeddedLog::Open(options);
  REQUIRE_MESSAGE(log.has_value(), log.error().message);
  return std::move(*log);
}

// Some of everything that is kept. Leaves a transaction of `open` open.
void Fill(EmbeddedLog* log) {
  MakeTopics(log, 2);
  log->SetTime(50);
  AppendValues(log, Place(*log, "a"), {"x", "y", "z"});
  const auto consumer = MakeConsumer(log, {"a", "b"});
  TakeAssignment(consumer.get());
  const std::string token = consumer->GroupToken().value();
  const auto open = MakeProducer(log, "open");
  REQUIRE(open->Initialize());
  const auto producer = MakeProducer(log);
  REQUIRE(producer->Initialize());
  const alerts::OutputHeader headers[] = {{"rule", "r1"}, {"empty", ""}};
  alerts::OutputRecord record = Alert("alert");
  record.key = "";
  record.timestamp = -7;
  record.headers = headers;
  REQUIRE(producer->Send(record));
  REQUIRE(open->Send(Alert("never")));
  REQUIRE(producer->Send(Alert("second")));
  const std::vector<InputOffset> offsets = {{{0, 0}, 2, std::string("m\0n", 3)}, {{1, 1}, 0, ""}};
  CHECK(producer->Commit(offsets, token) == CommitResult::kCommitted);
  REQUIRE(producer->Send(Alert("aborted")));
  REQUIRE(producer->Abort());
  REQUIRE(log->AddPartitions("b", 3));
  REQUIRE(log->DeleteBefore(Place(*log, "a"), 1));
}

constexpr std::string_view kContents =
    "out/0 [0, 6) 0@-7:=alert,rule=r1,empty= 2@50:-=second\n"
    "out/1 [0, 0)\n"
    "b/0 [0, 0)\nb/1 [0, 0)\nb/2 [0, 0)\n"
    "state/0 [0, 0)\nstate/1 [0, 0)\n"
    "a/0 [1, 3) 1@50:-=y 2@50:-=z\n"
    "a/1 [0, 0)\n";

TEST_CASE("what was committed is there again") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  Fill(OpenLog(path).get());
  for (const bool sync : {false, true}) {
    const auto log = OpenLog(path, sync);
    CHECK(Contents(*log) == kContents);
    const auto consumer = MakeConsumer(log.get(), {"a", "b"});
    const std::vector<InputPartition> asked = {{0, 0}, {0, 1}, {1, 1}};
    const auto committed = consumer->Committed(asked).value();
    CHECK(committed[0]->offset == 2);
    CHECK(committed[0]->metadata == std::string("m\0n", 3));
    CHECK_FALSE(committed[1]);
    CHECK(committed[2]->offset == 0);
  }
}

TEST_CASE("epochs go on from where they were") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  Fill(OpenLog(path).get());
  const auto log = OpenLog(path);
  CHECK(log->InitializeProducer("p").value().epoch == 2);
  CHECK(log->InitializeProducer("open").value().epoch == 2);
  CHECK(log->InitializeProducer("new").value().epoch == 1);
}

TEST_CASE("compaction and late commits come back in order") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  std::string contents;
  {
    const auto log = OpenLog(path);
    MakeTopics(log.get(), 1);
    const TopicPartition state = Place(*log, "state");
    const auto early = log->InitializeProducer("early").value();
    const auto late = log->InitializeProducer("late").value();
    NewRecord record;
    record.key = "k";
    for (const std::string_view value : {"1", "2"}) {
      record.value = value;
      REQUIRE(log->Append(state, record));
    }
    REQUIRE(log->Send(late, state, record) == TransactionOutcome::kDone);
    REQUIRE(log->Send(early, state, record) == TransactionOutcome::kDone);
    REQUIRE(log->EndTransaction(early, true) == TransactionOutcome::kDone);
    REQUIRE(log->Compact(state, EmbeddedLog::Tombstones::kDrop));
    record.value.reset();
    REQUIRE(log->Send(late, state, record) == TransactionOutcome::kDone);
    REQUIRE(log->EndTransaction(late, true) == TransactionOutcome::kDone);
    contents = Contents(*log);
    CHECK(contents.find(" 1@0:k=2 2@0:k=2 3@0:k=2 5@0:k=-\n") != std::string::npos);
  }
  CHECK(Contents(*OpenLog(path)) == contents);
}

TEST_CASE("a journal cut anywhere gives a state that was there") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  Fill(OpenLog(path).get());
  std::ifstream file(path, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  std::string last;
  int states = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::filesystem::remove(path);  // Quicker than to write it anew.
    std::ofstream(path, std::ios::binary) << whole.substr(0, size);
    const auto log = OpenLog(path);
    // Fewer than four topics while they are being made.
    const std::string contents = log->FindTopic("a") ? Contents(*log) : std::string();
    if (contents != last) ++states;
    last = contents;
  }
  // Four topics at once, three records, a commit, an abort, more partitions, a deletion.
  CHECK(states == 8);
  CHECK(last == kContents);
}

TEST_CASE("frames that mean nothing here are refused") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  const auto add = [&path](const std::string& payload) {
    std::filesystem::remove(path);
    const auto visit = [](std::string_view, std::uint64_t) { return Result<void>(); };
    REQUIRE(Journal::Open({path, false}, visit).value()->Append(payload));
    EmbeddedLog::Options options;
    options.journal.path = path;
    const Result<std::unique_ptr<EmbeddedLog>> log = EmbeddedLog::Open(options);
    return log ? std::string("good") : log.error().message;
  };
  std::string topic;
  ChangeWriter(&topic).AddTopic("t", 2);
  CHECK(add(topic) == "good");
  std::string bad = topic;
  ChangeWriter(&bad).AddTopic("t", 1);
  CHECK(add(bad).find("no meaning here") != std::string::npos);
  bad = topic;
  ChangeWriter(&bad).AddEnd({0, 2}, 5);
  CHECK(add(bad).find("no meaning here") != std::string::npos);
  bad = topic;
  ChangeWriter(&bad).AddEnd({-1, 0}, 5);
  CHECK(add(bad).find("no meaning here") != std::string::npos);
  CHECK(add(topic + "\x63").find("no meaning here") != std::string::npos);
  for (std::size_t size = 1; size < topic.size(); ++size)
    CHECK(add(topic.substr(0, size)).find("byte 16") != std::string::npos);
}

// A limit on the size of files stands for a full disk: the write stops in the middle.
TEST_CASE("an error of the journal leaves the state as it was, and stays") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  std::string before;
  {
    const auto log = OpenLog(path);
    MakeTopics(log.get(), 1);
    const auto consumer = MakeConsumer(log.get());
    TakeAssignment(consumer.get());
    const auto producer = MakeProducer(log.get());
    REQUIRE(producer->Initialize());
    before = Contents(*log);
    const std::string value(1000, 'x');
    REQUIRE(producer->Send(Alert(value)));

    rlimit old = {};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const rlimit small = {std::filesystem::file_size(path) + 100, old.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const CommitResult result = producer->Commit({}, consumer->GroupToken().value());
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    std::signal(SIGXFSZ, handler);

    CHECK(result == CommitResult::kUnknown);
    CHECK(log->journal_error().find("File too large") != std::string::npos);
    CHECK(Visible(*log, Place(*log, "out")).empty());
    CHECK(producer->Initialize().error().code == ErrorCode::kIo);
    NewRecord record;
    CHECK_FALSE(log->Append(Place(*log, "a"), record));
    CHECK_FALSE(log->CreateTopic("more", 1));
    CHECK_FALSE(log->FindTopic("more"));
  }
  const auto log = OpenLog(path);
  CHECK(log->bytes_cut() == 100);
  CHECK(Contents(*log) == before);
}

}  // namespace
}  // namespace shrike::engine
