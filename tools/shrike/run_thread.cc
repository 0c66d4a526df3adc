#include "tools/shrike/run_thread.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <utility>

#include "alerts/kafka/kafka_producer.h"
#include "ingest/kafka/kafka_changelog_reader.h"
#include "ingest/kafka/kafka_consumer.h"
#include "tools/shrike/fail_point.h"
#include "tools/shrike/rule_bundle.h"
#include "tools/shrike/steady_clock.h"
#include "tools/shrike/task_store.h"

namespace shrike::tools {
namespace {

constexpr DurationMs kRound = 100;         // the longest wait of a round
constexpr DurationMs kRoundTrouble = 500;  // while something is waited for

}  // namespace

RunThread::RunThread(const RunSetup& setup, Options options)
    : setup_(setup), options_(std::move(options)), rules_(setup.rules) {}

RunThread::~RunThread() {
  AskToStop();
  Join();
}

void RunThread::Start() {
  thread_ = std::thread([this] {
    result_ = Run();
    ended_ = true;
  });
}

void RunThread::Join() {
  if (thread_.joinable()) thread_.join();
}

void RunThread::SetRules(std::shared_ptr<const engine::RuleSet> rules) {
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
}

Result<void> RunThread::Run() {
  const std::string name = fmt::format("{}-{}", options_.instance, options_.number);
  const config::EngineConfig& config = setup_.config;
  SHRIKE_TRY(std::unique_ptr<alerts::Producer> kafka_producer,
             alerts::KafkaProducer::Make(
                 {.client = setup_.client,
                  .application = config.application,
                  .transactional_id = fmt::format("{}-{}", config.application, name),
                  .topics = setup_.output_topics,
                  .derived_topics = setup_.derived_topics,
                  .input_topics = setup_.context.topics}));
  const auto producer = std::make_unique<FailPointProducer>(
      std::make_unique<MeasuredProducer>(std::move(kafka_producer), &stats_));
  SHRIKE_TRY(const auto consumer, ingest::KafkaConsumer::Make({.client = setup_.client,
                                                               .group = config.application,
                                                               .topics = setup_.context.topics,
                                                               .instance = name}));
  std::unique_ptr<ingest::KafkaChangelogReader> changelog;
  if (config.state.changelog) {
    SHRIKE_TRY(changelog, ingest::KafkaChangelogReader::Make({.client = setup_.client,
                                                              .group = config.application,
                                                              .topic = setup_.output_topics[4]}));
  }
  SteadyClock clock;
  engine::WorkerPorts ports;
  ports.consumer = consumer.get();
  ports.producer = producer.get();
  ports.changelog = changelog.get();
  ports.clock = &clock;
  ports.open_store = [this](int task) {
    return OpenTaskStore(
        {.state_path = setup_.state_path,
         .application = setup_.config.application,
         .task = task,
         .sync = !setup_.config.state.changelog,
         .written = [this](std::chrono::nanoseconds spent) { stats_.Checkpointed(spent); }});
  };
  ports.compile = CompileBundle;
  ports.new_history = [] {
    std::random_device device;
    return static_cast<std::uint64_t>(device()) << 32 | device();
  };
  ports.log = [this](const std::string& line) {
    options_.log(fmt::format("thread {}: {}", options_.number, line));
  };
  const engine::WorkerOptions options{
      .commit_interval = config.state.commit_interval,
      .checkpoint_interval = config.state.checkpoint_interval,
      .begin_at_end = kafka::PropertyOr(config.kafka, "auto.offset.reset", "earliest") == "latest",
      .memory_bytes = static_cast<std::size_t>(config.state.memory_bytes) /
                      static_cast<std::size_t>(config.threads)};
  engine::Worker worker(setup_.context, options, ports, setup_.rules);
  return Loop(&worker);
}

Result<void> RunThread::Loop(engine::Worker* worker) {
  std::string said = "ready, 0 tasks";
  bool waits = false;  // for something that is not there
  const auto start = std::chrono::steady_clock::now();
  bool committed = false;
  while (!stop_) {
    {
      const std::lock_guard lock(mutex_);
      worker->SetRules(rules_);
    }
    SHRIKE_TRY_VOID(worker->Step(waits ? kRoundTrouble : kRound));
    stats_.Read(worker->stats().records, std::chrono::steady_clock::now());
    if (!committed && worker->stats().commits > 0) {
      committed = true;
      const auto spent = std::chrono::steady_clock::now() - start;
      options_.log(
          fmt::format("thread {}: first commit after {} ms", options_.number,
                      std::chrono::duration_cast<std::chrono::milliseconds>(spent).count()));
    }
    const std::string reason = worker->not_ready_reason();
    waits = !reason.empty();
    const std::string state =
        waits ? "not ready: " + reason : fmt::format("ready, {} tasks", worker->tasks().size());
    if (state == said) continue;
    said = state;
    options_.log(fmt::format("thread {}: {}", options_.number, state));
  }
  return worker->Stop();
}

}  // namespace shrike::tools
