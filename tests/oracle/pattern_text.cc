#include "tests/oracle/pattern_text.h"

namespace shrike::oracle {
namespace {

std::string StepOf(const StepText& step) {
  std::string text;
  if (!step.name.empty()) text += step.name + ": ";
  text += step.type;
  if (!step.by.empty()) text += " by " + step.by;
  if (!step.condition.empty()) text += "[" + step.condition + "]";
  return text;
}

std::string Joined(const std::vector<StepText>& steps, const std::string& separator) {
  std::string text;
  for (const StepText& step : steps) {
    if (!text.empty()) text += separator;
    text += StepOf(step);
  }
  return text;
}

std::string QuantifierOf(const QuantifierText& quantifier) {
  std::string text = quantifier.count;
  if (!quantifier.contiguity.empty()) text += " " + quantifier.contiguity;
  if (quantifier.greedy) text += " greedy";
  if (!quantifier.until.empty()) text += " until [" + quantifier.until + "]";
  return text;
}

std::string SequenceOf(const std::vector<ElementText>& elements, const std::string& separator);

// Depth: the generator's, a handful.
std::string ElementOf(const ElementText& element) {
  using Kind = ElementText::Kind;
  std::string text;
  switch (element.kind) {
    case Kind::kStep:
      text = StepOf(element.steps[0]);
      break;
    case Kind::kGroup:
      text = "(" + SequenceOf(element.group, " ") + ")";
      break;
    case Kind::kChoice:
      if (!element.name.empty()) text = element.name + ": ";
      text += "(" + Joined(element.steps, " or ") + ")";
      break;
    case Kind::kAll:
      text = "all(" + Joined(element.steps, ", ") + ")";
      break;
    case Kind::kNot:
      text = element.steps.size() == 1 ? "not " + StepOf(element.steps[0])
                                       : "not (" + Joined(element.steps, " or ") + ")";
  }
  if (element.quantifier) text += QuantifierOf(*element.quantifier);
  return text;
}

std::string SequenceOf(const std::vector<ElementText>& elements, const std::string& separator) {
  std::string text;
  for (const ElementText& element : elements) {
    if (!text.empty()) {
      text += separator + element.link;
      if (!element.within.empty()) text += " within " + element.within;
      text += " ";
    }
    text += ElementOf(element);
  }
  return text;
}

// In single quotes of YAML.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char byte : text) {
    quoted += byte;
    if (byte == '\'') quoted += byte;
  }
  return quoted + "'";
}

}  // namespace

std::string ConfigurationText(const std::vector<DeriveText>& derives) {
  std::string text = derives.empty() ? "" : "streams:\n";
  std::string stream;
  for (const DeriveText& derive : derives) {
    if (derive.stream != stream) text += "  " + derive.stream + ":\n    derive:\n";
    stream = derive.stream;
    text += "      " + derive.name + ": " + Quoted(derive.expression) + "\n";
  }
  return text;
}

std::string RuleEntry(const PatternText& pattern, const std::string& id) {
  const std::string line = "\n      ";
  std::string text = "  - id: " + id + "\n    version: 1\n    unbounded: accept\n";
  if (pattern.timeout_alerts) text += "    on_timeout: alert\n";
  text += pattern.more;
  if (!pattern.exceptions.empty()) text += "    exceptions:\n";
  for (std::size_t i = 0; i < pattern.exceptions.size(); ++i) {
    text += "      - { name: x" + std::to_string(i) + ", when: " + Quoted(pattern.exceptions[i]) +
            " }\n";
  }
  text +=
      "    pattern: |" + line + "from " + pattern.from + line + SequenceOf(pattern.elements, line);
  if (pattern.unless) text += line + "unless " + StepOf(*pattern.unless);
  if (!pattern.where.empty()) text += line + "where " + pattern.where;
  if (!pattern.within.empty()) text += line + "within " + pattern.within;
  if (!pattern.skip.empty()) text += line + "after match skip " + pattern.skip;
  text += "\n";
  const bool has_fields = !pattern.fields.empty() || !pattern.named_fields.empty();
  if (!pattern.message.empty() || has_fields) text += "    alert:\n";
  if (!pattern.message.empty()) text += "      message: " + Quoted(pattern.message) + "\n";
  if (has_fields) text += "      fields:\n";
  for (std::size_t i = 0; i < pattern.fields.size(); ++i) {
    text += "        f" + std::to_string(i) + ": " + Quoted(pattern.fields[i]) + "\n";
  }
  for (const auto& [name, value] : pattern.named_fields)
    text += "        " + name + ": " + Quoted(value) + "\n";
  return text;
}

std::string RuleFileText(const PatternText& pattern, const std::vector<PatternText>& others) {
  std::string text = pattern.features.empty() ? "" : "features:\n";
  for (const FeatureText& feature : pattern.features) {
    text += "  " + feature.name + ": { from: " + Quoted(feature.from) +
            ", value: " + Quoted(feature.value) + " }\n";
  }
  text += "rules:\n" + RuleEntry(pattern, "r");
  for (std::size_t i = 0; i < others.size(); ++i)
    text += RuleEntry(others[i], "r" + std::to_string(i + 1));
  return text;
}

}  // namespace shrike::oracle
