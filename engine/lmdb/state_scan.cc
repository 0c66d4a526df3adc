#include "engine/lmdb/state_scan.h"

#include <fmt/format.h>

#include <optional>

#include "engine/lmdb/state_record.h"
#include "engine/state_store.h"

namespace shrike::engine {
namespace {

using Transaction = LmdbEnvironment::Transaction;

class Scanner {
 public:
  Scanner(Transaction* transaction, const StateScan& scan)
      : transaction_(transaction), scan_(scan) {}

  void Run() {
    Note(ScanEntries());
    Note(ScanDue());
    Note(CheckHead());
    Note(CheckCounts());
  }

  std::uint64_t entry_count() const { return digest_.entry_count; }

 private:
  void Note(const Result<void>& done) {
    if (!done) scan_.fault(done.error().message);
  }

  // Walks in ascending order only: a table that leads back to itself is no endless one.
  Result<void> Walk(LmdbTable table, const std::function<void(const LmdbPair&)>& look) {
    SHRIKE_TRY(LmdbCursor cursor, LmdbCursor::Open(transaction_, table));
    SHRIKE_TRY(std::optional<LmdbPair> pair, cursor.Seek({}));
    std::string last;
    while (pair) {
      scan_.visit(pair->key);
      if (!last.empty() && pair->key <= last) {
        return Fail(ErrorCode::kCorrupt,
                    fmt::format("entry {} comes after {}: the order of names is broken",
                                PrintableName(pair->key), PrintableName(last)));
      }
      last = pair->key;
      look(*pair);
      auto next = cursor.Next();
      if (!next) return tl::unexpected(std::move(next).error());
      pair = *next;
    }
    return {};
  }

  Result<void> ScanEntries() {
    return Walk(LmdbTable::kEntries, [this](const LmdbPair& pair) {
      const std::optional<EntryRecord> entry = DecodeEntry(pair.key, pair.value);
      if (!entry || pair.key.size() > kStateNameBytesMax) {
        digest_.Add(0);
        return scan_.fault(fmt::format("entry {} fails its checksum", PrintableName(pair.key)));
      }
      digest_.Add(entry->check);
      if (entry->due == kTimeMax) return;
      ++due_count_;
      const auto indexed = transaction_->Get(LmdbTable::kDue, EncodeDueKey(entry->due, pair.key));
      if (!indexed || !*indexed) {
        scan_.fault(fmt::format("entry {} is due at {}, but the due index does not have it",
                                PrintableName(pair.key), entry->due));
      }
    });
  }

  // Every entry that is due was found in the index: now nothing else may be there.
  Result<void> ScanDue() {
    std::uint64_t count = 0;
    SHRIKE_TRY_VOID(Walk(LmdbTable::kDue, [&count](const LmdbPair&) { ++count; }));
    if (count == due_count_) return {};
    return Fail(ErrorCode::kCorrupt,
                fmt::format("the due index has {} entries, {} are due", count, due_count_));
  }

  Result<void> CheckHead() {
    SHRIKE_TRY(const std::optional<std::string_view> bytes,
               transaction_->Get(LmdbTable::kHead, "head"));
    if (!bytes && digest_ == StateDigest()) return {};
    if (!bytes) return Fail(ErrorCode::kCorrupt, "there are entries, but no head");
    const std::optional<HeadRecord> head = DecodeHead(*bytes);
    if (!head) return Fail(ErrorCode::kCorrupt, "the head fails its checksum");
    if (head->digest == digest_) return {};
    return Fail(
        ErrorCode::kCorrupt,
        fmt::format("the head says {} entries with sum {:016x}, there are {} with sum {:016x}",
                    head->digest.entry_count, head->digest.check_sum, digest_.entry_count,
                    digest_.check_sum));
  }

  Result<void> CheckCounts() {
    SHRIKE_TRY(const std::uint64_t entries, transaction_->Count(LmdbTable::kEntries));
    SHRIKE_TRY(const std::uint64_t dues, transaction_->Count(LmdbTable::kDue));
    if (entries == digest_.entry_count && dues == due_count_) return {};
    return Fail(ErrorCode::kCorrupt,
                fmt::format("LMDB counts {} entries and {} due, there are {} and {}", entries, dues,
                            digest_.entry_count, due_count_));
  }

  Transaction* transaction_;
  const StateScan& scan_;
  StateDigest digest_;
  std::uint64_t due_count_ = 0;
};

}  // namespace

std::uint64_t ScanState(LmdbEnvironment* environment, const StateScan& scan) {
  std::uint64_t count = 0;
  const Result<void> viewed = environment->View([&](Transaction* transaction) -> Result<void> {
    Scanner scanner(transaction, scan);
    scanner.Run();
    count = scanner.entry_count();
    return {};
  });
  if (!viewed) scan.fault(viewed.error().message);
  return count;
}

std::string PrintableName(std::string_view name) {
  std::string text = "\"";
  for (const char byte : name) {
    const auto code = static_cast<unsigned char>(byte);
    if (code >= 0x20 && code < 0x7F && byte != '"' && byte != '\\') {
      text.push_back(byte);
    } else {
      text += fmt::format("\\x{:02x}", code);
    }
  }
  return text + "\"";
}

}  // namespace shrike::engine
