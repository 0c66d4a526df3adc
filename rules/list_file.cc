#include "rules/list_file.h"

#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/csv.h"
#include "base/suggest.h"
#include "base/utf8.h"

namespace shrike::rules {
namespace {

class ListReader {
 public:
  ListReader(const Place& use, ListFile* list, Reporter* reporter)
      : use_(use), list_(list), text_(list->file.content), reporter_(reporter) {}

  bool ReadLines() {
    std::size_t begin = 0;
    while (begin < text_.size()) {
      std::size_t end = text_.find('\n', begin);
      if (end == std::string_view::npos) end = text_.size();
      if (!AddLine(begin, end)) return false;
      begin = end + 1;
    }
    return true;
  }

  bool ReadColumn(const TextNode& column) {
    CsvReader csv(text_);
    const std::optional<std::vector<CsvCell>> header = csv.Next();
    std::vector<std::string_view> names;
    std::size_t index = 0;
    if (header) {
      for (const CsvCell& cell : *header) names.push_back(cell.text);
    }
    while (index < names.size() && names[index] != column.text) ++index;
    if (index == names.size() && csv.fault().empty()) {
      reporter_->Report(
          "E0520", {use_.file, column.span},
          "the file " + Quoted(list_->file.path) + " has no column " + Quoted(column.text),
          DidYouMean(column.text, names));
      return false;
    }
    while (const std::optional<std::vector<CsvCell>> row = csv.Next()) {
      if (row->size() != names.size()) {
        return Fail({row->front().span.begin, row->back().span.end},
                    "the row has " + std::to_string(row->size()) + " cells, the first row " +
                        std::to_string(names.size()));
      }
      const CsvCell& cell = (*row)[index];
      if (!cell.text.empty() && !Add(cell.text, cell.span)) return false;
    }
    return csv.fault().empty() || Fail(csv.fault_span(), csv.fault());
  }

 private:
  bool AddLine(std::size_t begin, std::size_t end) {
    constexpr std::string_view kBlanks = " \t\r";
    while (begin < end && kBlanks.find(text_[begin]) != std::string_view::npos) ++begin;
    while (end > begin && kBlanks.find(text_[end - 1]) != std::string_view::npos) --end;
    if (begin == end || text_[begin] == '#') return true;
    return Add(text_.substr(begin, end - begin),
               {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  }

  bool Add(std::string_view text, FileSpan span) {
    if (!seen_.insert(std::string(text)).second) return true;
    if (list_->items.size() >= kListItemsMax) {
      return Fail(span, "the list has more than " + std::to_string(kListItemsMax) + " values");
    }
    list_->items.push_back({std::string(text), span, true});
    return true;
  }

  bool Fail(FileSpan span, std::string message) {
    reporter_->Report("E0520", {&list_->file, span}, std::move(message),
                      "the list is declared at " + PlaceText(use_));
    return false;
  }

  Place use_;
  ListFile* list_;
  std::string_view text_;
  Reporter* reporter_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

bool ReadListFile(const TextNode* column, const Place& use, ListFile* list, Reporter* reporter) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (!IsValidUtf8(list->file.content)) {
    reporter->Report("E0520", use, "the file " + Quoted(list->file.path) + " is no UTF-8 text");
    return false;
  }
  if (!column && list->file.content.starts_with(kByteOrderMark)) {
    list->file.content.erase(0, kByteOrderMark.size());
  }
  ListReader reader(use, list, reporter);
  return column ? reader.ReadColumn(*column) : reader.ReadLines();
}

}  // namespace shrike::rules
