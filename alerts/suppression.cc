// A map from suppression keys to open windows, and beside it the same windows in the order in which they close. Rules
// that suppress by alert fields have a third order, by the last alert seen, for the limit.
#include "alerts/suppression.h"

#include <algorithm>
#include <utility>

#include "alerts/outcome_bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/limits.h"
#include "nfa/rule_spec.h"

namespace shrike::alerts {
namespace {

using nfa::Outcome;
using nfa::OutcomeKind;
using nfa::Outcomes;
using nfa::RuleSpec;
using nfa::SuppressSpec;

constexpr std::uint8_t kBytesVersion = 1;

// So that the map's order is that of the rules.
void AppendBigEndian(std::int32_t number, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(static_cast<std::uint32_t>(number) >> shift));
  }
}
constexpr std::size_t kRuleBytes = 4;

// A part of the suppression key. An overflow has no fields: null.
Value PartValue(const Outcomes& outcomes, const Outcome& outcome, const SuppressSpec::Part& part) {
  const auto index = static_cast<std::uint32_t>(part.index);
  const std::uint32_t count = part.is_field ? outcome.fields_count : outcome.key_count;
  const std::uint32_t begin = part.is_field ? outcome.fields_begin : outcome.key_begin;
  return index < count ? outcomes.values[begin + index] : Value::Null();
}

// What a window means, and what its first alert's bytes fit: stored, and compared with that of the program it is restored for.
void AppendSuppressBytes(const SuppressSpec& suppress, std::string* out) {
  ByteWriter bytes(out);
  bytes.Add(suppress.length);
  for (const SuppressSpec::Part& part : suppress.by) {
    bytes.Add(static_cast<std::uint8_t>(part.is_field ? 1 : 0));
    bytes.Add(static_cast<std::int32_t>(part.index));
  }
}

std::string SuppressBytes(const RuleSpec& rule) {
  std::string bytes;
  if (rule.alert.suppress) {
    AppendSuppressBytes(*rule.alert.suppress, &bytes);
    ByteWriter writer(&bytes);
    AppendOutcomeShape(rule, &writer);
  }
  return bytes;
}

std::int32_t ReadBigEndian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < kRuleBytes; ++i)
    number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  return static_cast<std::int32_t>(number);
}

// What a window is of, whatever the program.
struct WindowRule {
  std::string_view id;
  std::int64_t version = 0;
  std::string_view suppress;  // AppendSuppressBytes
};

// -1: the program has no such rule.
std::int32_t FindRule(const nfa::Program& program, const WindowRule& wanted) {
  const std::vector<RuleSpec>& rules = program.rules();
  const auto rule = std::lower_bound(
      rules.begin(), rules.end(), wanted.id,
      [](const RuleSpec& known, std::string_view name) { return known.id < name; });
  const bool same = rule != rules.end() && rule->id == wanted.id &&
                    rule->version == wanted.version && SuppressBytes(*rule) == wanted.suppress;
  return same ? static_cast<std::int32_t>(rule - rules.begin()) : -1;
}

// 128 bits of hash: two windows never share them.
void AppendWindowName(const RuleSpec& rule, std::string_view key_rest, std::string* out) {
  std::string text;
  ByteWriter bytes(&text);
  bytes.AddText(rule.id);
  bytes.Add(rule.version);
  bytes.AddText(SuppressBytes(rule));
  bytes.AddText(key_rest);
  ByteWriter name(out);
  name.Add(Hash64(text, 1));
  name.Add(Hash64(text, 2));
}

}  // namespace

Suppression::Suppression(std::shared_ptr<const nfa::Program> program)
    : program_(std::move(program)), starts_(program_->rules().size(), kTimeMax) {
  stats_.suppressed.resize(program_->rules().size());
  stats_.learning.resize(program_->rules().size());
}

void Suppression::SetStarts(const std::vector<TimestampMs>& starts) {
  SHRIKE_CHECK(starts.size() == starts_.size());
  starts_ = starts;
}

bool Suppression::Learns(std::int32_t rule, TimestampMs time) const {
  const auto index = static_cast<std::size_t>(rule);
  const auto& learn = program_->rules()[index].learn;
  return learn && starts_[index] != kTimeMax && time < AddSaturated(starts_[index], *learn);
}

void Suppression::Filter(Outcomes* outcomes, Outcomes* forced) {
  const auto withheld = [&](const Outcome& outcome) {
    SHRIKE_CHECK(next_close() > outcome.time);
    const auto rule = static_cast<std::size_t>(outcome.rule);
    if (Learns(outcome.rule, outcome.time)) {
      ++stats_.learning[rule];
      return true;
    }
    return program_->rules()[rule].alert.suppress && !Admit(*outcomes, outcome, forced);
  };
  // Not remove_if: the order in which it asks is not said.
  auto kept = outcomes->items.begin();
  for (const Outcome& outcome : outcomes->items) {
    if (!withheld(outcome)) {
      *kept++ = outcome;
    }
  }
  outcomes->items.erase(kept, outcomes->items.end());
}

// Recursion is one deep: an overflow has no fields, so that its group has one key, which never needs room.
bool Suppression::Admit(  // NOLINT(misc-no-recursion)
    const Outcomes& outcomes, const Outcome& outcome, Outcomes* forced) {
  const std::uint32_t group_size = MakeKey(outcomes, outcome);
  const auto found = windows_.find(key_);
  if (found != windows_.end()) {
    Count(outcome.time, found);
    return false;
  }
  const auto group = by_seen_.find(std::string_view(key_).substr(0, group_size));
  const auto group_max = static_cast<std::size_t>(program_->limits().distinct_values);
  if (group != by_seen_.end() && group->second.size() >= group_max) {
    Close(windows_.find(group->second.begin()->second), outcome.time, forced);
    TellOverflow(outcomes, outcome, forced);
    MakeKey(outcomes, outcome);  // The overflow used the scratch key.
  }
  Open(outcomes, outcome, group_size);
  return true;
}

void Suppression::TellOverflow(  // NOLINT(misc-no-recursion)
    const Outcomes& outcomes, const Outcome& outcome, Outcomes* forced) {
  Outcome overflow = outcome;
  overflow.kind = OutcomeKind::kOverflow;
  overflow.limit = nfa::LimitKind::kSuppressionWindows;
  overflow.fields_count = 0;
  overflow.message_count = 0;
  bytes_.clear();
  AppendOutcomeBytes(outcomes, overflow, &bytes_);
  SHRIKE_CHECK(ReadOutcomeBytes(bytes_, outcome.rule, forced));
  overflow = forced->items.back();
  if (!Admit(*forced, overflow, forced)) {
    forced->items.pop_back();
  }
}

std::uint32_t Suppression::MakeKey(const Outcomes& outcomes, const Outcome& outcome) {
  const SuppressSpec& suppress =
      *program_->rules()[static_cast<std::size_t>(outcome.rule)].alert.suppress;
  key_.clear();
  AppendBigEndian(outcome.rule, &key_);
  ByteWriter bytes(&key_);
  bytes.Add(outcome.kind);
  for (const SuppressSpec::Part& part : suppress.by) {
    if (!part.is_field) {
      AddValue(PartValue(outcomes, outcome, part), &bytes);
    }
  }
  const auto group_size = static_cast<std::uint32_t>(key_.size());
  for (const SuppressSpec::Part& part : suppress.by) {
    if (part.is_field) {
      AddValue(PartValue(outcomes, outcome, part), &bytes);
    }
  }
  return group_size;
}

bool Suppression::HasFieldParts(std::int32_t rule) const {
  const auto& by = program_->rules()[static_cast<std::size_t>(rule)].alert.suppress->by;
  return std::any_of(by.begin(), by.end(),
                     [](const SuppressSpec::Part& part) { return part.is_field; });
}

void Suppression::Open(const Outcomes& outcomes, const Outcome& outcome, std::uint32_t group_size) {
  const RuleSpec& rule = program_->rules()[static_cast<std::size_t>(outcome.rule)];
  Window window;
  window.rule = outcome.rule;
  window.group_size = group_size;
  // kTimeMax would mean that no window is open.
  window.close = std::min(AddSaturated(outcome.time, rule.alert.suppress->length), kTimeMax - 1);
  window.seen = outcome.time;
  window.suppressed.kind = outcome.kind;
  AppendOutcomeBytes(outcomes, outcome, &window.alert);
  Insert(key_, std::move(window));
}

void Suppression::Insert(const WindowKey& key, Window window) {
  const auto [entry, inserted] = windows_.emplace(key, std::move(window));
  SHRIKE_CHECK(inserted);
  Change(key);
  const Window& added = entry->second;
  closing_.emplace(added.close, entry->first);
  if (HasFieldParts(added.rule)) {
    by_seen_[entry->first.substr(0, added.group_size)].emplace(added.seen, entry->first);
  }
}

void Suppression::Count(TimestampMs time, Windows::iterator entry) {
  Window& window = entry->second;
  if (HasFieldParts(window.rule) && window.seen != time) {
    TimeOrder& group =
        by_seen_.find(std::string_view(entry->first).substr(0, window.group_size))->second;
    auto node = group.extract({window.seen, entry->first});
    node.value().first = time;
    group.insert(std::move(node));
  }
  window.seen = time;
  Change(entry->first);
  nfa::SuppressedAlerts& suppressed = window.suppressed;
  if (suppressed.count == 0) {
    suppressed.first = time;
  }
  suppressed.last = time;
  ++suppressed.count;
  ++stats_.suppressed[static_cast<std::size_t>(window.rule)];
}

void Suppression::CloseNext(Outcomes* out) {
  SHRIKE_CHECK(!closing_.empty());
  const TimestampMs time = next_close();
  while (next_close() == time) {
    // closing_ has those of one time by key, so by rule.
    Close(windows_.find(closing_.begin()->second), time, out);
  }
}

void Suppression::Close(Windows::iterator entry, TimestampMs time, Outcomes* out) {
  const Window& window = entry->second;
  if (window.suppressed.count > 0) {
    SHRIKE_CHECK(ReadOutcomeBytes(window.alert, window.rule, out));
    Outcome& summary = out->items.back();
    summary.kind = OutcomeKind::kSummary;
    summary.suppressed = window.suppressed;
    summary.by_deadline = true;
    summary.time = time;
  }
  Change(entry->first);
  closing_.erase({window.close, entry->first});
  if (HasFieldParts(window.rule)) {
    const auto group = by_seen_.find(std::string_view(entry->first).substr(0, window.group_size));
    group->second.erase({window.seen, entry->first});
    if (group->second.empty()) {
      by_seen_.erase(group);
    }
  }
  windows_.erase(entry);
}

// version; the rule: id, version, suppression; the key without the rule; the rest.
void Suppression::AppendWindowBytes(const WindowKey& key, const Window& window,
                                    std::string* out) const {
  const RuleSpec& rule = program_->rules()[static_cast<std::size_t>(window.rule)];
  ByteWriter bytes(out);
  bytes.Add(kBytesVersion);
  bytes.AddText(rule.id);
  bytes.Add(rule.version);
  bytes.AddText(SuppressBytes(rule));
  bytes.AddText(std::string_view(key).substr(kRuleBytes));
  bytes.Add(window.group_size);
  bytes.Add(window.close);
  bytes.Add(window.seen);
  bytes.Add(window.suppressed.kind);
  bytes.Add(window.suppressed.count);
  bytes.Add(window.suppressed.first);
  bytes.Add(window.suppressed.last);
  bytes.AddText(window.alert);
}

void Suppression::ForEachChange(const VisitChange& visit) const {
  std::string name;
  std::string bytes;
  for (const WindowKey& key : changed_) {
    const auto index = ReadBigEndian(key);
    const RuleSpec& rule = program_->rules()[static_cast<std::size_t>(index)];
    name.clear();
    AppendWindowName(rule, std::string_view(key).substr(kRuleBytes), &name);
    const auto window = windows_.find(key);
    if (window == windows_.end()) {
      visit(name, nullptr);
      continue;
    }
    bytes.clear();
    AppendWindowBytes(key, window->second, &bytes);
    visit(name, &bytes);
  }
}

void Suppression::TouchAll() {
  for (const auto& [key, window] : windows_) Change(key);
}

Result<std::int64_t> Suppression::RestoreWindow(std::string_view text) {
  const auto corrupt = [] {
    return Fail(ErrorCode::kCorrupt, "a stored suppression window is damaged");
  };
  ByteReader bytes(text);
  if (bytes.Get<std::uint8_t>() != kBytesVersion) return corrupt();
  const std::string_view id = bytes.GetText();
  const auto version = bytes.Get<std::int64_t>();
  const std::string_view suppress = bytes.GetText();
  Window window;
  window.rule = FindRule(*program_, {id, version, suppress});
  const std::string_view key_rest = bytes.GetText();
  window.group_size = bytes.Get<std::uint32_t>();
  window.close = bytes.Get<TimestampMs>();
  window.seen = bytes.Get<TimestampMs>();
  window.suppressed.kind = bytes.Get<OutcomeKind>();
  window.suppressed.count = bytes.Get<std::int64_t>();
  window.suppressed.first = bytes.Get<TimestampMs>();
  window.suppressed.last = bytes.Get<TimestampMs>();
  window.alert = bytes.GetText();
  if (!bytes.ok() || !bytes.at_end()) return corrupt();
  if (window.rule < 0) return window.suppressed.count;
  Outcomes scratch;
  key_.clear();
  AppendBigEndian(window.rule, &key_);
  key_ += key_rest;
  if (!ReadOutcomeBytes(window.alert, window.rule, &scratch) || window.close == kTimeMax ||
      window.group_size > key_.size() || windows_.contains(key_)) {
    return corrupt();
  }
  Insert(key_, std::move(window));
  return 0;
}

void Suppression::CloseGone(const nfa::Program& next, TimestampMs time, Outcomes* out) {
  for (auto entry = windows_.begin(); entry != windows_.end();) {
    const auto window = entry++;
    const RuleSpec& rule = program_->rules()[static_cast<std::size_t>(window->second.rule)];
    if (FindRule(next, {rule.id, rule.version, SuppressBytes(rule)}) < 0) Close(window, time, out);
  }
}

}  // namespace shrike::alerts
