// MapStore: a StateStore in memory that counts what is read of it, and fails if told so. It checks what the port promises.
#ifndef SHRIKE_TESTS_SUPPORT_MAP_STORE_H_
#define SHRIKE_TESTS_SUPPORT_MAP_STORE_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/check.h"
#include "engine/state_store.h"

namespace shrike::engine {

class MapStore : public StateStore {
 public:
  std::optional<std::string> head;
  std::map<std::string, StateChange, std::less<>> entries;
  bool fails = false;
  std::int64_t reads = 0;  // entries that were read or shown

  Result<std::optional<std::string>> ReadHead() override { return head; }
  Result<void> Write(std::string_view new_head, std::span<const StateChange> changes) override {
    head = std::string(new_head);
    std::set<std::string_view> names;
    for (const StateChange& change : changes) {
      SHRIKE_CHECK(names.insert(change.name).second);  // Each name once.
      if (change.value) {
        entries[change.name] = change;
      } else {
        entries.erase(change.name);
      }
    }
    return {};
  }
  Result<bool> Read(std::string_view name, std::string* value) override {
    if (fails) return Fail(ErrorCode::kIo, "the disk is gone");
    const auto at = entries.find(name);
    if (at == entries.end()) return false;
    ++reads;
    *value = *at->second.value;
    return true;
  }
  Result<void> ForEach(std::string_view prefix, const Visit& visit) override {
    if (fails) return Fail(ErrorCode::kIo, "the disk is gone");
    for (auto at = entries.lower_bound(prefix);
         at != entries.end() && at->first.starts_with(prefix); ++at) {
      ++reads;
      if (!visit({at->first, *at->second.value, at->second.due})) break;
    }
    return {};
  }
  Result<void> ForEachDue(DueRange range, const Visit& visit) override {
    if (fails) return Fail(ErrorCode::kIo, "the disk is gone");
    std::set<std::pair<TimestampMs, std::string>> dues;
    for (const auto& [name, entry] : entries) {
      if (entry.due > range.after && entry.due <= range.until && entry.due != kTimeMax)
        dues.emplace(entry.due, name);
    }
    for (const auto& [due, name] : dues) {
      ++reads;
      if (!visit({name, *entries.at(name).value, due})) break;
    }
    return {};
  }
  Result<TimestampMs> NextDue(TimestampMs after) override {
    TimestampMs next = kTimeMax;
    for (const auto& [name, entry] : entries) {
      if (entry.due > after) next = std::min(next, entry.due);
    }
    return next;
  }
  Result<void> Clear() override {
    head.reset();
    entries.clear();
    return {};
  }
};

}  // namespace shrike::engine

#endif  // SHRIKE_TESTS_SUPPORT_MAP_STORE_H_
