// LmdbStore: a task's state in a folder of its own, in LMDB.
//
// Every value carries a version and a checksum over name and value (state_record.h); one that fails is kCorrupt, with
// folder and entry. One process writes a folder (state_folder.h); others may look at it meanwhile (OpenForReading).
// Without sync (Options::sync = false, for a task with a changelog) a checkpoint survives the end of the process, but not
// a power failure: after one the state is not trusted, nothing of it is read, and Clear() makes it good again.
//
// LMDB trusts its file and may crash on a damaged page. Options::verify looks at everything first, in a child process
// (state_verify.h); it is done in any case if data.mdb is shorter than it should be.
//
// visit of ForEach and ForEachDue is called outside any transaction and may call the store; what it changes behind the
// place where it stands is seen. Memory: kVisitBytes of copies.
// Cost, CPU time with 1 M entries of 200 B (293 MiB): a Write of 10,000 random entries 65 ms (old values are read, the due
// index follows), Read 1.9 us, ForEach 0.3 us an entry; with sync the disk's time comes on top.
// One thread at a time. A process must not open a folder twice at a time, neither for reading.
// Tested by: tests/engine/lmdb_store_test.cc, lmdb_model_test.cc, lmdb_crash_test.cc, lmdb_disk_test.cc.
#ifndef SHRIKE_ENGINE_LMDB_LMDB_STORE_H_
#define SHRIKE_ENGINE_LMDB_LMDB_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/lmdb/lmdb_environment.h"
#include "engine/lmdb/state_folder.h"
#include "engine/lmdb/state_record.h"
#include "engine/state_store.h"

namespace shrike::engine {

class LmdbStore : public StateStore {
 public:
  struct Options {
    std::string folder;  // made if it is not there; its parent must be
    StateIdentity identity;
    bool sync = true;     // every Write survives a power failure
    bool verify = false;  // VerifyState first; a fault is kCorrupt
    bool clear = false;   // throw away what is there, whosever and however damaged it is
    std::size_t map_bytes = kMapBytesMin;
  };
  struct Opened {
    std::unique_ptr<LmdbStore> store;
    // False: written without sync before the machine was last started. Reads and writes are kCorrupt until Clear().
    bool trusted = true;
  };

  // Errors: kIo, also if another process has it; kCorrupt: of another application or task or a newer format, with what
  // was found and what was expected; damaged.
  static Result<Opened> Open(const Options& options);
  // For a look while another process may be writing: Write and Clear are not allowed (checked), each call sees one state,
  // the next call may see a newer one; ForEach may see several. Errors: as Open's; kIo: there is nothing.
  static Result<std::unique_ptr<LmdbStore>> OpenForReading(const std::string& folder);
  ~LmdbStore() override;

  Result<std::optional<std::string>> ReadHead() override;
  // Errors: kLimit, over kMapBytesMax. kIo on a full disk: the old state stands, call again later. kIo on a sync that
  // failed: must_exit() from then on, and every later Write says the same.
  Result<void> Write(std::string_view head, std::span<const StateChange> changes) override;
  Result<bool> Read(std::string_view name, std::string* value) override;
  Result<void> ForEach(std::string_view prefix, const Visit& visit) override;
  Result<void> ForEachDue(DueRange range, const Visit& visit) override;
  Result<TimestampMs> NextDue(TimestampMs after) override;
  // Removes the file: the space is given back. Works on any state, trusted or damaged.
  Result<void> Clear() override;

  // Opened without sync: what was written so far survives a power failure after all, until the next Write. For the end of
  // a process. No effect with sync.
  Result<void> MakeDurable();

  bool must_exit() const { return environment_ != nullptr && environment_->sync_failed(); }
  const StateIdentity& identity() const { return info_.identity; }
  // How many entries there are. Errors: kCorrupt, kIo.
  Result<std::uint64_t> EntryCount();
  // Bytes of the file in use or free for reuse.
  std::size_t used_bytes() const {
    return environment_ == nullptr ? 0 : environment_->used_bytes();
  }

 private:
  struct Copy {
    std::string name;
    std::string value;
    TimestampMs due = kTimeMax;
  };
  struct DueChange {
    std::string key;
    bool is_put = false;
  };
  // What a Write does to digest and due index.
  struct Effects {
    StateDigest digest;
    std::vector<DueChange> dues;
    std::string bytes;  // the memory is used again
  };

  LmdbStore(Options options, std::unique_ptr<StateFolder> folder)
      : options_(std::move(options)), folder_(std::move(folder)) {}

  using Transaction = LmdbEnvironment::Transaction;

  static Result<std::optional<StateInfo>> ReadInfo(const Options& options);
  Result<void> OpenEnvironment();
  Result<void> CheckUsable() const;
  // Before the first unsynced Write, and after the last one that is on the disk.
  Result<void> MarkUnsynced(bool unsynced);

  Result<HeadRecord> GetHead(Transaction* transaction, bool* is_there) const;
  Result<std::optional<EntryRecord>> GetEntry(Transaction* transaction,
                                              std::string_view name) const;
  Result<void> Apply(Transaction* transaction, const StateChange& change, Effects* effects) const;
  Error Damaged(std::string_view name) const;

  // Fills *copies with the next entries from the key `from` on (after it, if `after`); true: there may be more.
  Result<bool> CopyEntries(std::string_view prefix, const std::string& last,
                           std::vector<Copy>* copies);
  static std::string DueKeyAfter(TimestampMs after);
  Result<bool> CopyDue(TimestampMs time, const std::string& last, std::vector<Copy>* copies);

  Options options_;
  std::unique_ptr<StateFolder> folder_;  // null: only for reading
  StateInfo info_;
  std::string boot_id_;                           // of the machine as it runs; empty with sync
  std::unique_ptr<LmdbEnvironment> environment_;  // null: not trusted
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_LMDB_LMDB_STORE_H_
