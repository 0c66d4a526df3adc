// StateFolder: whose state a folder holds, and that only one process writes there.
//
// The folder has, beside LMDB's data.mdb and lock.mdb:
//   shrike.lock   locked (flock) by the process that may write; holds its number. The end of a process unlocks it.
//   state.info    format, application, task, and the boot id of the machine while data.mdb may hold what the disk does
//                 not (written without sync): a power failure may then have torn it, and nothing in it may be read.
// state.info is replaced as a whole, with sync, and before anything that it has to warn of.
// Tested by: tests/engine/lmdb_folder_test.cc.
#ifndef SHRIKE_ENGINE_LMDB_STATE_FOLDER_H_
#define SHRIKE_ENGINE_LMDB_STATE_FOLDER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace shrike::engine {

inline constexpr std::uint32_t kStateFormat = 1;  // Stored in state.info.

// application, task: printable, without line breaks (checked).
struct StateIdentity {
  std::string application;
  std::string task;

  friend bool operator==(const StateIdentity&, const StateIdentity&) = default;
};

struct StateInfo {
  StateIdentity identity;
  std::string unsynced_boot;  // empty: all that data.mdb holds is on the disk
};

// nullopt: there is none. Errors: kIo; kCorrupt: damaged, or of a newer format, with what was found and expected.
Result<std::optional<StateInfo>> ReadStateInfo(const std::string& folder);

// Of the running machine: another one after every start of it. Errors: kIo.
Result<std::string> ReadBootId();

class StateFolder {
 public:
  // Makes the folder if it is not there (its parent must be), and locks it.
  // Errors: kIo; in use, with the number of the other process if it is known.
  static Result<std::unique_ptr<StateFolder>> Lock(const std::string& path);
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;
  ~StateFolder();

  // Replaces state.info. Errors: kIo; the old one stands.
  Result<void> Write(const StateInfo& info);
  // Is there a data.mdb with anything in it? Errors: kIo.
  Result<bool> HasData() const;
  // Removes data.mdb and lock.mdb; LMDB must not have them open. Errors: kIo.
  Result<void> RemoveData();

  const std::string& path() const { return path_; }

 private:
  StateFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_LMDB_STATE_FOLDER_H_
