// Tested by: tests/nfa/risk_test.cc.
#include "nfa/risk.h"

#include <cmath>
#include <cstring>

namespace shrike::nfa {
namespace {

// 0.5^1,100 times any score is below half of the smallest double.
constexpr std::int64_t kHalfLivesMax = 1100;

TimestampMs EndOf(TimestampMs ts, DurationMs half_life) {
  return half_life > kTimeMax / kHalfLivesMax ? kTimeMax
                                              : AddSaturated(ts, kHalfLivesMax * half_life);
}

}  // namespace

TimestampMs RiskLedger::Expires(DurationMs half_life) const {
  return entries_.empty() ? kTimeMin : EndOf(entries_.back().ts, half_life);
}

bool RiskLedger::Add(Entry entry, DurationMs half_life, std::int64_t entries_max) {
  auto first = entries_.begin();
  while (first != entries_.end() && EndOf(first->ts, half_life) <= entry.ts) ++first;
  entries_.erase(entries_.begin(), first);
  const bool full = static_cast<std::int64_t>(entries_.size()) >= entries_max;
  if (full) entries_.erase(entries_.begin());
  entries_.push_back(entry);
  return !full;
}

Value RiskLedger::Read(TimestampMs time, DurationMs half_life) const {
  double risk = 0;
  for (const Entry& entry : entries_) {
    if (entry.ts >= time) break;
    const double age = static_cast<double>(time - entry.ts) / static_cast<double>(half_life);
    risk += static_cast<double>(entry.score) * std::pow(0.5, age);
  }
  return Value::Float(risk);
}

void RiskLedger::AppendBytes(std::string* out) const {
  out->append(reinterpret_cast<const char*>(entries_.data()), entries_.size() * sizeof(Entry));
}

bool RiskLedger::FromBytes(std::string_view bytes) {
  if (bytes.size() % sizeof(Entry) != 0) return false;
  entries_.resize(bytes.size() / sizeof(Entry));
  if (!bytes.empty()) std::memcpy(entries_.data(), bytes.data(), bytes.size());
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    if (entries_[i].ts < entries_[i - 1].ts) return false;
  }
  return true;
}

}  // namespace shrike::nfa
