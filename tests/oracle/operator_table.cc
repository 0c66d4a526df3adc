#include "tests/oracle/operator_table.h"

#include "tests/oracle/derive_maker.h"
#include "tests/oracle/window_maker.h"

namespace shrike::oracle {
namespace {

using Kind = ElementText::Kind;
using Strings = std::vector<std::string>;

void Note(const std::string& text, const Strings& parts, std::set<std::string>* found) {
  for (const std::string& part : parts) {
    if (text.find(part) != std::string::npos) found->insert(part);
  }
}

const Strings kConditionParts = {"count(",    "sum(",    "avg(",   "min(",   "max(", "stddev(",
                                 "distinct(", "values(", "first(", "last(",  "[1].", " in ",
                                 "between",   "null",    "??",     "lookup("};
const Strings kKinds = {"then",
                        "then every",
                        "next",
                        "link within",
                        "{n}",
                        "{n,}",
                        "{n,m}",
                        "+",
                        "*",
                        "?",
                        "consecutive",
                        "combinations",
                        "greedy",
                        "until",
                        "group",
                        "choice",
                        "named choice",
                        "all",
                        "not",
                        "not last",
                        "not (or)",
                        "unless",
                        "where",
                        "within",
                        "by",
                        "step by",
                        "two streams",
                        "exceptions",
                        "skip none",
                        "skip past last",
                        "skip to next",
                        "skip to first",
                        "skip to last",
                        "on_timeout",
                        "limits",
                        "window_events",
                        "distinct_values"};

void NoteQuantifier(const QuantifierText& quantifier, std::set<std::string>* found) {
  if (quantifier.count.ends_with(",}")) {
    found->insert("{n,}");
  } else if (quantifier.count.find(',') != std::string::npos) {
    found->insert("{n,m}");
  } else {
    found->insert(quantifier.count.size() > 1 ? "{n}" : quantifier.count);
  }
  if (!quantifier.contiguity.empty()) found->insert(quantifier.contiguity);
  if (quantifier.greedy) found->insert("greedy");
  if (!quantifier.until.empty()) found->insert("until");
}

void NoteStep(const StepText& step, std::set<std::string>* found) {
  if (!step.by.empty()) found->insert("step by");
  Note(step.condition, kConditionParts, found);
}

void NoteSequence(const std::vector<ElementText>& elements, std::set<std::string>* found) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const ElementText& element = elements[i];
    if (i > 0) found->insert(element.link);
    if (i > 0 && !element.within.empty()) found->insert("link within");
    for (const StepText& step : element.steps) NoteStep(step, found);
    if (element.quantifier) NoteQuantifier(*element.quantifier, found);
    switch (element.kind) {
      case Kind::kStep:
        break;
      case Kind::kGroup:
        found->insert("group");
        NoteSequence(element.group, found);
        break;
      case Kind::kChoice:
        found->insert(element.name.empty() ? "choice" : "named choice");
        break;
      case Kind::kAll:
        found->insert("all");
        break;
      case Kind::kNot:
        found->insert(i + 1 == elements.size() ? "not last" : "not");
        if (element.steps.size() > 1) found->insert("not (or)");
    }
  }
}

}  // namespace

std::set<std::string> OperatorsOf(const Pair& pair) {
  const PatternText& pattern = pair.pattern;
  std::set<std::string> found = pattern.constructs;
  NoteSequence(pattern.elements, &found);
  if (pattern.unless) {
    found.insert("unless");
    NoteStep(*pattern.unless, &found);
  }
  Note(pattern.where, kConditionParts, &found);
  for (const std::string& field : pattern.fields) Note(field, kConditionParts, &found);
  if (!pattern.where.empty()) found.insert("where");
  if (!pattern.within.empty()) found.insert("within");
  if (pattern.from.find("by") != std::string::npos) found.insert("by");
  if (pattern.from.find('t') != std::string::npos) found.insert("two streams");
  if (!pattern.exceptions.empty()) found.insert("exceptions");
  const std::string skip = pattern.skip.empty() ? "past last" : pattern.skip;
  Note("skip " + skip,
       {"skip none", "skip past last", "skip to next", "skip to first", "skip to last"}, &found);
  if (pattern.timeout_alerts) found.insert("on_timeout");
  const Limits usual;
  if (pair.limits.open_runs_per_key != usual.open_runs_per_key) found.insert("limits");
  if (pair.limits.bound_events != usual.bound_events) found.insert("limits");
  if (pair.limits.window_events != usual.window_events) found.insert("window_events");
  if (pair.limits.distinct_values != usual.distinct_values) found.insert("distinct_values");
  return found;
}

std::vector<std::string> AllOperators() {
  Strings all = kKinds;
  all.insert(all.end(), kConditionParts.begin(), kConditionParts.end());
  for (const Strings& made : {AllWindowConstructs(), AllDeriveConstructs()})
    all.insert(all.end(), made.begin(), made.end());
  return all;
}

}  // namespace shrike::oracle
