#include "rules/report.h"

#include <algorithm>

namespace shrike::rules {

Reporter::Reporter(const std::vector<const RuleFile*>& files) {
  for (const RuleFile* file : files) {
    file_index_.emplace(file, static_cast<int>(file_index_.size()));
  }
}

void Reporter::Report(std::string_view code, const Place& place, std::string message,
                      std::string suggestion) {
  const bool warning = code.starts_with('W');
  if (!warning) ++error_count_;
  const int next = static_cast<int>(file_index_.size());
  const int file = file_index_.emplace(place.file, next).first->second;
  std::string identity(code);
  for (const std::uint32_t part :
       {static_cast<std::uint32_t>(file), place.span.begin, place.span.end}) {
    identity += ' ' + std::to_string(part);
  }
  if (!seen_.insert(std::move(identity)).second) return;
  Diagnostic diagnostic = MakeDiagnostic(std::string(code), *place.file, place.span,
                                         std::move(message), std::move(suggestion));
  diagnostic.severity = warning ? DiagnosticSeverity::kWarning : DiagnosticSeverity::kError;
  diagnostic.rule = rule_;
  diagnostic.step = step_;
  items_.push_back({file, place.span.begin, std::move(diagnostic)});
}

void Reporter::Flush(std::vector<Diagnostic>* diagnostics) {
  std::stable_sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    return a.file != b.file ? a.file < b.file : a.begin < b.begin;
  });
  for (Item& item : items_) diagnostics->push_back(std::move(item.diagnostic));
  items_.clear();
}

std::string Quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string PlaceText(const Place& place) {
  Diagnostic diagnostic;
  SetPlace(place.file->content, place.span, &diagnostic);
  return place.file->path + ":" + std::to_string(diagnostic.line);
}

}  // namespace shrike::rules
