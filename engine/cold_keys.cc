#include "engine/cold_keys.h"

#include <algorithm>
#include <utility>

#include "engine/state_entry.h"

namespace shrike::engine {

bool ColdKeys::Add(std::uint64_t hash, TimestampMs due) {
  if (Has(hash)) return false;
  hashes_.Insert(hash, 0);
  next_due_ = std::min(next_due_, due);
  return true;
}

void ColdKeys::FindNextDue() {
  next_due_ = kTimeMax;
  if (empty()) return;
  const Result<TimestampMs> due = store_->NextDue(shown_until_);
  if (!due) return Fail(due.error());
  next_due_ = *due;
}

std::optional<std::string> ColdKeys::Read(const std::string& name) {
  std::string value;
  const Result<bool> there = store_->Read(name, &value);
  if (!there) {
    Fail(there.error());
    return std::nullopt;
  }
  return *there ? std::optional(std::move(value)) : std::nullopt;
}

void ColdKeys::ForEachDue(TimestampMs until, const std::function<void(const StateEntry&)>& visit) {
  const Result<void> shown =
      store_->ForEachDue({shown_until_, until}, [&](const StateEntry& entry) {
        visit(entry);
        return !failure_;
      });
  if (!shown) Fail(shown.error());
  shown_until_ = until;
  FindNextDue();
}

void ColdKeys::ForEach(const std::function<void(const StateEntry&)>& visit) {
  for (const char kind : {kKeyEntry, kLongKeyEntry}) {
    if (empty() || failure_) break;
    const Result<void> shown = store_->ForEach({&kind, 1}, [&](const StateEntry& entry) {
      visit(entry);
      return !failure_ && !empty();
    });
    if (!shown) Fail(shown.error());
  }
  FindNextDue();
}

void ColdKeys::Fail(Error error) {
  if (!failure_) failure_ = std::move(error);
}

}  // namespace shrike::engine
