// Reporter: collects the checker's diagnostics, each once, with the rule and step they belong to.
//
// One mistake in a macro is met at every use: equal codes at one place are kept once, but still count as failures of
// the rule that met them. Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_REPORT_H_
#define SHRIKE_RULES_REPORT_H_

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/rule_file.h"

namespace shrike::rules {

// Bytes of a file.
struct Place {
  const SourceFile* file = nullptr;
  FileSpan span;
};

// A scalar of a file, in which spans of a syntax tree are bytes. Both borrowed.
struct ScalarSource {
  const SourceFile* file = nullptr;
  const SourceText* text = nullptr;

  Place At(Span span) const { return {file, text->FileSpanOf(span.begin, span.end)}; }
};

class Reporter {
 public:
  // files: their order is that of the diagnostics; other files (lists, the configuration) follow in the order in which
  // mistakes are met. All borrowed.
  explicit Reporter(const std::vector<const RuleFile*>& files);

  // code: E.... or W.... (which is a warning).
  void Report(std::string_view code, const Place& place, std::string message,
              std::string suggestion = "");
  // Something failed that follows from a mistake which was reported: only counted.
  void CountSilent() { ++error_count_; }

  // Named in the diagnostics that follow; empty: none.
  void set_rule(std::string id) { rule_ = std::move(id); }
  void set_step(std::string label) { step_ = std::move(label); }

  // Errors so far, repeated ones included: whether something failed is whether this grew.
  int error_count() const { return error_count_; }

  // Appends all, in order of file, then place, then report.
  void Flush(std::vector<Diagnostic>* diagnostics);

 private:
  struct Item {
    int file;
    std::uint32_t begin;
    Diagnostic diagnostic;
  };

  std::unordered_map<const SourceFile*, int> file_index_;
  std::unordered_set<std::string> seen_;
  std::vector<Item> items_;
  std::string rule_;
  std::string step_;
  int error_count_ = 0;
};

// "`a`"
std::string Quoted(std::string_view text);
// "path:12" of a place, for "first declared at ..".
std::string PlaceText(const Place& place);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_REPORT_H_
