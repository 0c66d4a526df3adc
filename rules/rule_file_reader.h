// FileReader: what the parts of the rule file reader share. Only rules/rule_file*.cc include it.
//
// It turns YamlNode into the nodes of rule_file.h: each Read function appends a Diagnostic for what it cannot read and
// returns nothing for it. Mappings are read by a table of their keys, so that unknown, missing and misspelt keys are
// treated the same everywhere.
#ifndef SHRIKE_RULES_RULE_FILE_READER_H_
#define SHRIKE_RULES_RULE_FILE_READER_H_

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml_tree.h"
#include "rules/diagnostic.h"
#include "rules/parser.h"
#include "rules/rule_file.h"

namespace shrike::rules {

class FileReader {
 public:
  // One allowed key of a mapping and what is done with its value.
  struct Key {
    std::string_view name;
    bool required = false;
    std::function<void(const YamlNode& value)> read;
  };

  // Both are borrowed and must outlive the reader.
  FileReader(RuleFile* file, std::vector<Diagnostic>* diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  // -- rule_file.cc: the file and what is shared by its rules
  void ReadRoot(const YamlNode& root);

 private:
  void ReadMacros(const YamlNode& node);
  void ReadMacro(const YamlNode& key, const YamlNode& value);
  void ReadFeatures(const YamlNode& node);
  void ReadOverride(const YamlNode& node);
  void ReadLists(const YamlNode& node, std::vector<ListNode>* lists);
  ListNode ReadList(const YamlNode& key, const YamlNode& value);

  // -- rule_file_rule.cc
  void ReadRule(const YamlNode& node);
  void ReadAlert(const YamlNode& node, RuleNode* rule);
  void ReadExceptions(const YamlNode& node, std::vector<NamedExpr>* exceptions);
  void ReadFields(const YamlNode& node, std::vector<NamedExpr>* fields);
  std::optional<SuppressNode> ReadSuppress(const YamlNode& node);
  std::optional<EmitNode> ReadEmit(const YamlNode& node);
  // A few words at most are allowed, and no other is a good value.
  bool ReadWord(const YamlNode& node, std::string_view word);

  // -- rule_file_tests.cc
  std::optional<TestNode> ReadTest(const YamlNode& node);
  std::optional<TestEvent> ReadTestEvent(const YamlNode& node);
  bool ReadEventTime(std::string_view key, const YamlNode& value, TestEvent* event);
  bool ReadEventFields(const YamlNode& key, const YamlNode& value, TestEvent* event);
  std::optional<TestAlert> ReadTestAlert(const YamlNode& node);
  std::optional<TestValue> ReadTestValue(const YamlNode& node);
  std::optional<TimestampMs> ReadTime(const YamlNode& node);

  // -- rule_file_text.cc: patterns, expressions, templates
  std::optional<PatternNode> ReadPattern(const YamlNode& node);
  std::optional<ExprNode> ReadExpression(const YamlNode& node);
  std::optional<TemplateNode> ReadTemplate(const YamlNode& node);
  bool ReadTemplateParts(TemplateNode* message);
  // The expression behind the brace at *pos, which goes behind the closing one. False: it cannot be read.
  bool ReadTemplateExpression(TemplateNode* message, std::uint32_t* pos);
  void ReportSyntax(const SourceText& source, const SyntaxError& error);
  // Entries of a flow mapping that belong to an expression which YAML cut at a comma. skipped[entries].
  std::vector<bool> FindCutEntries(const YamlNode& map);
  // The text from `begin` to where its parentheses are balanced, in quotes.
  std::string QuotedFrom(std::uint32_t begin) const;

  // -- rule_file_scalar.cc: mappings, lists, scalars
  // False: it is no mapping (reported). what: for messages, "a rule".
  bool ReadMap(const YamlNode& node, std::string_view what, std::initializer_list<Key> keys);
  bool IsMap(const YamlNode& node, std::string_view what);
  bool IsSequence(const YamlNode& node, std::string_view what);
  std::optional<TextNode> ReadText(const YamlNode& node, std::string_view what);
  std::vector<TextNode> ReadTexts(const YamlNode& node, std::string_view what);
  void ReadTextOrTexts(const YamlNode& node, std::string_view what);
  std::optional<IntNode> ReadInt(const YamlNode& node, std::string_view what);
  std::optional<DurationNode> ReadDuration(const YamlNode& node, std::string_view what);
  // The same, and `-5s`.
  std::optional<DurationNode> ReadSignedDuration(const YamlNode& node, std::string_view what);
  void ReportKind(const YamlNode& node, std::string_view what, std::string_view expected);
  void Report(std::string code, FileSpan span, std::string message, std::string suggestion = "");

  RuleFile* file_;
  std::vector<Diagnostic>* diagnostics_;
  std::string rule_id_;  // of the rule that is being read, for messages
};

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_RULE_FILE_READER_H_
