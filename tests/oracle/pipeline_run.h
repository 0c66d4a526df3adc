// RunPipeline: events as bytes through engine::Pipeline: decoder, order, matcher, suppression, `learn`, emitted events.
#ifndef SHRIKE_TESTS_ORACLE_PIPELINE_RUN_H_
#define SHRIKE_TESTS_ORACLE_PIPELINE_RUN_H_

#include <memory>
#include <vector>

#include "base/schema.h"
#include "base/time.h"
#include "nfa/program.h"
#include "tests/oracle/event_table.h"
#include "tests/oracle/outcome.h"

namespace shrike::oracle {

// The alerts in the order in which they are told. raw: in the total order; table: of the same events.
std::vector<OracleOutcome> RunPipeline(const std::shared_ptr<const nfa::Program>& program,
                                       const Catalog& catalog, const std::vector<RawEvent>& raw,
                                       TimestampMs at_end);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_PIPELINE_RUN_H_
