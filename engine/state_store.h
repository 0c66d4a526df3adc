// StateStore: the port to a task's state on disk: one head and a map of entries, written together.
//
// Adapters: engine/lmdb/ (and the simulator's, with faults). The head is what a checkpoint says about the task as a whole
// (engine/checkpoint.h); entries are key states and the like. To the store both are bytes.
// One thread. What a Read call shows is what the last good Write left, whatever happened since: a crash at any moment
// leaves the old state or the new one, never a mixture.
#ifndef SHRIKE_ENGINE_STATE_STORE_H_
#define SHRIKE_ENGINE_STATE_STORE_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace shrike::engine {

// Borrowed for the call that shows it.
struct StateEntry {
  std::string_view name;   // unique, at most kStateNameBytesMax bytes, not empty
  std::string_view value;  // any bytes
  TimestampMs due =
      kTimeMax;  // when something has to be done with it at the latest; kTimeMax: never
};

// Names of keys that are longer are stored under their hash (engine/checkpoint.h).
inline constexpr std::size_t kStateNameBytesMax = 400;

struct StateChange {
  std::string name;
  std::optional<std::string> value;  // nullopt: the entry goes
  TimestampMs due = kTimeMax;
};

class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  // nullopt: nothing was ever written here. Errors: kCorrupt, kIo; here and below.
  virtual Result<std::optional<std::string>> ReadHead() = 0;

  // One transaction. changes: each name once, in any order. When it returns the data survive the end of the process, and
  // if the store was opened so, a power failure.
  // Errors: kIo: the old state stands, or (only if the error comes after the disk took it) the new one; ReadHead tells.
  // The caller keeps what it wanted to write and tries again.
  virtual Result<void> Write(std::string_view head, std::span<const StateChange> changes) = 0;

  // False: there is no such entry.
  virtual Result<bool> Read(std::string_view name, std::string* value) = 0;

  // Calls visit for every entry whose name begins with `prefix`, in the order of names, until it returns false.
  using Visit = std::function<bool(const StateEntry&)>;
  virtual Result<void> ForEach(std::string_view prefix, const Visit& visit) = 0;

  // Of entries that are due: the times `after` < due <= `until`.
  struct DueRange {
    TimestampMs after = kTimeMin;
    TimestampMs until = kTimeMax;
  };
  // The same for the entries that are due in the range (never those with kTimeMax), by due, then name. Cost: nothing for
  // the others.
  virtual Result<void> ForEachDue(DueRange range, const Visit& visit) = 0;
  // The earliest `due` > after; kTimeMax: none.
  virtual Result<TimestampMs> NextDue(TimestampMs after) = 0;

  // Forgets everything, the head too.
  virtual Result<void> Clear() = 0;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_STATE_STORE_H_
