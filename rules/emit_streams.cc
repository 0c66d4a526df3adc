#include "rules/emit_streams.h"

#include <algorithm>
#include <map>
#include <optional>

#include "rules/window_table.h"

namespace shrike::rules {
namespace {

// The rules that read what each rule emits; feeds[rules].
std::vector<std::vector<int>> Feeds(const nfa::RuleSetSpec& spec) {
  std::map<int, std::vector<int>> readers;  // by emitted stream
  for (const nfa::RuleSpec& rule : spec.rules) {
    if (rule.emit) readers[rule.emit->stream];
  }
  std::vector<std::vector<int>> feeds(spec.rules.size());
  if (readers.empty()) return feeds;
  for (std::size_t i = 0; i < spec.rules.size(); ++i) {
    for (const int stream : StreamsRead(spec, spec.rules[i])) {
      const auto found = readers.find(stream);
      if (found != readers.end()) found->second.push_back(static_cast<int>(i));
    }
  }
  for (std::size_t i = 0; i < spec.rules.size(); ++i) {
    if (spec.rules[i].emit) feeds[i] = readers[spec.rules[i].emit->stream];
  }
  return feeds;
}

// The rules from which feeding never ends. in_cycle[rules].
std::vector<bool> Endless(const std::vector<std::vector<int>>& feeds) {
  std::vector<std::vector<int>> fed_by(feeds.size());
  std::vector<std::size_t> left(feeds.size());
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    left[i] = feeds[i].size();
    if (left[i] == 0) ends.push_back(i);
    for (const int reader : feeds[i]) {
      fed_by[static_cast<std::size_t>(reader)].push_back(static_cast<int>(i));
    }
  }
  std::vector<bool> endless(feeds.size(), true);
  while (!ends.empty()) {
    const std::size_t end = ends.back();
    ends.pop_back();
    endless[end] = false;
    for (const int feeder : fed_by[end]) {
      if (--left[static_cast<std::size_t>(feeder)] == 0) {
        ends.push_back(static_cast<std::size_t>(feeder));
      }
    }
  }
  return endless;
}

}  // namespace

std::vector<std::vector<int>> FindEmitCycles(const nfa::RuleSetSpec& spec) {
  const std::vector<std::vector<int>> feeds = Feeds(spec);
  const std::vector<bool> endless = Endless(feeds);
  std::vector<std::vector<int>> cycles;
  std::vector<int> walk_of(feeds.size(), -1);  // the walk that came by
  for (std::size_t start = 0; start < feeds.size(); ++start) {
    if (!endless[start] || walk_of[start] >= 0) continue;
    std::vector<int> way;
    std::size_t at = start;
    while (walk_of[at] < 0) {
      walk_of[at] = static_cast<int>(start);
      way.push_back(static_cast<int>(at));
      const auto next = std::find_if(feeds[at].begin(), feeds[at].end(), [&](int reader) {
        return endless[static_cast<std::size_t>(reader)];
      });
      at = static_cast<std::size_t>(*next);
    }
    if (walk_of[at] != static_cast<int>(start)) continue;  // It runs into a cycle that is known.
    way.erase(way.begin(), std::find(way.begin(), way.end(), static_cast<int>(at)));
    cycles.push_back(std::move(way));
  }
  return cycles;
}

void FillEmitFields(const SetScope& set, nfa::RuleSetSpec* spec) {
  for (nfa::RuleSpec& rule : spec->rules) {
    if (!rule.emit) continue;
    const StreamSchema& schema = set.catalog().streams[static_cast<std::size_t>(rule.emit->stream)];
    for (const FieldSchema& field : schema.fields) {
      const std::optional<int> column = set.FindColumn(field.name, field.type);
      if (!column) continue;
      const std::vector<nfa::AlertField>& fields = rule.alert.fields;
      const auto given = std::find_if(fields.begin(), fields.end(), [&](const auto& alert_field) {
        return alert_field.name == field.name;
      });
      if (given == fields.end()) continue;  // The type field: there is one type.
      rule.emit->fields.push_back({*column, static_cast<int>(given - fields.begin())});
    }
  }
}

}  // namespace shrike::rules
