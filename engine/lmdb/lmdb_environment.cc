#include "engine/lmdb/lmdb_environment.h"

#include <fmt/format.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace shrike::engine {
namespace {

constexpr std::array<const char*, 3> kTableNames = {"head", "entries", "due"};
constexpr std::size_t kFreeBytesLow = std::size_t{1} << 20;  // less is a full disk

MDB_val ToVal(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }

std::string_view ToView(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

bool IsDamage(int code) {
  switch (code) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
    case MDB_CURSOR_FULL:
    case MDB_PAGE_FULL:
    case MDB_BAD_TXN:
    case MDB_BAD_VALSIZE:
      return true;
    default:
      return false;
  }
}

// Bytes that this process may still write to the disk; nullopt: not known.
std::optional<std::uint64_t> FreeBytes(const std::string& folder) {
  struct statvfs status = {};
  if (::statvfs(folder.c_str(), &status) != 0) return std::nullopt;
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

}  // namespace

// ---- Opening and closing.

Result<std::unique_ptr<LmdbEnvironment>> LmdbEnvironment::Open(const Options& options) {
  std::unique_ptr<LmdbEnvironment> opened(new LmdbEnvironment(options));
  int code = mdb_env_create(&opened->environment_);
  if (code != 0) return tl::unexpected(opened->Failure("open the state in", code));
  MDB_env* const environment = opened->environment_;
  mdb_env_set_maxdbs(environment, kTableNames.size());
  code = mdb_env_set_mapsize(environment, options.map_bytes);
  // NOTLS: the one who writes checkpoints may be another thread than the one who opened.
  unsigned flags = MDB_NOTLS;
  if (!options.sync) flags |= MDB_NOSYNC;
  if (options.read_only) flags |= MDB_RDONLY;
  if (code == 0) code = mdb_env_open(environment, options.folder.c_str(), flags, 0666);
  if (code != 0) return tl::unexpected(opened->Failure("open the state in", code));
  MDB_envinfo info = {};
  mdb_env_info(environment, &info);
  opened->map_bytes_ = info.me_mapsize;
  return opened;
}

LmdbEnvironment::~LmdbEnvironment() {
  if (reader_ != nullptr) mdb_txn_abort(reader_);
  if (environment_ != nullptr) mdb_env_close(environment_);
}

// They are made all at once. If some are there and one is not, its name is damaged: to make it anew would lose the state.
Result<void> LmdbEnvironment::OpenTables() {
  MDB_stat stat = {};
  mdb_env_stat(environment_, &stat);
  const bool is_new = stat.ms_entries == 0;
  MDB_txn* transaction = nullptr;
  int code =
      mdb_txn_begin(environment_, nullptr, options_.read_only ? MDB_RDONLY : 0, &transaction);
  for (std::size_t i = 0; code == 0 && i < kTableNames.size(); ++i) {
    code = mdb_dbi_open(transaction, kTableNames.at(i),
                        is_new && !options_.read_only ? MDB_CREATE : 0, &tables_[i]);
  }
  if (code == 0) {
    code = mdb_txn_commit(transaction);
    return code == 0 ? Result<void>() : tl::unexpected(CommitFailure(code));
  }
  if (transaction != nullptr) mdb_txn_abort(transaction);
  if (code == MDB_NOTFOUND && is_new)
    return Fail(ErrorCode::kIo, fmt::format("there is no state in {} yet", options_.folder));
  if (code == MDB_NOTFOUND) code = MDB_CORRUPTED;
  return tl::unexpected(Failure("open the state in", code));
}

std::size_t LmdbEnvironment::used_bytes() const {
  MDB_envinfo info = {};
  MDB_stat stat = {};
  mdb_env_info(environment_, &info);
  mdb_env_stat(environment_, &stat);
  return (info.me_last_pgno + 1) * stat.ms_psize;
}

Result<bool> LmdbEnvironment::IsShort() const {
  struct stat status = {};
  const std::string path = options_.folder + "/data.mdb";
  if (::stat(path.c_str(), &status) != 0)
    return Fail(ErrorCode::kIo, fmt::format("cannot look at {}: {}", path, strerror(errno)));
  return static_cast<std::size_t>(status.st_size) < used_bytes();
}

// ---- Errors.

Error LmdbEnvironment::Failure(std::string_view what, int code) {
  code_ = code;
  return {IsDamage(code) ? ErrorCode::kCorrupt : ErrorCode::kIo,
          fmt::format("cannot {} {}/data.mdb: {}", what, options_.folder, mdb_strerror(code))};
}

// LMDB says EIO both for a write that the disk had no room for and for a sync that failed.
Error LmdbEnvironment::CommitFailure(int code) {
  // MDB_PANIC: the page that makes a commit count could not be written, or an earlier one.
  if (code != EIO && code != ENOSPC && code != EDQUOT && code != MDB_PANIC)
    return Failure("write to", code);
  code_ = code;
  const std::optional<std::uint64_t> free = FreeBytes(options_.folder);
  if (code == ENOSPC || code == EDQUOT || (code == EIO && free && *free < kFreeBytesLow)) {
    return {ErrorCode::kIo,
            fmt::format("the disk of {} is full ({} bytes free, {}): nothing was lost; free some "
                        "space",
                        options_.folder, free.value_or(0), mdb_strerror(code))};
  }
  sync_failed_ = true;
  return {
      ErrorCode::kIo,
      fmt::format("a sync of {}/data.mdb failed ({}): what is on the disk is not known; look at "
                  "the disk, then start again",
                  options_.folder, mdb_strerror(code))};
}

// ---- Transactions.

Result<void> LmdbEnvironment::View(const Work& work) {
  SHRIKE_CHECK(!in_view_);
  int code = reader_ == nullptr ? mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reader_)
                                : mdb_txn_renew(reader_);
  if (code == MDB_MAP_RESIZED) {
    // Another process has let it grow: take its size.
    if (reader_ != nullptr) mdb_txn_abort(std::exchange(reader_, nullptr));
    code = mdb_env_set_mapsize(environment_, 0);
    if (code == 0) code = mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reader_);
  }
  if (code != 0) return tl::unexpected(Failure("read", code));
  Transaction transaction(this, reader_);
  in_view_ = true;
  Result<void> done = work(&transaction);
  in_view_ = false;
  mdb_txn_reset(reader_);
  return done;
}

Result<void> LmdbEnvironment::Update(const Work& work) {
  SHRIKE_CHECK(!options_.read_only && !in_view_);
  if (sync_failed_) return tl::unexpected(CommitFailure(EIO));
  int dead = 0;
  mdb_reader_check(environment_,
                   &dead);  // Of `state show` that was killed: it would pin old pages.
  if (used_bytes() > map_bytes_ / 10 * 7) SHRIKE_TRY_VOID(Grow());
  for (;;) {
    int code = 0;
    Result<void> done = TryUpdate(work, &code);
    if (done || code != MDB_MAP_FULL) return done;
    SHRIKE_TRY_VOID(Grow());
  }
}

Result<void> LmdbEnvironment::TryUpdate(const Work& work, int* code) {
  MDB_txn* transaction = nullptr;
  *code = mdb_txn_begin(environment_, nullptr, 0, &transaction);
  if (*code != 0) return tl::unexpected(Failure("write to", *code));
  code_ = 0;
  Transaction handle(this, transaction);
  Result<void> done = work(&handle);
  if (!done) {
    mdb_txn_abort(transaction);
    *code = code_;
    return done;
  }
  *code = mdb_txn_commit(transaction);
  if (*code != 0) return tl::unexpected(CommitFailure(*code));
  return {};
}

Result<void> LmdbEnvironment::Grow() {
  const std::size_t next = map_bytes_ * 2;
  if (next > kMapBytesMax) {
    return Fail(ErrorCode::kLimit, fmt::format("the state in {} needs a map of more than {} bytes",
                                               options_.folder, kMapBytesMax));
  }
  const int code = mdb_env_set_mapsize(environment_, next);
  if (code != 0) return tl::unexpected(Failure("get more address space for", code));
  map_bytes_ = next;
  return {};
}

Result<void> LmdbEnvironment::Sync() {
  const int code = mdb_env_sync(environment_, /*force=*/1);
  if (code != 0) return tl::unexpected(CommitFailure(code));
  return {};
}

Result<std::optional<std::string_view>> LmdbEnvironment::Transaction::Get(LmdbTable table,
                                                                          std::string_view key) {
  MDB_val wanted = ToVal(key);
  MDB_val value = {};
  const int code = mdb_get(transaction_, environment_->tables_[static_cast<std::size_t>(table)],
                           &wanted, &value);
  if (code == MDB_NOTFOUND) return std::optional<std::string_view>();
  if (code != 0) return tl::unexpected(environment_->Failure("read", code));
  return std::optional<std::string_view>(ToView(value));
}

Result<void> LmdbEnvironment::Transaction::Put(LmdbTable table, std::string_view key,
                                               std::string_view value) {
  MDB_val name = ToVal(key);
  MDB_val content = ToVal(value);
  const int code = mdb_put(transaction_, environment_->tables_[static_cast<std::size_t>(table)],
                           &name, &content, 0);
  if (code != 0) return tl::unexpected(environment_->Failure("write to", code));
  return {};
}

Result<void> LmdbEnvironment::Transaction::Delete(LmdbTable table, std::string_view key) {
  MDB_val name = ToVal(key);
  const int code =
      mdb_del(transaction_, environment_->tables_[static_cast<std::size_t>(table)], &name, nullptr);
  if (code != 0 && code != MDB_NOTFOUND)
    return tl::unexpected(environment_->Failure("write to", code));
  return {};
}

Result<std::uint64_t> LmdbEnvironment::Transaction::Count(LmdbTable table) {
  MDB_stat stat = {};
  const int code =
      mdb_stat(transaction_, environment_->tables_[static_cast<std::size_t>(table)], &stat);
  if (code != 0) return tl::unexpected(environment_->Failure("read", code));
  return stat.ms_entries;
}

// ---- Cursors.

Result<LmdbCursor> LmdbCursor::Open(LmdbEnvironment::Transaction* transaction, LmdbTable table) {
  LmdbEnvironment* const environment = transaction->environment_;
  MDB_cursor* cursor = nullptr;
  const int code = mdb_cursor_open(transaction->transaction_,
                                   environment->tables_[static_cast<std::size_t>(table)], &cursor);
  if (code != 0) return tl::unexpected(environment->Failure("read", code));
  return LmdbCursor(environment, cursor);
}

LmdbCursor::LmdbCursor(LmdbCursor&& other) noexcept
    : environment_(other.environment_), cursor_(std::exchange(other.cursor_, nullptr)) {}

LmdbCursor::~LmdbCursor() {
  if (cursor_ != nullptr) mdb_cursor_close(cursor_);
}

Result<std::optional<LmdbPair>> LmdbCursor::Seek(std::string_view key) {
  return Move(key, key.empty() ? MDB_FIRST : MDB_SET_RANGE);
}

Result<std::optional<LmdbPair>> LmdbCursor::Next() { return Move({}, MDB_NEXT); }

Result<std::optional<LmdbPair>> LmdbCursor::Move(std::string_view key, int operation) {
  MDB_val name = ToVal(key);
  MDB_val value = {};
  const int code = mdb_cursor_get(cursor_, &name, &value, static_cast<MDB_cursor_op>(operation));
  if (code == MDB_NOTFOUND) return std::optional<LmdbPair>();
  if (code != 0) return tl::unexpected(environment_->Failure("read", code));
  return std::optional<LmdbPair>({ToView(name), ToView(value)});
}

}  // namespace shrike::engine
