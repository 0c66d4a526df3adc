// Events that rules emit, as lines of JSON (docs/replay.md): {"stream":"..","event":{the fields as declared}}.
//
// One thread.
// Tested by: tests/tools/emitted_output_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_EMITTED_OUTPUT_H_
#define SHRIKE_TOOLS_SHRIKE_EMITTED_OUTPUT_H_

#include <memory>
#include <string>
#include <vector>

#include "base/schema.h"
#include "engine/emitter.h"
#include "nfa/program.h"

namespace shrike::tools {

// `event` is what the derived stream's decoder would read: its time in its unit, its type, the declared fields; null
// ones are left out. Redacted fields show as in alerts.
class EmittedOutput {
 public:
  // catalog: borrowed.
  EmittedOutput(const Catalog& catalog, std::shared_ptr<const nfa::Program> program);

  // Appends the line, without a newline.
  void Append(const engine::EmittedEvent& emitted, std::string* out) const;

 private:
  const Catalog& catalog_;
  std::shared_ptr<const nfa::Program> program_;
  std::vector<std::vector<bool>> redacted_;  // redacted_[rules][AlertSpec::fields]
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_EMITTED_OUTPUT_H_
