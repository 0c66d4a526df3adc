#include "engine/lmdb/lmdb_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "engine/lmdb/state_scan.h"
#include "engine/lmdb/state_verify.h"

namespace shrike::engine {
namespace {

constexpr std::string_view kHeadKey = "head";              // in the table of the same name
constexpr std::size_t kVisitBytes = std::size_t{1} << 18;  // copied at a time for visit

Result<void> RequireGood(const std::string& folder) {
  SHRIKE_TRY(const StateReport report, VerifyState(folder, 1));
  if (report.good()) return {};
  return Fail(ErrorCode::kCorrupt, fmt::format("the state in {} is damaged: {} (faults found: {})",
                                               folder, report.faults.front(), report.fault_count));
}

// data.mdb that is cut off crashes whoever reads it: if it looks so, a child reads it first.
Result<std::unique_ptr<LmdbEnvironment>> OpenChecked(const LmdbEnvironment::Options& options) {
  SHRIKE_TRY(std::unique_ptr<LmdbEnvironment> environment, LmdbEnvironment::Open(options));
  SHRIKE_TRY(const bool is_short, environment->IsShort());
  if (is_short) {
    environment.reset();
    SHRIKE_TRY_VOID(RequireGood(options.folder));
    SHRIKE_TRY(environment, LmdbEnvironment::Open(options));
  }
  SHRIKE_TRY_VOID(environment->OpenTables());
  return environment;
}

}  // namespace

// ---- Opening.

LmdbStore::~LmdbStore() = default;

// nullopt: the folder is new.
Result<std::optional<StateInfo>> LmdbStore::ReadInfo(const Options& options) {
  SHRIKE_TRY(std::optional<StateInfo> info, ReadStateInfo(options.folder));
  if (!info || info->identity == options.identity) return info;
  return Fail(ErrorCode::kCorrupt,
              fmt::format("{} holds the state of application {}, task {}, not of application {}, "
                          "task {}",
                          options.folder, info->identity.application, info->identity.task,
                          options.identity.application, options.identity.task));
}

Result<LmdbStore::Opened> LmdbStore::Open(const Options& options) {
  SHRIKE_TRY(std::unique_ptr<StateFolder> folder, StateFolder::Lock(options.folder));
  Opened opened;
  opened.store.reset(new LmdbStore(options, std::move(folder)));
  LmdbStore& store = *opened.store;
  store.info_.identity = options.identity;
  SHRIKE_TRY(store.boot_id_, ReadBootId());
  if (options.clear) {
    SHRIKE_TRY_VOID(store.Clear());
    return opened;
  }
  SHRIKE_TRY(std::optional<StateInfo> info, ReadInfo(options));
  SHRIKE_TRY(const bool has_data, store.folder_->HasData());
  if (info) {
    store.info_ = std::move(*info);
  } else if (has_data) {
    return Fail(
        ErrorCode::kCorrupt,
        fmt::format("{} has a data.mdb, but no state.info that says whose", options.folder));
  } else {
    SHRIKE_TRY_VOID(store.folder_->Write(store.info_));
  }
  const std::string& boot = store.info_.unsynced_boot;
  opened.trusted = boot.empty() || boot == store.boot_id_;
  if (!opened.trusted) return opened;
  if (options.verify && has_data) SHRIKE_TRY_VOID(RequireGood(options.folder));
  SHRIKE_TRY_VOID(store.OpenEnvironment());
  return opened;
}

Result<std::unique_ptr<LmdbStore>> LmdbStore::OpenForReading(const std::string& folder) {
  SHRIKE_TRY(std::optional<StateInfo> info, ReadStateInfo(folder));
  if (!info) return Fail(ErrorCode::kIo, fmt::format("there is no state in {}", folder));
  Options options;
  options.folder = folder;
  std::unique_ptr<LmdbStore> store(new LmdbStore(std::move(options), nullptr));
  store->info_ = std::move(*info);
  SHRIKE_TRY(const std::string boot_id, ReadBootId());
  const std::string& boot = store->info_.unsynced_boot;
  if (!boot.empty() && boot != boot_id) return tl::unexpected(store->CheckUsable().error());
  LmdbEnvironment::Options inner;
  inner.folder = folder;
  inner.read_only = true;
  SHRIKE_TRY(store->environment_, OpenChecked(inner));
  return store;
}

Result<void> LmdbStore::OpenEnvironment() {
  LmdbEnvironment::Options inner;
  inner.folder = options_.folder;
  inner.sync = options_.sync;
  inner.map_bytes = options_.map_bytes;
  if (!options_.sync) SHRIKE_TRY_VOID(MarkUnsynced(true));
  SHRIKE_TRY(environment_, OpenChecked(inner));
  if (!options_.sync || info_.unsynced_boot.empty()) return {};
  // Written without sync, since the machine was started, and good: from now on it is on the disk.
  SHRIKE_TRY_VOID(environment_->Sync());
  return MarkUnsynced(false);
}

Result<void> LmdbStore::MarkUnsynced(bool unsynced) {
  StateInfo info = info_;
  info.unsynced_boot = unsynced ? boot_id_ : std::string();
  if (info.unsynced_boot == info_.unsynced_boot) return {};
  SHRIKE_TRY_VOID(folder_->Write(info));
  info_ = std::move(info);
  return {};
}

Result<void> LmdbStore::MakeDurable() {
  SHRIKE_CHECK(folder_ != nullptr);
  SHRIKE_TRY_VOID(CheckUsable());
  if (options_.sync) return {};
  SHRIKE_TRY_VOID(environment_->Sync());
  return MarkUnsynced(false);
}

Result<void> LmdbStore::Clear() {
  SHRIKE_CHECK(folder_ != nullptr);
  environment_.reset();
  SHRIKE_TRY_VOID(folder_->RemoveData());
  info_.unsynced_boot.clear();
  SHRIKE_TRY_VOID(folder_->Write(info_));
  return OpenEnvironment();
}

Result<void> LmdbStore::CheckUsable() const {
  if (environment_ != nullptr) return {};
  return Fail(ErrorCode::kCorrupt,
              fmt::format("the state in {} was written without sync before this machine was last "
                          "started: it may be torn and is not used",
                          options_.folder));
}

Error LmdbStore::Damaged(std::string_view name) const {
  return {ErrorCode::kCorrupt,
          fmt::format("the state in {} is damaged: {} fails its checksum", options_.folder, name)};
}

// ---- Writing.

Result<HeadRecord> LmdbStore::GetHead(Transaction* transaction, bool* is_there) const {
  SHRIKE_TRY(const std::optional<std::string_view> bytes,
             transaction->Get(LmdbTable::kHead, kHeadKey));
  *is_there = bytes.has_value();
  if (!bytes) return HeadRecord{};
  const std::optional<HeadRecord> head = DecodeHead(*bytes);
  if (!head) return tl::unexpected(Damaged("the head"));
  return *head;
}

Result<std::optional<EntryRecord>> LmdbStore::GetEntry(Transaction* transaction,
                                                       std::string_view name) const {
  SHRIKE_TRY(const std::optional<std::string_view> bytes,
             transaction->Get(LmdbTable::kEntries, name));
  if (!bytes) return std::optional<EntryRecord>();
  std::optional<EntryRecord> entry = DecodeEntry(name, *bytes);
  if (!entry) return tl::unexpected(Damaged("entry " + PrintableName(name)));
  return entry;
}

Result<void> LmdbStore::Apply(Transaction* transaction, const StateChange& change,
                              Effects* effects) const {
  SHRIKE_TRY(const std::optional<EntryRecord> old, GetEntry(transaction, change.name));
  const TimestampMs due_old = old ? old->due : kTimeMax;
  const TimestampMs due_new = change.value ? change.due : kTimeMax;
  if (old) effects->digest.Remove(old->check);
  if (change.value) {
    effects->digest.Add(EncodeEntry(change.name, {*change.value, due_new, 0}, &effects->bytes));
    SHRIKE_TRY_VOID(transaction->Put(LmdbTable::kEntries, change.name, effects->bytes));
  } else if (old) {
    SHRIKE_TRY_VOID(transaction->Delete(LmdbTable::kEntries, change.name));
  }
  if (due_old == due_new) return {};
  if (due_old != kTimeMax) effects->dues.push_back({EncodeDueKey(due_old, change.name), false});
  if (due_new != kTimeMax) effects->dues.push_back({EncodeDueKey(due_new, change.name), true});
  return {};
}

Result<void> LmdbStore::Write(std::string_view head, std::span<const StateChange> changes) {
  SHRIKE_CHECK(folder_ != nullptr);
  SHRIKE_TRY_VOID(CheckUsable());
  // In the order of names LMDB finds its page again: a third of the time of any order.
  std::vector<const StateChange*> sorted;
  sorted.reserve(changes.size());
  for (const StateChange& change : changes) {
    SHRIKE_CHECK(!change.name.empty() && change.name.size() <= kStateNameBytesMax);
    sorted.push_back(&change);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const StateChange* a, const StateChange* b) { return a->name < b->name; });
  const auto twin = std::adjacent_find(
      sorted.begin(), sorted.end(),
      [](const StateChange* a, const StateChange* b) { return a->name == b->name; });
  SHRIKE_CHECK(twin == sorted.end());
  if (!options_.sync) SHRIKE_TRY_VOID(MarkUnsynced(true));

  return environment_->Update([&](Transaction* transaction) -> Result<void> {
    bool is_there = false;
    SHRIKE_TRY(const HeadRecord before, GetHead(transaction, &is_there));
    Effects effects;
    effects.digest = before.digest;
    for (const StateChange* change : sorted) SHRIKE_TRY_VOID(Apply(transaction, *change, &effects));
    std::sort(effects.dues.begin(), effects.dues.end(),
              [](const DueChange& a, const DueChange& b) { return a.key < b.key; });
    for (const DueChange& due : effects.dues) {
      SHRIKE_TRY_VOID(due.is_put ? transaction->Put(LmdbTable::kDue, due.key, {})
                                 : transaction->Delete(LmdbTable::kDue, due.key));
    }
    return transaction->Put(LmdbTable::kHead, kHeadKey, EncodeHead({head, effects.digest}));
  });
}

// ---- Reading.

Result<std::optional<std::string>> LmdbStore::ReadHead() {
  SHRIKE_TRY_VOID(CheckUsable());
  std::optional<std::string> head;
  SHRIKE_TRY_VOID(environment_->View([&](Transaction* transaction) -> Result<void> {
    bool is_there = false;
    SHRIKE_TRY(const HeadRecord record, GetHead(transaction, &is_there));
    if (is_there) head.emplace(record.head);
    return {};
  }));
  return head;
}

Result<std::uint64_t> LmdbStore::EntryCount() {
  SHRIKE_TRY_VOID(CheckUsable());
  std::uint64_t count = 0;
  SHRIKE_TRY_VOID(environment_->View([&](Transaction* transaction) -> Result<void> {
    bool is_there = false;
    SHRIKE_TRY(const HeadRecord record, GetHead(transaction, &is_there));
    count = record.digest.entry_count;
    return {};
  }));
  return count;
}

Result<bool> LmdbStore::Read(std::string_view name, std::string* value) {
  SHRIKE_CHECK(!name.empty() && name.size() <= kStateNameBytesMax);
  SHRIKE_TRY_VOID(CheckUsable());
  bool is_there = false;
  SHRIKE_TRY_VOID(environment_->View([&](Transaction* transaction) -> Result<void> {
    SHRIKE_TRY(const std::optional<EntryRecord> entry, GetEntry(transaction, name));
    is_there = entry.has_value();
    if (entry) value->assign(entry->value);
    return {};
  }));
  return is_there;
}

Result<bool> LmdbStore::CopyEntries(std::string_view prefix, const std::string& last,
                                    std::vector<Copy>* copies) {
  bool is_full = false;
  SHRIKE_TRY_VOID(environment_->View([&](Transaction* transaction) -> Result<void> {
    SHRIKE_TRY(LmdbCursor cursor, LmdbCursor::Open(transaction, LmdbTable::kEntries));
    SHRIKE_TRY(std::optional<LmdbPair> pair, cursor.Seek(last.empty() ? prefix : last));
    if (pair && pair->key == last) {
      SHRIKE_TRY(pair, cursor.Next());
    }
    std::size_t size = 0;
    while (pair && pair->key.starts_with(prefix)) {
      const std::string_view before =
          copies->empty() ? std::string_view(last) : copies->back().name;
      const std::optional<EntryRecord> entry = DecodeEntry(pair->key, pair->value);
      // Names that do not ascend would never end.
      if (!entry || pair->key <= before)
        return tl::unexpected(Damaged("entry " + PrintableName(pair->key)));
      copies->push_back({std::string(pair->key), std::string(entry->value), entry->due});
      size += pair->key.size() + pair->value.size();
      is_full = size > kVisitBytes;
      if (is_full) return {};
      SHRIKE_TRY(pair, cursor.Next());
    }
    return {};
  }));
  return is_full;
}

Result<void> LmdbStore::ForEach(std::string_view prefix, const Visit& visit) {
  SHRIKE_TRY_VOID(CheckUsable());
  std::string last;
  for (bool more = true; more;) {
    std::vector<Copy> copies;
    SHRIKE_TRY(more, CopyEntries(prefix, last, &copies));
    for (const Copy& copy : copies) {
      if (!visit({copy.name, copy.value, copy.due})) return {};
    }
    if (more) last = copies.back().name;
  }
  return {};
}

Result<bool> LmdbStore::CopyDue(TimestampMs time, const std::string& last,
                                std::vector<Copy>* copies) {
  bool is_full = false;
  SHRIKE_TRY_VOID(environment_->View([&](Transaction* transaction) -> Result<void> {
    SHRIKE_TRY(LmdbCursor cursor, LmdbCursor::Open(transaction, LmdbTable::kDue));
    SHRIKE_TRY(std::optional<LmdbPair> pair, cursor.Seek(last));
    if (pair && pair->key == last) {
      SHRIKE_TRY(pair, cursor.Next());
    }
    std::size_t size = 0;
    std::string before = last;
    while (pair) {
      const std::optional<DueKey> key = DecodeDueKey(pair->key);
      if (!key || pair->key <= before || key->name.size() > kStateNameBytesMax)
        return tl::unexpected(Damaged("the due index"));
      if (key->due > time) return {};
      SHRIKE_TRY(const std::optional<EntryRecord> entry, GetEntry(transaction, key->name));
      if (!entry || entry->due != key->due)
        return tl::unexpected(Damaged("the due index at " + PrintableName(key->name)));
      copies->push_back({std::string(key->name), std::string(entry->value), key->due});
      size += pair->key.size() + entry->value.size();
      is_full = size > kVisitBytes;
      if (is_full) return {};
      before = pair->key;
      SHRIKE_TRY(pair, cursor.Next());
    }
    return {};
  }));
  return is_full;
}

// The first key of the due index that may be later than `after`.
std::string LmdbStore::DueKeyAfter(TimestampMs after) {
  return after == kTimeMin ? std::string() : EncodeDueKey(after + 1, {});
}

Result<void> LmdbStore::ForEachDue(DueRange range, const Visit& visit) {
  SHRIKE_TRY_VOID(CheckUsable());
  if (range.after >= range.until) return {};
  std::string last = DueKeyAfter(range.after);
  for (bool more = true; more;) {
    std::vector<Copy> copies;
    SHRIKE_TRY(more, CopyDue(range.until, last, &copies));
    for (const Copy& copy : copies) {
      if (!visit({copy.name, copy.value, copy.due})) return {};
    }
    if (more) last = EncodeDueKey(copies.back().due, copies.back().name);
  }
  return {};
}

Result<TimestampMs> LmdbStore::NextDue(TimestampMs after) {
  SHRIKE_TRY_VOID(CheckUsable());
  if (after == kTimeMax) return kTimeMax;
  TimestampMs due = kTimeMax;
  SHRIKE_TRY_VOID(environment_->View([&](Transaction* transaction) -> Result<void> {
    SHRIKE_TRY(LmdbCursor cursor, LmdbCursor::Open(transaction, LmdbTable::kDue));
    SHRIKE_TRY(const std::optional<LmdbPair> pair, cursor.Seek(DueKeyAfter(after)));
    if (!pair) return {};
    const std::optional<DueKey> key = DecodeDueKey(pair->key);
    if (!key) return tl::unexpected(Damaged("the due index"));
    due = key->due;
    return {};
  }));
  return due;
}

}  // namespace shrike::engine
