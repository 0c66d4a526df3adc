// RuleFile: one rule file read, before names and types are looked at (language.md, section 1).
//
// ReadRuleFile turns text into this; the checker (rules/checker.h) turns a set of them into nfa::RuleSetSpec. Every
// piece keeps its place in the file. What could not be read is absent here and has a Diagnostic, and so have required
// keys that are missing, unknown keys, and syntax errors of patterns and expressions. What a value may be beside its
// type (severities, modes, the range of a score, the form of an id) is the checker's business.
// Tested by: tests/rules/rule_file_test.cc.  Next: rules/checker.h.
#ifndef SHRIKE_RULES_RULE_FILE_H_
#define SHRIKE_RULES_RULE_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "rules/ast.h"
#include "rules/diagnostic.h"

namespace shrike::rules {

// A YAML scalar with its place.
struct TextNode {
  std::string text;
  FileSpan span;
  bool plain = false;  // unquoted, not a block: `null` and numbers mean what they look like
};

struct IntNode {
  std::int64_t value = 0;
  FileSpan span;
};

struct BoolNode {
  bool value = false;
  FileSpan span;
};

struct DurationNode {
  DurationMs value = 0;
  FileSpan span;
};

// An expression scalar; expr is null if it did not parse.
struct ExprNode {
  SourceText source;
  ExprPtr expr;
};

struct PatternNode {
  SourceText source;
  std::unique_ptr<Pattern> pattern;  // null if it did not parse
  bool block = false;                // literal or folded block scalar
};

// "Card {card}: {count(probe)}": literal text and expressions in braces, alternating as written.
struct TemplateNode {
  struct Part {
    std::string text;  // literal, `{{` and `}}` already one brace
    ExprPtr expr;      // if not null: this part is an expression (spans are offsets in source.text)
  };
  SourceText source;
  std::vector<Part> parts;
};

struct NamedExpr {
  TextNode name;
  ExprNode value;
};

struct ListNode {
  enum class Form : std::uint8_t { kInline, kCidr, kFile };
  TextNode name;
  Form form = Form::kInline;
  std::vector<TextNode> items;     // kInline, kCidr
  std::optional<TextNode> file;    // kFile
  std::optional<TextNode> column;  // kFile
};

struct MacroNode {
  TextNode name;                        // the key as written: `small(limit)`
  std::string macro;                    // `small`
  std::vector<std::string> parameters;  // {`limit`}
  ExprNode body;
};

struct FeatureNode {
  TextNode name;
  SourceText from_source;
  std::vector<Source> from;  // parsed `payments by card`
  ExprNode value;
};

struct SuppressNode {
  DurationNode length;
  std::vector<TextNode> by;
  FileSpan span;
};

struct EmitNode {
  TextNode stream;
  std::optional<DurationNode> every;
};

struct TestField;

// A value in a test's event or expectation.
struct TestValue {
  enum class Form : std::uint8_t { kScalar, kList, kMap };
  Form form = Form::kScalar;
  TextNode scalar;
  std::vector<TestValue> items;    // kList
  std::vector<TestField> entries;  // kMap (nested fields), in the file's order
  FileSpan span;
};

// A name and its value; a type of its own, since a pair cannot hold what is not complete yet.
struct TestField {
  TextNode name;
  TestValue value;
};

struct TestEvent {
  std::optional<TextNode> type;       // absent: only time moves
  TestValue fields;                   // kMap
  std::optional<DurationMs> after;    // relative to the event before; may be negative
  std::optional<TimestampMs> at;      // absolute
  std::optional<DurationMs> advance;  // {advance: 15m}
  FileSpan span;
};

struct TestAlert {
  std::optional<TestValue> key;  // the value, or a list
  std::optional<TextNode> kind;  // default match
  std::vector<TestField> fields;
  std::optional<TextNode> message;
  FileSpan span;
};

struct TestNode {
  TextNode name;
  std::vector<TestEvent> events;
  std::vector<TestAlert> alerts;
  FileSpan span;
};

struct RuleNode {
  FileSpan span;  // the whole mapping
  std::optional<TextNode> id;
  std::optional<IntNode> version;
  std::optional<TextNode> title;
  std::optional<TextNode> severity;
  std::optional<IntNode> score;
  std::vector<TextNode> tags;
  std::optional<TextNode> mode;
  std::optional<DurationNode> learn;
  std::optional<PatternNode> pattern;
  std::optional<TemplateNode> message;
  std::vector<NamedExpr> alert_fields;
  std::vector<TextNode> redact;
  std::optional<SuppressNode> suppress;
  std::optional<EmitNode> emit;
  bool timeout_alerts = false;
  bool unbounded = false;
  std::optional<TextNode> repartition;
  std::vector<NamedExpr> exceptions;
  std::vector<TestNode> tests;
};

struct OverrideNode {
  TextNode rule;
  std::optional<TextNode> severity;
  std::optional<IntNode> score;
  std::optional<TextNode> mode;
  std::vector<NamedExpr> exceptions;
  std::vector<ListNode> lists;
  FileSpan span;
};

// A file that mistakes have their place in.
struct SourceFile {
  std::string path;     // as given, for messages
  std::string content;  // the whole text
};

struct RuleFile : SourceFile {
  std::vector<ListNode> lists;
  std::vector<MacroNode> macros;
  std::vector<FeatureNode> features;
  std::vector<RuleNode> rules;
  std::vector<OverrideNode> overrides;
};

// Reads one file's text. Appends every mistake to `diagnostics` (guard, YAML structure, keys, types of scalars,
// syntax of patterns and expressions), in order of place; the result holds what could be read. Never throws.
// Cost: linear in the text; a bomb is refused before it is expanded (base/limits.h).
RuleFile ReadRuleFile(std::string path, std::string content, std::vector<Diagnostic>* diagnostics);

// A Diagnostic with the place filled in from the file's text.
Diagnostic MakeDiagnostic(std::string code, const SourceFile& file, FileSpan span,
                          std::string message, std::string suggestion = "");

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_RULE_FILE_H_
