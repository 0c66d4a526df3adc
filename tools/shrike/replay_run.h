// ReplayRun: one replay of files through rules, with its outputs, progress and summary.
//
// Tested by: tests/tools/replay_test.cc.  Next: engine/replay.h.
#ifndef SHRIKE_TOOLS_SHRIKE_REPLAY_RUN_H_
#define SHRIKE_TOOLS_SHRIKE_REPLAY_RUN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "alerts/emitted_encoder.h"
#include "alerts/file/file_sink.h"
#include "base/result.h"
#include "engine/pipeline.h"
#include "engine/replay.h"
#include "ingest/file/file_source.h"
#include "tools/shrike/loader.h"
#include "tools/shrike/session.h"

namespace shrike::tools {

struct ReplayInput {
  int stream = 0;    // Catalog index
  std::string path;  // "-": standard input
};

struct ReplayOutputs {
  std::string alerts;       // empty: stdout
  std::string shadow;       // of rules in mode shadow; empty: counted only
  std::string emitted;      // events of derived streams; empty: counted only
  std::string late;         // empty: counted, and the first ones shown
  std::string dead_letter;  // the same
};

class ReplayRun {
 public:
  // session, loaded: borrowed.
  ReplayRun(const Session& session, const Loaded& loaded);
  ~ReplayRun();

  // Opens everything. Errors: kIo, kRule.
  Result<void> Open(const std::vector<ReplayInput>& inputs, const ReplayOutputs& outputs);

  // Reads to the end, or until Ctrl-C: then deadlines behind the last event do not fire.
  // Errors: kIo; what was alerted before was written.
  Result<void> Run(const engine::AtEnd& at_end);

  // One line on stderr, as text or as JSON.
  void PrintSummary() const;

  bool interrupted() const { return interrupted_; }

 private:
  Result<void> ReadAll(engine::Replay* replay);
  void TakeOutcomes(const nfa::Outcomes& outcomes);
  void TakeEmitted(const engine::EmittedEvent& event);
  void TakeRejected(const engine::RejectedRecord& record);
  void Keep(const Result<void>& written);
  Result<void> FlushAll();
  double EventsPerSecond() const;
  void PrintJsonSummary() const;
  void PrintTextSummary() const;

  const Session& session_;
  const Loaded& loaded_;
  std::vector<std::string> topics_;  // sorted by bytes: Position::topic is an index
  std::vector<std::unique_ptr<ingest::FileSource>> sources_;
  std::vector<engine::Pipeline::PartitionSpec> partitions_;  // partitions_[sources]
  std::unique_ptr<alerts::FileSink> alerts_;
  std::unique_ptr<alerts::FileSink> shadow_;       // null: counted
  std::unique_ptr<alerts::FileSink> emitted_;      // null: counted
  std::unique_ptr<alerts::FileSink> late_;         // null: shown
  std::unique_ptr<alerts::FileSink> dead_letter_;  // null: shown
  std::shared_ptr<const nfa::Program> program_;
  std::optional<alerts::AlertEncoder> encoder_;
  std::optional<alerts::EmittedEncoder> emitted_encoder_;
  std::unique_ptr<engine::Pipeline> pipeline_;
  bool show_progress_ = false;
  bool interrupted_ = false;
  std::optional<Error> error_;  // the first one of an output
  std::int64_t alert_count_ = 0;
  std::int64_t shadow_count_ = 0;
  std::int64_t late_shown_ = 0;
  std::int64_t dead_letters_shown_ = 0;
  double seconds_ = 0;
  std::string line_;     // scratch
  std::string subject_;  // scratch
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_REPLAY_RUN_H_
