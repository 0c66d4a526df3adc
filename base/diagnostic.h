// Diagnostic: one mistake in a rule file or configuration, with its place and what to do (interfaces.md).
#ifndef SHRIKE_BASE_DIAGNOSTIC_H_
#define SHRIKE_BASE_DIAGNOSTIC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shrike {

enum class DiagnosticSeverity : std::uint8_t { kError, kWarning };

// Bytes [begin, end) of the file.
struct FileSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Diagnostic {
  // "E0203", "W0301": stable, never reused; listed in rules/codes.h and config/codes.h.
  std::string code;
  DiagnosticSeverity severity = DiagnosticSeverity::kError;
  // One sentence, no trailing stop: unknown field `amuont` of event type `txn`
  std::string message;
  std::string file;  // path as given
  int line = 0;      // from 1; 0: the whole file
  int column = 0;    // from 1, in Unicode characters, a tab is one
  int end_line = 0;  // of the span's end (exclusive column)
  int end_column = 0;
  std::string line_text;  // the line of the file, for the caret; of a long line a piece around it
  int line_text_column = 1;  // of line_text's first character
  std::string rule;          // id, if known
  std::string step;          // label, if known
  std::string suggestion;    // one line: did you mean `amount`?
};

// What a code means: a row of a table of codes, for `shrike explain E0203`.
struct CodeInfo {
  std::string_view code;         // "E0203"
  std::string_view title;        // a few words, no trailing stop: unknown field
  std::string_view explanation;  // one paragraph: why it is a mistake, and how it is put right
};

// A file of more mistakes is not a file of rules: no more than these are kept. Who appends looks at this first.
inline constexpr std::size_t kDiagnosticsPerFileMax = 1000;

// Fills line, column, end_line, end_column and line_text of `diagnostic` from the file's whole text.
// span: within `content`; what lies beyond is cut. Cost: O(span.end), some 30 us per MB.
void SetPlace(std::string_view content, FileSpan span, Diagnostic* diagnostic);

// `text` in backticks, for a message; cut after some 60 bytes, since a file can have a word of 1 MiB.
std::string InBackticks(std::string_view text);

// In order of file as first seen, then place; equal places keep their order.
void SortDiagnostics(std::vector<Diagnostic>* diagnostics);

// Text of a YAML scalar and where each byte of it stands in the file, whatever the scalar's style: literal and folded
// blocks lose indentation, quoted scalars lose escapes.
struct SourceText {
  // text bytes from text_begin on (up to the next segment) stand at file_begin on, one by one.
  struct Segment {
    std::uint32_t text_begin;
    std::uint32_t file_begin;
  };
  std::string text;
  std::vector<Segment> segments;  // ascending text_begin; the first is 0 unless the text is empty
  FileSpan file;                  // the whole scalar in the file

  // The byte of the file where text[offset] stands; offset up to text.size(). Cost: O(log segments).
  std::uint32_t FileOffset(std::uint32_t offset) const;
  // The bytes of the file from the first to behind the last byte of text [begin, end).
  FileSpan FileSpanOf(std::uint32_t begin, std::uint32_t end) const;
};

}  // namespace shrike

#endif  // SHRIKE_BASE_DIAGNOSTIC_H_
