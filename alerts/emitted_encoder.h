// EmittedEncoder: events that rules emit as records of their stream's topic (language.md, section 6).
//
// The value is what the derived stream's decoder reads: a JSON object with the stream's time field (`ts` if it names
// none) in its unit, then the declared fields; null ones are left out, redacted ones show as in alerts. The key is the
// emitting rule's key, as an alert's subject (alerts/subject.h).
// One thread.
// Tested by: tests/alerts/emitted_encoder_test.cc.
#ifndef SHRIKE_ALERTS_EMITTED_ENCODER_H_
#define SHRIKE_ALERTS_EMITTED_ENCODER_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/schema.h"
#include "base/value.h"
#include "nfa/program.h"

namespace shrike::alerts {

class EmittedEncoder {
 public:
  // catalog: borrowed.
  EmittedEncoder(const Catalog& catalog, std::shared_ptr<const nfa::Program> program);

  struct Emitted {
    int rule = 0;
    const Event* event = nullptr;
    std::span<const Value> fields;  // the alert's, by AlertSpec::fields
    std::string_view key;           // of the rule, encoded (nfa/key.h)
  };
  // Both append; the value has no newline.
  void AppendValue(const Emitted& emitted, std::string* out) const;
  void AppendKey(const Emitted& emitted, std::string* out) const;

 private:
  struct Redacted {
    std::vector<bool> fields;  // [AlertSpec::fields]
    std::vector<bool> key;     // [parts]
  };

  const Catalog& catalog_;
  std::shared_ptr<const nfa::Program> program_;
  std::vector<Redacted> redacted_;  // [rules]
};

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_EMITTED_ENCODER_H_
