// ScanState: the walk of VerifyState (state_verify.h) over an open environment.
//
// Tested by: tests/engine/lmdb_verify_test.cc, lmdb_damage_test.cc.
#ifndef SHRIKE_ENGINE_LMDB_STATE_SCAN_H_
#define SHRIKE_ENGINE_LMDB_STATE_SCAN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/lmdb/lmdb_environment.h"

namespace shrike::engine {

struct StateScan {
  // Called for every fault, and before an entry is looked at, with its name (at most 511 bytes).
  std::function<void(std::string_view fault)> fault;
  std::function<void(std::string_view name)> visit;
};

// Returns how many entries it saw. A fault that LMDB reports ends the walk over its table.
std::uint64_t ScanState(LmdbEnvironment* environment, const StateScan& scan);

// A name for messages: printable bytes as they are, others as \xNN.
std::string PrintableName(std::string_view name);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_LMDB_STATE_SCAN_H_
