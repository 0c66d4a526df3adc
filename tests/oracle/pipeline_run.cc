#include "tests/oracle/pipeline_run.h"

#include <string>

#include "base/check.h"
#include "engine/pipeline.h"
#include "tests/oracle/outcome_reader.h"

namespace shrike::oracle {

std::vector<OracleOutcome> RunPipeline(const std::shared_ptr<const nfa::Program>& program,
                                       const Catalog& catalog, const std::vector<RawEvent>& raw,
                                       TimestampMs at_end) {
  const EventTable table(catalog, program->layout(), raw);
  OutcomeReader reader(program->rules(), table.events());
  std::vector<OracleOutcome> outcomes;
  std::vector<std::string> topics;
  for (const StreamSchema& stream : catalog.streams) topics.push_back(stream.topics[0]);
  engine::Pipeline pipeline(
      catalog, program,
      {.outcomes =
           [&](const nfa::Outcomes& told) {
             for (const nfa::Outcome& item : told.items)
               outcomes.push_back(reader.Read(told, item));
           },
       .rejected = {},
       .emission = {.topics = topics, .emitted = [&](const engine::EmittedEvent& emitted) {
                      reader.Add(emitted.event.position);
                    }}});
  for (std::size_t stream = 0; stream < catalog.streams.size(); ++stream) {
    if (catalog.streams[stream].derived) continue;
    const int index = static_cast<int>(stream);
    SHRIKE_CHECK(pipeline.AddPartition({.stream = index, .topic = index}) == index);
  }
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::string line = ToJson(raw[i], catalog);
    const Result<void> fed = pipeline.Feed(
        raw[i].stream,
        {.position = table.events()[i].position, .timestamp = std::nullopt, .bytes = line});
    SHRIKE_CHECK(fed.has_value());
  }
  SHRIKE_CHECK(pipeline.stats().events == static_cast<std::int64_t>(raw.size()));
  pipeline.Finish({.kind = engine::AtEnd::Kind::kTime, .time = at_end});
  return outcomes;
}

}  // namespace shrike::oracle
