// LmdbEnvironment: one open LMDB environment with the three databases of a task's state; its transactions, its growth
// and its errors.
//
// LMDB's rules that show here: a process must not open one folder twice at a time; nobody may leave a read transaction
// open (the file would grow), which View sees to; the map grows only between transactions, which Update sees to.
// What LMDB calls damage is kCorrupt, everything else kIo. LMDB may also crash on a damaged file: state_verify.h.
// One thread at a time.
// Tested by: tests/engine/lmdb_store_test.cc, lmdb_disk_test.cc.
#ifndef SHRIKE_ENGINE_LMDB_LMDB_ENVIRONMENT_H_
#define SHRIKE_ENGINE_LMDB_LMDB_ENVIRONMENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace shrike::engine {

inline constexpr std::size_t kMapBytesMin = std::size_t{64} << 20;
inline constexpr std::size_t kMapBytesMax = std::size_t{1} << 42;  // 4 TiB; Update: kLimit beyond

enum class LmdbTable : std::uint8_t { kHead, kEntries, kDue };

// Keys and values are borrowed from the file until the transaction ends or writes.
struct LmdbPair {
  std::string_view key;
  std::string_view value;
};

class LmdbEnvironment {
 public:
  struct Options {
    std::string folder;
    bool sync = true;        // a commit survives a power failure
    bool read_only = false;  // data.mdb must be there; others may write meanwhile
    std::size_t map_bytes = kMapBytesMin;
  };

  // Passed to View and Update, and valid there only.
  class Transaction {
   public:
    // nullopt: there is no such key.
    Result<std::optional<std::string_view>> Get(LmdbTable table, std::string_view key);
    Result<void> Put(LmdbTable table, std::string_view key, std::string_view value);
    Result<void> Delete(LmdbTable table, std::string_view key);  // no error if it is not there
    // How many pairs the table says it has.
    Result<std::uint64_t> Count(LmdbTable table);

   private:
    friend class LmdbEnvironment;
    friend class LmdbCursor;
    Transaction(LmdbEnvironment* environment, MDB_txn* transaction)
        : environment_(environment), transaction_(transaction) {}

    LmdbEnvironment* environment_;
    MDB_txn* transaction_;
  };
  using Work = std::function<Result<void>(Transaction*)>;

  // Errors: kIo; kCorrupt, data.mdb is not LMDB's. Only IsShort and used_bytes may be called before OpenTables.
  static Result<std::unique_ptr<LmdbEnvironment>> Open(const Options& options);
  LmdbEnvironment(const LmdbEnvironment&) = delete;
  LmdbEnvironment& operator=(const LmdbEnvironment&) = delete;
  ~LmdbEnvironment();

  // Makes them in a new file. Errors: kIo, also if a file to read has none yet; kCorrupt.
  Result<void> OpenTables();

  // Runs the work on one consistent state; it calls neither View nor Update (checked). Errors: those of the work.
  Result<void> View(const Work& work);
  // Runs the work and commits, or takes everything back. The work is run again if the map has to grow.
  // Errors: those of the work; kIo, the disk is full (the old state stands; free space and call again) or a sync failed
  // (sync_failed() from then on: what is on the disk is not known, end the process); kLimit: kMapBytesMax.
  Result<void> Update(const Work& work);
  // Everything written so far survives a power failure. Errors: kIo, as above.
  Result<void> Sync();

  bool sync_failed() const { return sync_failed_; }
  std::size_t map_bytes() const { return map_bytes_; }
  // Bytes of data.mdb in use or free for reuse.
  std::size_t used_bytes() const;
  // data.mdb is shorter than LMDB's books say: cut off, or (seldom) its last pages are free.
  Result<bool> IsShort() const;

 private:
  friend class LmdbCursor;

  explicit LmdbEnvironment(Options options) : options_(std::move(options)) {}
  Result<void> Grow();
  // Runs the work in a write transaction once; *code: what LMDB said last.
  Result<void> TryUpdate(const Work& work, int* code);
  Error Failure(std::string_view what, int code);
  Error CommitFailure(int code);

  Options options_;
  MDB_env* environment_ = nullptr;
  MDB_txn* reader_ = nullptr;  // used again by every View; reset between
  unsigned tables_[3] = {};
  std::size_t map_bytes_ = 0;
  int code_ = 0;  // of the last Failure
  bool sync_failed_ = false;
  bool in_view_ = false;
};

// Walks over a table in the order of keys. Lives within one View or Update.
class LmdbCursor {
 public:
  static Result<LmdbCursor> Open(LmdbEnvironment::Transaction* transaction, LmdbTable table);
  LmdbCursor(LmdbCursor&& other) noexcept;
  LmdbCursor& operator=(LmdbCursor&&) = delete;
  ~LmdbCursor();

  // The first pair with key >= `key` (empty: the first of all); nullopt: there is none.
  Result<std::optional<LmdbPair>> Seek(std::string_view key);
  Result<std::optional<LmdbPair>> Next();

 private:
  LmdbCursor(LmdbEnvironment* environment, MDB_cursor* cursor)
      : environment_(environment), cursor_(cursor) {}
  Result<std::optional<LmdbPair>> Move(std::string_view key, int operation);

  LmdbEnvironment* environment_;
  MDB_cursor* cursor_;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_LMDB_LMDB_ENVIRONMENT_H_
