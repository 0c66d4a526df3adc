#include "engine/lmdb/state_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/hash.h"

namespace shrike::engine {
namespace {

constexpr std::string_view kInfoFile = "/state.info";
constexpr std::string_view kLockFile = "/shrike.lock";
constexpr std::size_t kSmallFileBytesMax = std::size_t{1} << 16;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

Error IoError(std::string_view what, const std::string& path) {
  return {ErrorCode::kIo, fmt::format("cannot {} {}: {}", what, path, strerror(errno))};
}

// At most kSmallFileBytesMax bytes. nullopt: there is no such file.
Result<std::optional<std::string>> ReadSmallFile(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0 && errno == ENOENT) return std::optional<std::string>();
  if (file.number() < 0) return tl::unexpected(IoError("open", path));
  std::string text(kSmallFileBytesMax, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file.number(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(IoError("read", path));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  text.resize(size);
  return std::optional<std::string>(std::move(text));
}

Result<void> WriteSmallFile(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.number() < 0) return tl::unexpected(IoError("make", path));
  const ssize_t count = ::write(file.number(), text.data(), text.size());
  if (count >= 0 && static_cast<std::size_t>(count) != text.size()) errno = ENOSPC;
  if (count < 0 || static_cast<std::size_t>(count) != text.size())
    return tl::unexpected(IoError("write", path));
  if (::fsync(file.number()) != 0) return tl::unexpected(IoError("sync", path));
  return {};
}

Result<void> SyncFolder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() < 0 || ::fsync(folder.number()) != 0)
    return tl::unexpected(IoError("sync", path));
  return {};
}

bool IsOneLine(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
  });
}

// "word rest\n" off the front of *text; nullopt: it does not begin so.
std::optional<std::string_view> TakeLine(std::string_view word, std::string_view* text) {
  const std::size_t end = text->find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text->substr(0, end);
  if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ')
    return std::nullopt;
  text->remove_prefix(end + 1);
  return line.substr(word.size() + 1);
}

std::string CheckLine(std::string_view text) {
  return fmt::format("check {:016x}\n", Hash64(text));
}

std::string InfoText(const StateInfo& info) {
  const std::string text =
      fmt::format("shrike-state {}\napplication {}\ntask {}\nunsynced-boot {}\n", kStateFormat,
                  info.identity.application, info.identity.task, info.unsynced_boot);
  return text + CheckLine(text);
}

std::optional<StateInfo> ParseInfo(std::string_view text) {
  const std::string_view whole = text;
  const auto format = TakeLine("shrike-state", &text);
  const auto application = TakeLine("application", &text);
  const auto task = TakeLine("task", &text);
  const auto boot = TakeLine("unsynced-boot", &text);
  if (!format || !application || !task || !boot) return std::nullopt;
  if (text != CheckLine(whole.substr(0, whole.size() - text.size()))) return std::nullopt;
  return StateInfo{{std::string(*application), std::string(*task)}, std::string(*boot)};
}

}  // namespace

Result<std::optional<StateInfo>> ReadStateInfo(const std::string& folder) {
  const std::string path = folder + std::string(kInfoFile);
  SHRIKE_TRY(const std::optional<std::string> text, ReadSmallFile(path));
  if (!text) return std::optional<StateInfo>();
  // The format comes first: what follows it in a newer one, nobody knows.
  std::string_view rest = *text;
  const std::optional<std::string_view> format = TakeLine("shrike-state", &rest);
  if (format && *format != std::to_string(kStateFormat)) {
    return Fail(ErrorCode::kCorrupt,
                fmt::format("{} is of state format {}, this program reads {}; use the version that "
                            "wrote it",
                            path, *format, kStateFormat));
  }
  std::optional<StateInfo> info = ParseInfo(*text);
  if (!info) return Fail(ErrorCode::kCorrupt, fmt::format("{} is damaged", path));
  return info;
}

Result<std::string> ReadBootId() {
  const std::string path = "/proc/sys/kernel/random/boot_id";
  SHRIKE_TRY(std::optional<std::string> text, ReadSmallFile(path));
  if (!text || text->empty()) return Fail(ErrorCode::kIo, fmt::format("{} is not there", path));
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return std::move(*text);
}

Result<std::unique_ptr<StateFolder>> StateFolder::Lock(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST)
    return tl::unexpected(IoError("make the state folder", path));
  const std::string name = path + std::string(kLockFile);
  const int lock = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0) return tl::unexpected(IoError("open", name));
  std::unique_ptr<StateFolder> folder(new StateFolder(path, lock));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> other{};
    const ssize_t size = ::read(lock, other.data(), other.size() - 1);
    return Fail(ErrorCode::kIo,
                fmt::format("the state folder {} is in use by {}; two may not write it", path,
                            size > 0 ? fmt::format("process {}", other.data()) : "a process"));
  }
  // Only a hint for the message above: what cannot be written does no harm.
  const std::string number = std::to_string(::getpid());
  if (::ftruncate(lock, 0) == 0) static_cast<void>(!::write(lock, number.data(), number.size()));
  return folder;
}

StateFolder::~StateFolder() { ::close(lock_); }

Result<void> StateFolder::Write(const StateInfo& info) {
  SHRIKE_CHECK(IsOneLine(info.identity.application) && IsOneLine(info.identity.task) &&
               IsOneLine(info.unsynced_boot));
  const std::string path = path_ + std::string(kInfoFile);
  const std::string fresh = path + ".new";
  SHRIKE_TRY_VOID(WriteSmallFile(fresh, InfoText(info)));
  if (::rename(fresh.c_str(), path.c_str()) != 0)
    return tl::unexpected(IoError("put in place", path));
  return SyncFolder(path_);
}

Result<bool> StateFolder::HasData() const {
  const std::string path = path_ + "/data.mdb";
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0) return status.st_size > 0;
  if (errno == ENOENT) return false;
  return tl::unexpected(IoError("look at", path));
}

Result<void> StateFolder::RemoveData() {
  for (const std::string_view name : {"/data.mdb", "/lock.mdb"}) {
    const std::string path = path_ + std::string(name);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return tl::unexpected(IoError("remove", path));
  }
  return SyncFolder(path_);
}

}  // namespace shrike::engine
