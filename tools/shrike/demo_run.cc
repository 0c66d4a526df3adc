#include "tools/shrike/demo_run.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <random>
#include <thread>
#include <utility>

#include "base/check.h"
#include "tools/shrike/rule_bundle.h"
#include "tools/shrike/task_store.h"

namespace shrike::tools {
namespace {

constexpr const char* kInput = "payments";
constexpr const char* kName = "demo";  // of the group and the producer
const std::array<std::string, alerts::kOutputTopicCount> kOutputTopics = {
    "alerts", "alerts-shadow", "events-late", "events-dead-letter", ""};
constexpr std::int64_t kEventsPerTurn = 2000;
constexpr DurationMs kCheckpointInterval = 1000;
// What passes by itself (a full disk) is waited for so long.
constexpr auto kTroubleWait = std::chrono::milliseconds(1);
constexpr int kTroubleTurns = 10'000;
// Behind the last event: time enough for every deadline of the pack.
constexpr DurationMs kEndGap = 24 * 3'600'000;

std::uint64_t RandomNumber() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

}  // namespace

DemoRun::DemoRun(Inputs inputs, DemoFolder folder, std::unique_ptr<engine::EmbeddedLog> log)
    : inputs_(std::move(inputs)),
      folder_(std::move(folder)),
      log_(std::move(log)),
      generator_(inputs_.generator) {}

Result<std::unique_ptr<DemoRun>> DemoRun::Open(Inputs inputs, DemoFolder folder) {
  const int stream = inputs.config->catalog.StreamIndex(kInput);
  if (stream < 0) {
    return Fail(ErrorCode::kConfig,
                "the demo's events are of a stream `payments`, which the configuration does not "
                "declare");
  }
  SHRIKE_TRY(auto log, engine::EmbeddedLog::Open({.journal = {.path = folder.log_path()}}));
  std::unique_ptr<DemoRun> run(new DemoRun(std::move(inputs), std::move(folder), std::move(log)));
  engine::TaskContext& context = run->context_;
  context.application = run->inputs_.config->application;
  context.catalog = run->inputs_.config->catalog;
  context.topics = {kInput};
  context.streams = {stream};
  context.fingerprint = engine::StreamFingerprint(context.catalog);
  SHRIKE_TRY_VOID(run->PrepareLog());
  SHRIKE_TRY_VOID(run->MakeWorker());
  return run;
}

// What an earlier process has put into the log is made up again, but not put there again.
Result<void> DemoRun::PrepareLog() {
  SHRIKE_TRY_VOID(log_->CreateTopic(kInput, 1));
  for (const std::string& topic : kOutputTopics) {
    if (!topic.empty()) SHRIKE_TRY_VOID(log_->CreateTopic(topic, 1));
  }
  for (const std::string& topic : engine::DerivedTopics(context_.catalog)) {
    if (!topic.empty()) SHRIKE_TRY_VOID(log_->CreateTopic(topic, 1));
  }
  events_before_ = InputEnd();
  while (events_ < events_before_) {
    line_.clear();
    if (!generator_.Next(&line_)) {
      produced_all_ = true;
      events_before_ = events_;
      break;
    }
    ++events_;
  }
  return {};
}

Result<void> DemoRun::MakeWorker() {
  SHRIKE_TRY(consumer_, engine::EmbeddedConsumer::Join(log_.get(), {kName, {kInput}}));
  producer_ = std::make_unique<engine::EmbeddedProducer>(
      log_.get(), engine::EmbeddedProducer::Options{kName, kOutputTopics,
                                                    engine::DerivedTopics(context_.catalog)});
  engine::WorkerPorts ports;
  ports.consumer = consumer_.get();
  ports.producer = producer_.get();
  ports.clock = &clock_;
  ports.open_store = [this](int task) {
    return OpenTaskStore({.state_path = folder_.state_path(),
                          .application = context_.application,
                          .task = task,
                          .sync = false});
  };
  ports.compile = CompileBundle;
  ports.new_history = RandomNumber;
  const engine::WorkerOptions options{
      .commit_interval = inputs_.config->state.commit_interval,
      .checkpoint_interval = kCheckpointInterval,
      .memory_bytes = static_cast<std::size_t>(inputs_.config->state.memory_bytes)};
  worker_ = std::make_unique<engine::Worker>(context_, options, ports, inputs_.rules);
  return {};
}

Result<void> DemoRun::Run(const Alert& alert, const std::function<bool()>& stop) {
  bool go_on = true;
  while (go_on) {
    SHRIKE_TRY_VOID(Produce());
    SHRIKE_TRY_VOID(Consume());
    if (produced_all_) break;
    go_on = ShowAlerts(alert) && !stop();
  }
  SHRIKE_TRY_VOID(worker_->Stop());
  if (!go_on) return {};
  static_cast<void>(ShowAlerts(alert));
  finished_ = true;
  return folder_.MarkFinished();
}

Result<void> DemoRun::Produce() {
  const engine::TopicPartition place = Place(kInput);
  for (std::int64_t turn = 0; turn < kEventsPerTurn && !produced_all_; ++turn) {
    line_.clear();
    produced_all_ = !generator_.Next(&line_);
    // Time passes behind the last event too, so that what it lacks is noticed: by a record of no event type.
    const TimestampMs time = generator_.time() + (produced_all_ ? kEndGap : 0);
    if (produced_all_) line_ = fmt::format(R"({{"ts":{},"type":"end"}})", time);
    events_ += produced_all_ ? 0 : 1;
    log_->SetTime(time);
    engine::NewRecord record;
    record.value = line_;
    record.timestamp = time;
    SHRIKE_TRY_VOID(log_->Append(place, record));
  }
  return {};
}

Result<void> DemoRun::Consume() {
  int waits = 0;
  while (true) {
    SHRIKE_TRY_VOID(worker_->Step(0));
    const auto& tasks = worker_->tasks();
    const auto task = tasks.find(0);
    const bool live = task != tasks.end() && task->second.live();
    if (live && !task->second.stored_read_offsets.empty())
      SHRIKE_TRY_VOID(Forget(task->second.stored_read_offsets[0]));
    if (live && task->second.task->next_offset(0) >= InputEnd()) return {};
    if (worker_->ready()) continue;
    if (++waits > kTroubleTurns) return Fail(ErrorCode::kIo, worker_->not_ready_reason());
    std::this_thread::sleep_for(kTroubleWait);
  }
}

// A restart reads the input from its last checkpoint on.
Result<void> DemoRun::Forget(std::int64_t offset) {
  const engine::TopicPartition place = Place(kInput);
  return offset > log_->Partition(place).begin() ? log_->DeleteBefore(place, offset)
                                                 : Result<void>();
}

bool DemoRun::ShowAlerts(const Alert& alert) {
  for (const engine::StoredRecord& record :
       log_->Partition(Place(kOutputTopics[0])).Committed(alerts_shown_)) {
    alerts_shown_ = record.offset() + 1;
    if (!alert(record.value().value_or(""))) return false;
  }
  return true;
}

engine::TopicPartition DemoRun::Place(const std::string& topic) const {
  const std::optional<std::int32_t> number = log_->FindTopic(topic);
  SHRIKE_CHECK(number.has_value());
  return {*number, 0};
}

std::int64_t DemoRun::CountOf(alerts::OutputTopic topic) const {
  const engine::TopicPartition place = Place(kOutputTopics[static_cast<std::size_t>(topic)]);
  return static_cast<std::int64_t>(log_->Partition(place).Committed(0).size());
}

std::int64_t DemoRun::InputEnd() const { return log_->Partition(Place(kInput)).end(); }

}  // namespace shrike::tools
