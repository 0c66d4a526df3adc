// One rule of a rule file: its keys and their kinds (language.md, section 1).
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "rules/rule_file_reader.h"

namespace shrike::rules {

void FileReader::ReadRule(const YamlNode& node) {
  RuleNode rule;
  rule.span = node.span;
  const YamlNode* id = node.kind == YamlNode::Kind::kMap ? node.Find("id") : nullptr;
  if (id != nullptr && id->kind == YamlNode::Kind::kScalar) rule_id_ = id->text;

  // Reads the value into a member; what: the key, for messages.
  const auto text = [this](std::optional<TextNode>* member, const char* what) {
    return [=, this](const YamlNode& value) { *member = ReadText(value, what); };
  };
  const auto texts = [this](std::vector<TextNode>* member, const char* what) {
    return [=, this](const YamlNode& value) { *member = ReadTexts(value, what); };
  };
  const auto integer = [this](std::optional<IntNode>* member, const char* what) {
    return [=, this](const YamlNode& value) { *member = ReadInt(value, what); };
  };
  const auto prose = [this](const char* what) {
    return [=, this](const YamlNode& value) { ReadTextOrTexts(value, what); };
  };
  const auto read_tests = [&](const YamlNode& value) {
    if (!IsSequence(value, "`tests`")) return;
    for (const YamlNode& item : value.values) {
      if (std::optional<TestNode> test = ReadTest(item)) rule.tests.push_back(std::move(*test));
    }
  };
  const bool map = ReadMap(
      node, "a rule",
      {{"id", true, text(&rule.id, "`id`")},
       {"version", true, integer(&rule.version, "`version`")},
       {"title", false, text(&rule.title, "`title`")},
       {"description", false, prose("`description`")},
       {"author", false, prose("`author`")},
       {"references", false, prose("`references`")},
       {"false_positives", false, prose("`false_positives`")},
       {"runbook", false, prose("`runbook`")},
       {"severity", false, text(&rule.severity, "`severity`")},
       {"score", false, integer(&rule.score, "`score`")},
       {"tags", false, texts(&rule.tags, "`tags`")},
       {"mode", false, text(&rule.mode, "`mode`")},
       {"learn", false,
        [&](const YamlNode& value) { rule.learn = ReadDuration(value, "`learn`"); }},
       {"pattern", true, [&](const YamlNode& value) { rule.pattern = ReadPattern(value); }},
       {"alert", false, [&](const YamlNode& value) { ReadAlert(value, &rule); }},
       {"suppress", false, [&](const YamlNode& value) { rule.suppress = ReadSuppress(value); }},
       {"on_timeout", false,
        [&](const YamlNode& value) { rule.timeout_alerts = ReadWord(value, "alert"); }},
       {"unbounded", false,
        [&](const YamlNode& value) { rule.unbounded = ReadWord(value, "accept"); }},
       {"repartition", false,
        [&](const YamlNode& value) {
          if (ReadWord(value, "auto")) rule.repartition = ReadText(value, "`repartition`");
        }},
       {"emit", false, [&](const YamlNode& value) { rule.emit = ReadEmit(value); }},
       {"exceptions", false,
        [&](const YamlNode& value) { ReadExceptions(value, &rule.exceptions); }},
       {"tests", false, read_tests}});
  rule_id_.clear();
  if (map) file_->rules.push_back(std::move(rule));
}

bool FileReader::ReadWord(const YamlNode& node, std::string_view word) {
  const std::optional<TextNode> text = ReadText(node, "the value");
  if (!text) return false;
  if (text->text == word) return true;
  Report("E0021", text->span, fmt::format("unknown word {}", InBackticks(text->text)),
         fmt::format("the only value is `{}`", word));
  return false;
}

void FileReader::ReadAlert(const YamlNode& node, RuleNode* rule) {
  ReadMap(
      node, "`alert`",
      {{"message", false, [&](const YamlNode& value) { rule->message = ReadTemplate(value); }},
       {"fields", false, [&](const YamlNode& value) { ReadFields(value, &rule->alert_fields); }},
       {"redact", false,
        [&](const YamlNode& value) { rule->redact = ReadTexts(value, "`redact`"); }}});
}

void FileReader::ReadFields(const YamlNode& node, std::vector<NamedExpr>* fields) {
  if (!IsMap(node, "`fields`")) return;
  const std::vector<bool> cut = FindCutEntries(node);
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    const YamlNode& key = node.keys[i];
    if (cut[i]) continue;
    if (node.values[i].kind == YamlNode::Kind::kNull) {
      Report("E0015", key.span, fmt::format("{} has no expression", InBackticks(key.text)),
             "an expression with commas needs quotes: { risk: 'if(a, 40, 0)' }");
      continue;
    }
    if (std::optional<ExprNode> value = ReadExpression(node.values[i])) {
      fields->push_back({TextNode{key.text, key.span, true}, std::move(*value)});
    }
  }
}

void FileReader::ReadExceptions(const YamlNode& node, std::vector<NamedExpr>* exceptions) {
  if (!IsSequence(node, "`exceptions`")) return;
  for (const YamlNode& item : node.values) {
    std::optional<TextNode> name;
    std::optional<ExprNode> when;
    ReadMap(item, "an exception",
            {{"name", true, [&](const YamlNode& value) { name = ReadText(value, "`name`"); }},
             {"when", true, [&](const YamlNode& value) { when = ReadExpression(value); }}});
    if (name && when) exceptions->push_back({std::move(*name), std::move(*when)});
  }
}

std::optional<SuppressNode> FileReader::ReadSuppress(const YamlNode& node) {
  SuppressNode suppress;
  suppress.span = node.span;
  std::optional<DurationNode> length;
  ReadMap(node, "`suppress`",
          {{"for", true, [&](const YamlNode& value) { length = ReadDuration(value, "`for`"); }},
           {"by", false, [&](const YamlNode& value) { suppress.by = ReadTexts(value, "`by`"); }}});
  if (!length) return std::nullopt;
  suppress.length = *length;
  return suppress;
}

std::optional<EmitNode> FileReader::ReadEmit(const YamlNode& node) {
  std::optional<TextNode> stream;
  EmitNode emit;
  ReadMap(node, "`emit`",
          {{"stream", true, [&](const YamlNode& value) { stream = ReadText(value, "`stream`"); }},
           {"every", false,
            [&](const YamlNode& value) { emit.every = ReadDuration(value, "`every`"); }}});
  if (!stream) return std::nullopt;
  emit.stream = std::move(*stream);
  return emit;
}

}  // namespace shrike::rules
