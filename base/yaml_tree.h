// YamlNode: the tree of one YAML file, with the bytes of the file that each node stands on.
//
// ReadYaml parses once, guard and tree in one pass: yaml-cpp tells of events, the tree is ours. Refused are (each with
// its place): files over kRuleFileBytesMax, invalid UTF-8, control characters and those that turn the direction of
// text, anchors and aliases, tags, a key twice in a mapping, keys that are no text, several documents, nesting over
// kNestingMax. What yaml-cpp throws becomes a Diagnostic. An unterminated quote, which could swallow the rest of the
// file, is an error too.
// Tested by: tests/base/yaml_tree_test.cc.  Next: rules/rule_file.h.
#ifndef SHRIKE_BASE_YAML_TREE_H_
#define SHRIKE_BASE_YAML_TREE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace shrike {

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kMap, kSequence };
  enum class Style : std::uint8_t {
    kPlain,
    kSingleQuoted,
    kDoubleQuoted,
    kLiteral,  // |
    kFolded,   // >
    kBlock,    // mappings and lists by indentation
    kFlow,     // { } and [ ]
  };

  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  bool in_flow = false;  // stands inside { } or [ ]
  FileSpan
      span;  // with quotes, with the `|` line; a null that is not written: one byte behind its key
  std::string text;              // kScalar: decoded; kNull: as written (`null`, `~`) or empty
  std::vector<YamlNode> keys;    // kMap: keys[i] is the key of values[i]
  std::vector<YamlNode> values;  // kMap, kSequence

  bool is_block_scalar() const {
    return kind == Kind::kScalar && (style == Style::kLiteral || style == Style::kFolded);
  }
  // The value of a key, or nullptr. kMap only.
  const YamlNode* Find(std::string_view key) const;
};

// The root, or nullopt if the file is no YAML at all. path: for messages. Every mistake is appended to `diagnostics` (up to
// kDiagnosticsPerFileMax in it);
// with some of them (a key twice) there still is a tree, and reading may go on to find more.
// Cost: linear; yaml-cpp takes most of it, some 60 ns per byte.
std::optional<YamlNode> ReadYaml(const std::string& path, std::string_view content,
                                 std::vector<Diagnostic>* diagnostics);

// Where each byte of a scalar's text stands in the file. If the file's bytes cannot be matched with the text (there is
// no such file known), every byte stands at the scalar's start, and `exact`, if given, is set to false.
SourceText MapSource(std::string_view content, const YamlNode& scalar, bool* exact = nullptr);

// content[begin, ..) is a scalar of this style whose decoded text is `text`: fills segments and file. False: they do
// not match. For plain scalars `begin` is the first byte, for others the quote, `|` or `>`.
bool AlignScalar(std::string_view content, std::uint32_t begin, YamlNode::Style style,
                 SourceText* source);

}  // namespace shrike

#endif  // SHRIKE_BASE_YAML_TREE_H_
