#include "nfa/describe_window.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/time.h"
#include "nfa/describe.h"
#include "nfa/rule_spec.h"

namespace shrike::nfa {
namespace {

constexpr std::array<const char*, 13> kNames = {"count",  "sum",      "avg",   "min",  "max",
                                                "stddev", "distinct", "first", "last", "rate",
                                                "zscore", "new",      "seen"};

std::string ColumnsText(const std::vector<int>& columns, const RowLayout& layout) {
  std::string text;
  for (const int column : columns) {
    if (!text.empty()) text += ", ";
    text += column == kTimeColumn ? "ts" : layout.columns[static_cast<std::size_t>(column)].name;
  }
  return columns.size() > 1 ? "(" + text + ")" : text;
}

std::string ExtentText(const WindowSpec& window) {
  switch (window.kind) {
    case WindowKind::kSliding:
      return FormatDuration(window.length);
    case WindowKind::kTumbling:
      return "tumbling " + FormatDuration(window.length);
    case WindowKind::kSession:
      return "session " + FormatDuration(window.length);
    case WindowKind::kLastEvents:
      break;
  }
  return "last " + std::to_string(window.events) + " events";
}

std::string ValuesText(const WindowSpec& window, const RowLayout& layout) {
  std::string text;
  for (const Expr& value : window.values) {
    if (!text.empty()) text += ", ";
    text += DescribeExpr(value, layout, {});
  }
  if (window.values.size() > 1) text = "[" + text + "]";
  return text.empty() ? text : text + " ";
}

// The event types of one source: all of them, or some by name.
std::string SourceText(const WindowSpec& window, const SourceSpec& source, const Catalog& catalog,
                       const RowLayout& layout) {
  const StreamSchema& stream = catalog.streams[static_cast<std::size_t>(source.stream)];
  std::vector<std::string> types;
  for (std::size_t i = 0; i < stream.event_types.size(); ++i) {
    const int id = catalog.EventTypeId(source.stream, static_cast<int>(i));
    if (std::binary_search(window.event_types.begin(), window.event_types.end(), id)) {
      types.push_back(stream.event_types[i]);
    }
  }
  if (types.empty()) return "";
  std::string text;
  if (types.size() == stream.event_types.size()) {
    text = stream.name;
  } else {
    for (const std::string& type : types) {
      text += (text.empty() ? "" : ", ") + stream.name + "." + type;
    }
  }
  return source.key.empty() ? text : text + " by " + ColumnsText(source.key, layout);
}

}  // namespace

std::string DescribeWindow(const WindowSpec& window, const Catalog& catalog,
                           const RowLayout& layout) {
  std::string text = kNames[static_cast<std::size_t>(window.function)];
  text += "(" + ValuesText(window, layout) + "over " + ExtentText(window);
  if (!window.by.empty()) text += " by " + ColumnsText(window.by, layout);
  if (window.filter) text += " where " + DescribeExpr(*window.filter, layout, {});
  // zscore, new and seen always leave it out.
  const bool implied = window.function >= WindowFunction::kZscore;
  if (window.excluding_current && !implied) text += " excluding current";
  text += ") of ";
  std::string sources;
  for (const SourceSpec& source : window.sources) {
    const std::string one = SourceText(window, source, catalog, layout);
    if (!one.empty()) sources += (sources.empty() ? "" : ", ") + one;
  }
  text += sources;
  const std::size_t exceptions = window.exceptions.size();
  if (exceptions == 1) text += ", 1 exception";
  if (exceptions > 1) text += ", " + std::to_string(exceptions) + " exceptions";
  return text;
}

}  // namespace shrike::nfa
