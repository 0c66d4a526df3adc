// RunSetup: what `run` is made of, checked before anything begins: configuration, rules, topics, and the fixed part of
// every task.
//
// Tested by: tests/e2e/run_test.cc.  Next: tools/shrike/run_thread.h.
#ifndef SHRIKE_TOOLS_SHRIKE_RUN_SETUP_H_
#define SHRIKE_TOOLS_SHRIKE_RUN_SETUP_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "alerts/producer.h"
#include "base/kafka/client.h"
#include "base/result.h"
#include "config/config.h"
#include "engine/rule_set.h"
#include "engine/task.h"
#include "tools/shrike/session.h"

namespace shrike::tools {

struct RunSetup {
  config::EngineConfig config;
  std::shared_ptr<const engine::RuleSet> rules;
  engine::TaskContext context;
  kafka::ClientOptions client;
  std::array<std::string, alerts::kOutputTopicCount> output_topics;  // [alerts::OutputTopic]
  std::vector<std::string> derived_topics;  // [streams]; empty: the stream is written nowhere
  std::string state_path;                   // from the configuration's folder
};

// The input topics of the streams, sorted by bytes, with the stream of each. Errors: kConfig: none, or one twice.
Result<void> SetInput(const Catalog& catalog, engine::TaskContext* context);

// Everything but the log. Mistakes of rules and configuration are shown. Errors: the exit code.
tl::expected<RunSetup, int> PrepareRun(const Session& session);

// Looks at the topics of the log: the input's partitions, equal in number; the output's, created where they are missing.
// Sets context.partition_count. Errors: kConfig, kIo.
Result<void> PrepareTopics(RunSetup* setup);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_RUN_SETUP_H_
