#include "rules/rule_checker.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include "base/suggest.h"
#include "rules/expression_checker.h"
#include "rules/from_checker.h"
#include "rules/output_checker.h"
#include "rules/pattern_checker.h"
#include "rules/pattern_meaning.h"

namespace shrike::rules {
namespace {

constexpr std::array<std::string_view, 5> kSeverities{"info", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 3> kModes{"live", "shadow", "off"};

template <std::size_t n>
int IndexOf(const std::array<std::string_view, n>& words, std::string_view text) {
  const auto found = std::find(words.begin(), words.end(), text);
  return found == words.end() ? -1 : static_cast<int>(found - words.begin());
}

// "`a`, `b` or `c`"
template <std::size_t n>
std::string Alternatives(const std::array<std::string_view, n>& words) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) text += i + 1 == n ? " or " : ", ";
    text += Quoted(words[i]);
  }
  return text;
}

template <std::size_t n>
void CheckWord(const Place& place, const TextNode& node,
               const std::array<std::string_view, n>& words, Reporter* reporter) {
  if (IndexOf(words, node.text) >= 0) return;
  std::string suggestion = DidYouMean(node.text, {words.begin(), words.end()});
  if (suggestion.empty()) suggestion = "it is one of " + Alternatives(words);
  reporter->Report("E0509", place, Quoted(node.text) + " is not a value of this key",
                   std::move(suggestion));
}

class RuleChecker {
 public:
  explicit RuleChecker(const RuleInputs& inputs)
      : inputs_(inputs),
        file_(inputs.file),
        rule_(inputs.rule),
        scope_(inputs.set, &spec_, inputs.reporter),
        expressions_(&scope_),
        reporter_(inputs.reporter) {}

  std::optional<nfa::RuleSpec> Run() {
    const int errors = reporter_->error_count();
    CheckFacts();
    CheckAlertFacts();
    if (inputs_.override_node) {
      for (const ListNode& list : inputs_.override_node->lists) {
        scope_.ReplaceList(*inputs_.override_file, list);
      }
    }
    const bool parsed = rule_.pattern && rule_.pattern->pattern;
    if (parsed) {
      CheckPattern();
      CheckAlert();
      CheckOutput(file_, rule_, scope_);
    }
    if (!parsed || reporter_->error_count() != errors) return std::nullopt;
    return std::move(spec_);
  }

 private:
  Place At(FileSpan span) const { return {&file_, span}; }
  void Report(std::string_view code, FileSpan span, std::string message,
              std::string suggestion = "") {
    reporter_->Report(code, At(span), std::move(message), std::move(suggestion));
  }
  void Unsupported(FileSpan span, std::string_view what) {
    Report("E0901", span, std::string(what) + " not yet supported");
  }

  // The override's word, else the rule's, else none.
  std::string_view Value(std::optional<TextNode> OverrideNode::*member,
                         const std::optional<TextNode>& own) const {
    const OverrideNode* node = inputs_.override_node;
    if (node && node->*member) return (node->*member)->text;
    return own ? std::string_view(own->text) : std::string_view();
  }

  // Keys of the rule that stand alone.
  void CheckFacts() {
    spec_.id = rule_.id->text;
    if (rule_.version) {
      spec_.version = rule_.version->value;
      if (spec_.version < 1) Report("E0508", rule_.version->span, "a version is 1 or more");
    }
    if (rule_.severity) CheckSeverity(file_, *rule_.severity, reporter_);
    if (rule_.mode) CheckMode(file_, *rule_.mode, reporter_);
    spec_.mode = ParseMode(Value(&OverrideNode::mode, rule_.mode)).value_or(nfa::RuleMode::kLive);
    if (rule_.score) CheckScore(file_, *rule_.score, reporter_);
    if (rule_.learn) {
      spec_.learn = rule_.learn->value;
      if (*spec_.learn <= 0) {
        Report("E0510", rule_.learn->span, "alerts are withheld for longer than nothing");
      }
    }
    if (rule_.repartition) Unsupported(rule_.repartition->span, "`repartition` is");
    spec_.timeout_alerts = rule_.timeout_alerts;
  }

  void CheckAlertFacts() {
    nfa::AlertSpec& alert = spec_.alert;
    alert.title = rule_.title ? rule_.title->text : spec_.id;
    alert.severity = ParseSeverity(Value(&OverrideNode::severity, rule_.severity))
                         .value_or(nfa::Severity::kMedium);
    std::optional<IntNode> score = rule_.score;
    if (inputs_.override_node && inputs_.override_node->score) score = inputs_.override_node->score;
    if (score) alert.score = static_cast<int>(score->value);
    for (const TextNode& tag : rule_.tags) alert.tags.push_back(tag.text);
  }

  void CheckPattern() {
    const ScalarSource source{&file_, &rule_.pattern->source};
    const Pattern& pattern = *rule_.pattern->pattern;
    PatternChecker checker({source, pattern, &scope_, &expressions_, reporter_});
    const bool declared = checker.Declare();
    CheckExceptions();
    if (declared) checker.Check();
    if (!rule_.repartition) CheckPartitioning(source, pattern.sources, scope_);
    const bool keyed = std::any_of(pattern.sources.begin(), pattern.sources.end(),
                                   [](const Source& from) { return from.by.has_value(); });
    if (!keyed) {
      reporter_->Report("W0301", source.At(pattern.sources.back().span),
                        "without `by` all events share one key: one worker does all of the rule",
                        "add `by` and the field of the entity");
    }
    CheckMeaning(source, pattern, {rule_.unbounded, scope_.set().limits()}, reporter_);
    if (!scope_.key_names.empty()) spec_.alert.key_names = scope_.key_names.front();
  }

  void CheckExceptions() {
    CheckExceptions(file_, rule_.exceptions);
    if (inputs_.override_node) {
      CheckExceptions(*inputs_.override_file, inputs_.override_node->exceptions);
    }
  }

  void CheckExceptions(const RuleFile& file, const std::vector<NamedExpr>& exceptions) {
    const ExprSite site{Site::kException, -1, scope_.from};
    for (const NamedExpr& exception : exceptions) {
      if (!exception.value.expr) continue;
      std::optional<nfa::Expr> when =
          expressions_.Condition({&file, &exception.value.source}, *exception.value.expr, site);
      if (when) spec_.exceptions.push_back(std::move(*when));
    }
  }

  void CheckAlert() {
    const ExprSite site{Site::kAlert, -1, scope_.bound};
    nfa::AlertSpec& alert = spec_.alert;
    if (rule_.message) {
      const ScalarSource source{&file_, &rule_.message->source};
      for (const TemplateNode::Part& part : rule_.message->parts) {
        if (!part.expr) {
          alert.message.push_back({part.text, std::nullopt});
          continue;
        }
        std::optional<nfa::Expr> value = expressions_.Value(source, *part.expr, site);
        if (value) alert.message.push_back({"", std::move(value)});
      }
    } else {
      alert.message.push_back({alert.title, std::nullopt});
    }
    for (const NamedExpr& field : rule_.alert_fields) {
      if (!field.value.expr) continue;
      std::optional<nfa::Expr> value =
          expressions_.Value({&file_, &field.value.source}, *field.value.expr, site);
      if (value) alert.fields.push_back({field.name.text, std::move(*value)});
    }
  }

  const RuleInputs& inputs_;
  const RuleFile& file_;
  const RuleNode& rule_;
  nfa::RuleSpec spec_;
  RuleScope scope_;
  ExpressionChecker expressions_;
  Reporter* reporter_;
};

}  // namespace

std::optional<nfa::Severity> ParseSeverity(std::string_view text) {
  const int index = IndexOf(kSeverities, text);
  return index < 0 ? std::nullopt : std::optional(static_cast<nfa::Severity>(index));
}

std::optional<nfa::RuleMode> ParseMode(std::string_view text) {
  const int index = IndexOf(kModes, text);
  return index < 0 ? std::nullopt : std::optional(static_cast<nfa::RuleMode>(index));
}

void CheckSeverity(const RuleFile& file, const TextNode& node, Reporter* reporter) {
  CheckWord({&file, node.span}, node, kSeverities, reporter);
}

void CheckMode(const RuleFile& file, const TextNode& node, Reporter* reporter) {
  CheckWord({&file, node.span}, node, kModes, reporter);
}

void CheckScore(const RuleFile& file, const IntNode& node, Reporter* reporter) {
  if (node.value >= 0 && node.value <= 100) return;
  reporter->Report("E0511", {&file, node.span},
                   "the score " + std::to_string(node.value) + " is not from 0 to 100");
}

std::optional<nfa::RuleSpec> CheckRule(const RuleInputs& inputs) {
  inputs.reporter->set_rule(inputs.rule.id->text);
  std::optional<nfa::RuleSpec> spec = RuleChecker(inputs).Run();
  inputs.reporter->set_rule("");
  return spec;
}

}  // namespace shrike::rules
