// E00xx: the file and its YAML. E01xx: the text of patterns and expressions. See rules/codes.h.
#include "rules/codes.h"

namespace shrike::rules {
namespace {

constexpr CodeInfo kCodes[] = {
    {"E0001", "file too large",
     "A rule file may have 1 MiB. Split it: a folder of rule files is one rule set, and "
     "rules, lists and macros may stand in any file of it. Long lists belong into a file of "
     "their own: `lists: { name: { file: PATH } }`."},
    {"E0002", "invalid UTF-8",
     "Rule files are UTF-8. The place shown is the first byte that is not. Save the file as "
     "UTF-8; a file in Latin-1 or UTF-16 is not guessed at, because a wrong guess would "
     "change what a rule compares with."},
    {"E0003", "forbidden character",
     "Control characters and the characters that turn the direction of text make a rule look "
     "other than it is. They are refused, tab and line break aside. In a string write the "
     "escape instead: \"\\u202e\"."},
    {"E0004", "malformed YAML",
     "The file is not YAML. The place is where the reader could not go on; the cause often "
     "stands a little before it: a quote that is not closed, a tab in the indentation, or an "
     "unquoted text with `: ` or ` #` in it."},
    {"E0005", "anchor or alias",
     "Anchors (`&name`) and aliases (`*name`) are refused: they can make a small file expand "
     "without end, and they hide where a value comes from. Write the value out, or use a "
     "macro or a list. A text that begins with `*` or `&` needs quotes."},
    {"E0006", "YAML tag",
     "YAML tags (`!name`) have no meaning in rule files. An expression that begins with `!` "
     "needs quotes; negation is written `not`."},
    {"E0007", "key given twice",
     "A mapping has the same key twice. YAML readers disagree about which one counts, so "
     "neither does. Remove one."},
    {"E0008", "more than one document",
     "A rule file is one YAML document. Remove the `---` or `...` line, or put the second "
     "document into a file of its own."},
    {"E0009", "nested too deep", "Mappings and lists may be nested 64 deep. No rule needs more."},
    {"E0010", "empty file",
     "The file has no rules, lists, macros, features or overrides. Remove it, or begin with "
     "`rules:`."},
    {"E0011", "unknown key",
     "The key is not one of those allowed at this place. A misspelt key that were ignored "
     "would leave a rule without its deadline or its exception, so it is an error."},
    {"E0012", "wrong kind of value",
     "A mapping, a list or a single value stands where another of them is expected. The "
     "message says which."},
    {"E0013", "missing key",
     "A key that is required here is not there. Rules need `id`, `version` and `pattern`."},
    {"E0014", "pattern is not a block scalar",
     "A pattern is written as a literal block, so that its lines and `#` comments are kept as "
     "they stand:\n"
     "    pattern: |\n"
     "      from payments by card\n"
     "      a: txn[amount > 100]"},
    {"E0015", "expression cut apart by YAML",
     "Inside `{ }` and `[ ]` YAML splits at every comma, so `{ risk: if(a, 40, 0) }` is three "
     "keys. Put the expression in quotes: `{ risk: 'if(a, 40, 0)' }`."},
    {"E0016", "wrong type of value",
     "The value cannot be read as what this key holds: an integer, a duration such as `10m`, "
     "a time such as `2024-01-01T00:00:00Z`, or a text."},
    {"E0017", "malformed macro name",
     "A macro is named `name: expression` or `name(parameter, parameter): expression`. Names "
     "are letters, digits and `_`, begin with a letter, are not reserved words, and no "
     "parameter is named twice."},
    {"E0018", "malformed text template",
     "In a message, `{expression}` is replaced by the expression's value. A brace that is "
     "meant as a brace is written twice: `{{` or `}}`."},
    {"E0019", "malformed test",
     "An event of a test is `{ TYPE: { field: value }, after: 10s }` with one type and at "
     "most one of `after` and `at`, or `{ advance: 15m }`."},
    {"E0020", "key is not a text",
     "Keys of mappings are single words or texts; a list or a mapping cannot be one."},
    {"E0021", "unknown word", "This key takes one of a few words. The message names them."},
    {"E0022", "too many mistakes",
     "After 1,000 mistakes of a file no more are listed. Put the first ones right: the others "
     "often follow from them."},
    {"E0101", "unexpected word",
     "The pattern or expression does not follow the grammar at the place shown. The message "
     "says what could stand there. The grammar stands in the language reference and at the "
     "top of rules/parser.h."},
    {"E0102", "unknown character or operator",
     "The character begins nothing in the language. Equality is `==`, logic is `and`, `or`, "
     "`not`. A name with other characters than letters, digits and `_` is written in "
     "backticks."},
    {"E0103", "malformed duration",
     "A duration is one word of integers and units: `10m`, `1h30m`, `500ms`. Units are w, d, "
     "h, m, s, ms, in this order, each at most once, without blanks."},
    {"E0104", "reserved word as a name",
     "Reserved words cannot name steps, fields or streams. Put the name in backticks, or "
     "choose another. After a dot every word is a field."},
    {"E0105", "text without an end",
     "A string, a regular expression or a name in backticks is not closed on its line."},
    {"E0106", "malformed escape",
     "In \"...\" the escapes are \\\" \\\\ \\n"
     " \\t \\r and \\uXXXX with four hexadecimal digits. In '...' nothing is escaped. A "
     "regular expression or a path with backslashes is best written in '...'."},
    {"E0107", "malformed number",
     "A number is digits, with `_` between digits if wanted, and at most one point with "
     "digits on both sides. Integers have 64 bits. There is no exponent."},
    {"E0108", "nested too deep",
     "Parentheses, brackets, `not` and `-` may be nested 64 deep, and a name may have 64 "
     "parts. Name parts of a long condition as macros."},
    {"E0109", "comparisons in a chain",
     "`a < b < c` has no meaning: a comparison gives true or false. Write `a < b and b < c`, "
     "or `b between a and c`, which includes both ends."},
    {"E0110", "nothing to read",
     "A pattern or an expression is empty, or has only comments in it. Write it, or remove "
     "its key."},
    {"E0111", "given twice",
     "Each of `unless`, `where`, `within` and `after match skip` may stand once in a pattern, "
     "and each of `by`, `where` and `excluding current` once in a window."},
    {"E0112", "named negation",
     "A step after `not` binds no event, so it has no name. Nothing could ever be read from "
     "it."},
};

}  // namespace

std::span<const CodeInfo> SyntaxCodes() { return kCodes; }

}  // namespace shrike::rules
