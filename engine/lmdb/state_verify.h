// VerifyState: looks at everything in a task's state folder and says what is wrong.
//
// LMDB trusts its file: a damaged page can crash the process that reads it. So the reading is done in a child process,
// and its death is one of the faults. What is checked: LMDB's own structure, every entry's checksum, the order of names,
// their count and sum as the head has them (an entry that is missing, or older than the head), and that the due index
// has exactly the entries that are due.
// Cost: reads the whole file, and looks every due entry up in the index: about 1 us an entry.
// May run while another process writes: it sees one committed state, which must not take long, for the file grows
// meanwhile. Not while this process has the folder open.
// Tested by: tests/engine/lmdb_verify_test.cc, lmdb_damage_test.cc.
#ifndef SHRIKE_ENGINE_LMDB_STATE_VERIFY_H_
#define SHRIKE_ENGINE_LMDB_STATE_VERIFY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace shrike::engine {

struct StateReport {
  std::uint64_t entry_count = 0;  // that were looked at
  std::uint64_t fault_count = 0;
  std::vector<std::string> faults;  // the first ones: sentences that name the entry

  bool good() const { return fault_count == 0; }
};

// Errors: kIo, data.mdb cannot be opened, or no process started. What is wrong with the content is no error, but a fault.
Result<StateReport> VerifyState(const std::string& folder, std::size_t faults_max);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_LMDB_STATE_VERIFY_H_
