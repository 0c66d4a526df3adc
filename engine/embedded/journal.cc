#include "engine/embedded/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace shrike::engine {
namespace {

constexpr std::size_t kFileHeadBytes = 16;
constexpr std::size_t kFrameHeadBytes = 16;

std::string FileHead() {
  std::string head(kJournalMagic);
  ByteWriter(&head).Add(kJournalVersion);
  head.resize(kFileHeadBytes, '\0');
  return head;
}

// The place is part of it: a frame that was copied elsewhere is no frame.
std::uint32_t SizeCheck(std::uint32_t size, std::uint64_t offset) {
  return static_cast<std::uint32_t>(
      Hash64({reinterpret_cast<const char*>(&size), sizeof size}, offset));
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

// What stands at one place of the file.
enum class Found : std::uint8_t { kFrame, kTorn, kDamaged, kUnreadable };

class FrameReader {
 public:
  FrameReader(OpenFile file, std::uint64_t size) : file_(std::move(file)), left_(size) {}

  // Up to `size` bytes to *bytes; false: the file cannot be read.
  bool Take(std::size_t size, std::string* bytes) {
    bytes->resize(size);
    bytes->resize(std::fread(bytes->data(), 1, size, file_.get()));
    left_ -= bytes->size();
    return std::ferror(file_.get()) == 0;
  }

  Found Next(std::uint64_t offset) {
    if (left_ < kFrameHeadBytes) return Found::kTorn;
    if (!Take(kFrameHeadBytes, &head_) || head_.size() != kFrameHeadBytes)
      return Found::kUnreadable;
    ByteReader reader(head_);
    const auto size = reader.Get<std::uint32_t>();
    const auto check = reader.Get<std::uint32_t>();
    const auto hash = reader.Get<std::uint64_t>();
    if (check != SizeCheck(size, offset) || size > kJournalFrameBytesMax)
      return RestIsZero() ? Found::kTorn : Found::kDamaged;
    if (size > left_) return Found::kTorn;
    if (!Take(size, &payload_) || payload_.size() != size) return Found::kUnreadable;
    if (Hash64(payload_, offset) == hash) return Found::kFrame;
    return left_ == 0 ? Found::kTorn : Found::kDamaged;
  }

  const std::string& payload() const { return payload_; }
  std::uint64_t left() const { return left_; }

 private:
  bool RestIsZero() {
    std::string block = head_;
    do {
      if (std::any_of(block.begin(), block.end(), [](char byte) { return byte != 0; }))
        return false;
      if (!Take(1 << 16, &block)) return false;
    } while (!block.empty());
    return true;
  }

  OpenFile file_;
  std::uint64_t left_;  // bytes of the file that were not read yet
  std::string head_;
  std::string payload_;
};

}  // namespace

Journal::~Journal() { ::close(file_); }

Error Journal::Failure(std::string_view what) const {
  return {ErrorCode::kIo, fmt::format("cannot {} {}: {}", what, options_.path, strerror(errno))};
}

Result<std::unique_ptr<Journal>> Journal::Open(const Options& options, const Visit& visit) {
  const int file = ::open(options.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  std::unique_ptr<Journal> journal(new Journal(options, file));
  if (file < 0) return tl::unexpected(journal->Failure("open"));
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return Fail(ErrorCode::kIo,
                fmt::format("{} is in use by another process; end that one first", options.path));
  }
  struct stat status = {};
  if (::fstat(file, &status) != 0) return tl::unexpected(journal->Failure("look at"));
  journal->size_ = static_cast<std::uint64_t>(status.st_size);
  if (journal->size_ >= kFileHeadBytes) {
    SHRIKE_TRY_VOID(journal->Load(visit));
  } else {
    SHRIKE_TRY_VOID(journal->Start());
  }
  if (::lseek(file, static_cast<off_t>(journal->size_), SEEK_SET) < 0)
    return tl::unexpected(journal->Failure("seek in"));
  return journal;
}

// A file shorter than its head was never used: nothing is appended before the head is there.
Result<void> Journal::Start() {
  bytes_cut_ = size_;
  if (::ftruncate(file_, 0) != 0) return tl::unexpected(Failure("empty"));
  size_ = 0;
  return Write(FileHead());
}

Result<void> Journal::Load(const Visit& visit) {
  const int again = ::open(options_.path.c_str(), O_RDONLY | O_CLOEXEC);
  OpenFile file(again < 0 ? nullptr : ::fdopen(again, "rb"));
  if (file == nullptr) return tl::unexpected(Failure("open"));
  FrameReader reader(std::move(file), size_);
  std::string head;
  if (!reader.Take(kFileHeadBytes, &head)) return tl::unexpected(Failure("read"));
  if (head != FileHead()) {
    return Fail(ErrorCode::kCorrupt,
                fmt::format("{} is no journal of format {}", options_.path, kJournalVersion));
  }
  std::uint64_t offset = kFileHeadBytes;
  Found found = Found::kFrame;
  while (reader.left() > 0 && (found = reader.Next(offset)) == Found::kFrame) {
    SHRIKE_TRY_VOID(visit(reader.payload(), offset));
    offset += kFrameHeadBytes + reader.payload().size();
  }
  if (found == Found::kUnreadable) return tl::unexpected(Failure("read"));
  if (found == Found::kDamaged) {
    return Fail(ErrorCode::kCorrupt,
                fmt::format("{} is damaged at byte {}: a frame fails its checksum and others "
                            "follow it; put back a copy of the file",
                            options_.path, offset));
  }
  bytes_cut_ = size_ - offset;
  if (bytes_cut_ > 0 && ::ftruncate(file_, static_cast<off_t>(offset)) != 0)
    return tl::unexpected(Failure("cut the torn end off"));
  size_ = offset;
  return {};
}

Result<void> Journal::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(Failure("write to"));
    bytes.remove_prefix(static_cast<std::size_t>(count));
    size_ += static_cast<std::uint64_t>(count);
  }
  if (options_.sync && ::fdatasync(file_) != 0) return tl::unexpected(Failure("sync"));
  return {};
}

Result<void> Journal::Append(std::string_view payload) {
  if (!failure_.empty()) return Fail(ErrorCode::kIo, failure_);
  if (payload.size() > kJournalFrameBytesMax) {
    return Fail(ErrorCode::kLimit,
                fmt::format("a change of {} bytes exceeds the limit of {} ({})", payload.size(),
                            kJournalFrameBytesMax, options_.path));
  }
  const auto size = static_cast<std::uint32_t>(payload.size());
  frame_.clear();
  ByteWriter writer(&frame_);
  writer.Add(size);
  writer.Add(SizeCheck(size, size_));
  writer.Add(Hash64(payload, size_));
  frame_.append(payload);
  Result<void> written = Write(frame_);
  if (!written) failure_ = written.error().message;
  return written;
}

}  // namespace shrike::engine
