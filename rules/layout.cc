#include "rules/layout.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

// Recursion here is over Docs, which are as deep as the syntax tree (kNestingMax).
// NOLINTBEGIN(misc-no-recursion)
namespace shrike::rules {
namespace {

std::size_t FlatWidth(const Doc& doc) {
  if (doc.kind == Doc::Kind::kText) return CountCodePoints(doc.text);
  std::size_t width = 0;
  for (const Doc& part : doc.parts) width += FlatWidth(part);
  const bool spaced = doc.kind == Doc::Kind::kBlock && !doc.parts.empty();
  return width + (spaced ? doc.parts.size() - 1 : 0);
}

bool HasForcedBreak(const Doc& doc) {
  return doc.broken || std::any_of(doc.parts.begin(), doc.parts.end(), HasForcedBreak);
}

class Writer {
 public:
  explicit Writer(std::size_t width) : width_(width) {}

  void Begin(std::size_t indent, std::uint32_t begin) {
    lines_.push_back({indent, "", begin});
    column_ = indent;
  }

  // trailing: columns that must still fit behind `doc` on its last line.
  void Write(const Doc& doc, std::size_t trailing) {
    switch (doc.kind) {
      case Doc::Kind::kText:
        Append(doc.text);
        break;
      case Doc::Kind::kConcat:
        WriteConcat(doc, trailing);
        break;
      case Doc::Kind::kBlock:
        WriteBlock(doc, trailing);
        break;
    }
  }

  std::vector<Line> TakeLines() { return std::move(lines_); }

 private:
  void Append(const std::string& text) {
    lines_.back().text += text;
    column_ += CountCodePoints(text);
  }

  void WriteConcat(const Doc& doc, std::size_t trailing) {
    std::size_t rest = trailing;
    for (const Doc& part : doc.parts) rest += FlatWidth(part);
    for (const Doc& part : doc.parts) {
      rest -= FlatWidth(part);
      Write(part, rest);
    }
  }

  void WriteBlock(const Doc& doc, std::size_t trailing) {
    const std::size_t start = column_;
    const bool flat = !HasForcedBreak(doc) && start + FlatWidth(doc) + trailing <= width_;
    for (std::size_t i = 0; i < doc.parts.size(); ++i) {
      const bool last = i + 1 == doc.parts.size();
      if (i > 0 && flat) Append(" ");
      if (i > 0 && !flat) Begin(start, doc.parts[i].begin);
      Write(doc.parts[i], flat || last ? trailing : 0);
    }
  }

  std::size_t width_;
  std::size_t column_ = 0;
  std::vector<Line> lines_;
};

}  // namespace

Doc Doc::Text(std::string text, std::uint32_t begin) {
  Doc doc;
  doc.text = std::move(text);
  doc.begin = begin;
  return doc;
}

Doc Doc::Concat(std::vector<Doc> parts, std::uint32_t begin) {
  Doc doc;
  doc.kind = Kind::kConcat;
  doc.parts = std::move(parts);
  doc.begin = begin;
  return doc;
}

Doc Doc::Block(std::vector<Doc> parts, std::uint32_t begin) {
  Doc doc = Concat(std::move(parts), begin);
  doc.kind = Kind::kBlock;
  return doc;
}

std::vector<Line> LayOut(const std::vector<Doc>& docs, std::size_t width) {
  Writer writer(width);
  for (const Doc& doc : docs) {
    writer.Begin(0, doc.begin);
    writer.Write(doc, 0);
  }
  return writer.TakeLines();
}

std::string JoinLines(const std::vector<Line>& lines, const std::vector<Comment>& comments) {
  // Lines in the order of the source: clauses may have changed places.
  std::vector<std::size_t> order(lines.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lines[a].begin < lines[b].begin; });
  // before[i]: comments on lines of their own before line i; before[lines.size()]: at the end. behind[i]: at its end.
  std::vector<std::vector<const Comment*>> before(lines.size() + 1);
  std::vector<const Comment*> behind(lines.size(), nullptr);
  for (const Comment& comment : comments) {
    const auto next = std::upper_bound(
        order.begin(), order.end(), comment.span.begin,
        [&](std::uint32_t place, std::size_t line) { return place < lines[line].begin; });
    if (comment.own_line || next == order.begin()) {
      before[next == order.end() ? lines.size() : *next].push_back(&comment);
      continue;
    }
    const std::size_t line = *(next - 1);
    if (behind[line] == nullptr) {
      behind[line] = &comment;
    } else {
      before[line + 1].push_back(&comment);
    }
  }
  std::string text;
  for (std::size_t i = 0; i <= lines.size(); ++i) {
    const std::size_t indent = i < lines.size() ? lines[i].indent : 0;
    for (const Comment* comment : before[i]) {
      text += std::string(indent, ' ') + comment->text + '\n';
    }
    if (i == lines.size()) break;
    text += std::string(indent, ' ') + lines[i].text;
    if (behind[i] != nullptr) text += "  " + behind[i]->text;
    text += '\n';
  }
  return text;
}

}  // namespace shrike::rules
// NOLINTEND(misc-no-recursion)
