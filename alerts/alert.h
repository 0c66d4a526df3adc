// Alert: an outcome of the matcher as one line of CloudEvents JSON (interfaces.md, "Alert").
//
// Keys stand in the order of interfaces.md. Everything that comes from events is escaped for JSON, control and bidi
// characters too. What alerts/redaction.h hides shows as "[redacted]", in the key, the subject, the message, the alert's
// and the events' fields.
// An alert is at most kOutputValueBytesMax long (alerts/producer.h): of one that would be longer fewer events are listed,
// half as many each time; if that is not enough, texts in it are cut after 1,000 bytes. Its id is that of the whole.
// A summary (alerts/suppression.h) is encoded like its first alert, with a `suppressed` of its own.
// Tested by: tests/alerts/alert_test.cc.  Next: alerts/alert_sink.h.
#ifndef SHRIKE_ALERTS_ALERT_H_
#define SHRIKE_ALERTS_ALERT_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alert_id.h"
#include "base/value.h"
#include "nfa/outcome.h"
#include "nfa/program.h"

namespace shrike::alerts {

std::string_view KindName(nfa::OutcomeKind kind);       // "match", "timeout", "overflow", "summary"
std::string_view SeverityName(nfa::Severity severity);  // "info" to "critical"

// The message of one outcome, as text (not escaped). Of an overflow: which limit and its value. Of a summary:
// "12 more: " and the first alert's message.
void AppendMessage(const nfa::Program& program, const nfa::Outcomes& outcomes,
                   const nfa::Outcome& outcome, std::string* out);

// Where alerts come from.
struct AlertOrigin {
  std::string application;          // of the configuration
  std::vector<std::string> topics;  // names by Position::topic
};

// Writes alerts. Everything of a rule that is the same in all its alerts is escaped once, when the encoder is made.
// One thread; the scratch memory inside is reused. Cost: about 1 us and the id's SHA-256 for a few bound events.
class AlertEncoder {
 public:
  // program: shared, so that the encoder may outlive a reload.
  AlertEncoder(std::shared_ptr<const nfa::Program> program, AlertOrigin origin);
  ~AlertEncoder();
  AlertEncoder(AlertEncoder&&) noexcept;

  // Appends the line, without a newline, to `out`. outcome: one of outcomes.items of this program (checked).
  void AppendAlert(const nfa::Outcomes& outcomes, const nfa::Outcome& outcome, std::string* out);

  // Appends the alert's subject as plain text: the Kafka record key. Nothing for the global key. A longer one ends after
  // kOutputKeyBytesMax bytes.
  void AppendSubject(const nfa::Outcomes& outcomes, const nfa::Outcome& outcome, std::string* out);

 private:
  struct RuleText;
  struct Listing;

  // How much of an alert is written.
  struct Extent {
    std::size_t events = 0;  // of a step
    std::size_t text = 0;    // bytes of a value and of the message; 0: all
  };

  bool Shorten();
  void AppendWhole(const nfa::Outcomes& outcomes, const nfa::Outcome& outcome, std::string* out);
  void AppendWholeSubject(const RuleText& text, std::span<const Value> values, std::string* out);
  void AppendSteps(const RuleText& text, const nfa::Outcomes& outcomes, const nfa::Outcome& outcome,
                   std::string* out);
  void AppendListing(const RuleText& text, const Listing& listing, const nfa::Outcomes& outcomes,
                     std::string* out);
  void AppendEvent(const RuleText& text, const nfa::Outcomes& outcomes,
                   const nfa::BoundEvent& event, std::string* out);
  void AppendPosition(const Position& position, std::string* out);

  std::shared_ptr<const nfa::Program> program_;
  AlertOrigin origin_;
  std::vector<std::string> topics_json_;  // `{"topic":"payments","partition":`
  std::string source_json_;               // `,"source":..,"type":..`
  std::vector<RuleText> rules_;           // rules_[rules]
  AlertIdHasher id_;
  Extent extent_;                               // of the alert that is being written
  std::vector<const nfa::BoundEvent*> listed_;  // scratch
  std::string text_, subject_;                  // scratch
};

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_ALERT_H_
