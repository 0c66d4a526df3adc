#include "tools/shrike/replay_run.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <numeric>
#include <utility>

#include "tools/shrike/progress.h"
#include "tools/shrike/rejected_output.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

constexpr std::size_t kRecordsPerTurn = 10'000;  // between two looks at the clock: some 20 ms
constexpr std::int64_t kRejectedShownMax = 20;

std::string TopicOf(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

std::int64_t Sum(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

std::int64_t PeakRssBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * std::int64_t{1024};
}

}  // namespace

ReplayRun::ReplayRun(const Session& session, const Loaded& loaded)
    : session_(session), loaded_(loaded) {}

ReplayRun::~ReplayRun() = default;

Result<void> ReplayRun::Open(const std::vector<ReplayInput>& inputs, const ReplayOutputs& outputs) {
  for (const ReplayInput& input : inputs) {
    topics_.push_back(TopicOf(input.path));
  }
  std::sort(topics_.begin(), topics_.end());
  topics_.erase(std::unique(topics_.begin(), topics_.end()), topics_.end());
  // Files of one name are partitions of one topic, in the order given.
  std::map<std::string, std::int32_t> partition_counts;
  for (const ReplayInput& input : inputs) {
    const std::string topic = TopicOf(input.path);
    engine::Pipeline::PartitionSpec spec;
    spec.stream = input.stream;
    spec.topic = static_cast<std::int32_t>(std::lower_bound(topics_.begin(), topics_.end(), topic) -
                                           topics_.begin());
    spec.partition = partition_counts[topic]++;
    SHRIKE_TRY(auto source, ingest::FileSource::Open({input.path, spec.topic, spec.partition}));
    sources_.push_back(std::move(source));
    partitions_.push_back(spec);
  }
  SHRIKE_TRY(program_, BuildProgram(loaded_));
  encoder_.emplace(program_, alerts::AlertOrigin{loaded_.config->application, topics_});
  if (outputs.alerts.empty()) {
    alerts_ = std::make_unique<alerts::FileSink>(session_.streams.out, "stdout");
  } else {
    SHRIKE_TRY(alerts_, alerts::FileSink::Open(outputs.alerts));
  }
  if (!outputs.shadow.empty()) {
    SHRIKE_TRY(shadow_, alerts::FileSink::Open(outputs.shadow));
  }
  if (!outputs.emitted.empty()) {
    SHRIKE_TRY(emitted_, alerts::FileSink::Open(outputs.emitted));
    emitted_encoder_.emplace(loaded_.config->catalog, program_);
  }
  if (!outputs.late.empty()) {
    SHRIKE_TRY(late_, alerts::FileSink::Open(outputs.late));
  }
  if (!outputs.dead_letter.empty()) {
    SHRIKE_TRY(dead_letter_, alerts::FileSink::Open(outputs.dead_letter));
  }
  // Alerts on the same terminal would tear the bar.
  show_progress_ = !(session_.streams.out_terminal && outputs.alerts.empty());
  pipeline_ = std::make_unique<engine::Pipeline>(
      loaded_.config->catalog, program_,
      engine::Pipeline::Handlers{
          [this](const nfa::Outcomes& outcomes) { TakeOutcomes(outcomes); },
          [this](const engine::RejectedRecord& record) { TakeRejected(record); },
          {topics_, [this](const engine::EmittedEvent& event) { TakeEmitted(event); }}});
  return {};
}

Result<void> ReplayRun::Run(const engine::AtEnd& at_end) {
  engine::Replay replay(pipeline_.get());
  for (std::size_t index = 0; index < sources_.size(); ++index) {
    replay.AddSource(sources_[index].get(), partitions_[index]);
  }
  const auto start = std::chrono::steady_clock::now();
  Result<void> read = ReadAll(&replay);
  if (read && !interrupted_) {
    pipeline_->Finish(at_end);
  }
  seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // What was found before an error is worth having.
  const Result<void> flushed = FlushAll();
  if (!read) {
    return read;
  }
  return error_ ? Fail(error_->code, error_->message) : flushed;
}

Result<void> ReplayRun::ReadAll(engine::Replay* replay) {
  Progress progress(session_.streams.err, session_.streams.err_terminal, show_progress_);
  ProgressState state;
  for (const auto& source : sources_) {
    state.bytes_total += static_cast<std::int64_t>(source->file_size());
  }
  const auto start = std::chrono::steady_clock::now();
  bool more = true;
  while (more && !error_) {
    SHRIKE_TRY(more, replay->Read(kRecordsPerTurn));
    if (session_.interrupted()) {
      interrupted_ = true;
      return {};
    }
    state.bytes = 0;
    for (const auto& source : sources_) {
      state.bytes += static_cast<std::int64_t>(source->bytes_read());
    }
    state.events = pipeline_->stats().records;
    state.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    progress.Update(state);
  }
  return {};
}

void ReplayRun::TakeOutcomes(const nfa::Outcomes& outcomes) {
  for (const nfa::Outcome& outcome : outcomes.items) {
    const nfa::RuleSpec& rule = program_->rules()[static_cast<std::size_t>(outcome.rule)];
    const bool shadow = rule.mode == nfa::RuleMode::kShadow;
    ++(shadow ? shadow_count_ : alert_count_);
    alerts::FileSink* const sink = shadow ? shadow_.get() : alerts_.get();
    if (sink == nullptr) {
      continue;
    }
    line_.clear();
    encoder_->AppendAlert(outcomes, outcome, &line_);
    subject_.clear();
    encoder_->AppendSubject(outcomes, outcome, &subject_);
    Keep(sink->Write({subject_, line_, shadow}));
  }
}

void ReplayRun::TakeEmitted(const engine::EmittedEvent& event) {
  if (emitted_ == nullptr) {
    return;
  }
  line_.clear();
  const int stream = event.event.stream;
  line_ += R"({"stream":)";
  AppendJsonString(loaded_.config->catalog.streams[static_cast<std::size_t>(stream)].name, &line_);
  line_ += R"(,"event":)";
  emitted_encoder_->AppendValue({event.rule, &event.event, event.fields, event.key}, &line_);
  line_ += '}';
  Keep(emitted_->Write({{}, line_, false}));
}

void ReplayRun::TakeRejected(const engine::RejectedRecord& record) {
  const std::string& topic = topics_[static_cast<std::size_t>(record.position.topic)];
  alerts::FileSink* file = record.late ? late_.get() : dead_letter_.get();
  if (file != nullptr) {
    line_.clear();
    AppendRejectedJson(record, topic, &line_);
    Keep(file->WriteLine(line_));
    return;
  }
  std::int64_t& shown = record.late ? late_shown_ : dead_letters_shown_;
  if (shown++ < kRejectedShownMax) {
    session_.err() << (session_.streams.err_terminal ? "\r\x1b[K" : "")
                   << FormatRejected(record, topic) << '\n';
  }
}

void ReplayRun::Keep(const Result<void>& written) {
  if (!written && !error_) {
    error_ = written.error();
  }
}

Result<void> ReplayRun::FlushAll() {
  for (alerts::FileSink* sink :
       {alerts_.get(), shadow_.get(), emitted_.get(), late_.get(), dead_letter_.get()}) {
    if (sink != nullptr) {
      SHRIKE_TRY_VOID(sink->Flush());
    }
  }
  return {};
}

void ReplayRun::PrintSummary() const {
  if (session_.common.format == "json") {
    PrintJsonSummary();
  } else {
    PrintTextSummary();
  }
  session_.err() << '\n' << std::flush;
}

double ReplayRun::EventsPerSecond() const {
  return seconds_ > 0 ? static_cast<double>(pipeline_->stats().events) / seconds_ : 0;
}

void ReplayRun::PrintJsonSummary() const {
  const engine::PipelineStats& stats = pipeline_->stats();
  const alerts::SuppressionStats& withheld = pipeline_->suppression().stats();
  session_.err() << fmt::format(
      R"({{"events":{},"late":{},"dead_letter":{},"skipped":{},"alerts":{},"shadow_alerts":{},)"
      R"("suppressed":{},"learning":{},"emitted":{},"seconds":{:.3f},"events_per_second":{:.0f},)"
      R"("peak_rss_bytes":{}}})",
      stats.events, stats.late, stats.dead_letters, stats.skipped, alert_count_, shadow_count_,
      Sum(withheld.suppressed), Sum(withheld.learning), pipeline_->task().stats().emitted, seconds_,
      EventsPerSecond(), PeakRssBytes());
}

void ReplayRun::PrintTextSummary() const {
  const engine::PipelineStats& stats = pipeline_->stats();
  const alerts::SuppressionStats& withheld = pipeline_->suppression().stats();
  session_.err() << fmt::format(
      "{}{} events in {:.2f} s ({}/s): {} alerts, {} late, {} dead letters",
      interrupted_ ? "interrupted after " : "", FormatCount(stats.events), seconds_,
      FormatCount(static_cast<std::int64_t>(EventsPerSecond())), FormatCount(alert_count_),
      FormatCount(stats.late), FormatCount(stats.dead_letters));
  std::string reasons;
  for (const auto& [reason, count] : stats.dead_letters_by_reason) {
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ",
                           ingest::DeadLetterReasonName(reason), count);
  }
  session_.err() << (reasons.empty() ? "" : " (" + reasons + ")")
                 << fmt::format(", {} skipped", FormatCount(stats.skipped));
  const std::pair<std::int64_t, const char*> more[] = {
      {shadow_count_, "shadow alerts"},
      {Sum(withheld.suppressed), "suppressed"},
      {Sum(withheld.learning), "while learning"},
      {pipeline_->task().stats().emitted, "emitted"}};
  for (const auto& [count, what] : more) {
    session_.err() << (count > 0 ? fmt::format(", {} {}", FormatCount(count), what) : "");
  }
  session_.err() << "; peak memory " << FormatBytes(PeakRssBytes());
}

}  // namespace shrike::tools
