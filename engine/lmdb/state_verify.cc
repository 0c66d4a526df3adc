// The child sends messages through a pipe: a kind and a text. It keeps the name that it looks at in memory that both
// processes share, so that the parent can name it should the child die there.
#include "engine/lmdb/state_verify.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "engine/lmdb/state_folder.h"
#include "engine/lmdb/state_scan.h"

namespace shrike::engine {
namespace {

enum class Message : std::uint8_t { kFault, kCount, kCannotOpen };

// Shared by both processes.
struct LastName {
  std::uint32_t size = 0;
  std::array<char, 512> bytes{};
};

struct Unmap {
  void operator()(LastName* name) const { ::munmap(name, sizeof *name); }
};

void Send(int pipe, Message kind, std::string_view text) {
  std::string bytes;
  ByteWriter(&bytes).Add(kind);
  ByteWriter(&bytes).AddText(text);
  std::string_view left = bytes;
  while (!left.empty()) {
    const ssize_t count = ::write(pipe, left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;  // The parent is gone.
    left.remove_prefix(static_cast<std::size_t>(count));
  }
}

// A crash is expected here: nobody's handlers, and no core file.
void ExpectCrashes() {
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(number, SIG_DFL);
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

[[noreturn]] void RunChild(const std::string& folder, int pipe, LastName* last) {
  ExpectCrashes();
  LmdbEnvironment::Options options;
  options.folder = folder;
  options.read_only = true;
  Result<std::unique_ptr<LmdbEnvironment>> environment = LmdbEnvironment::Open(options);
  Result<void> opened;
  if (!environment) {
    opened = tl::unexpected(environment.error());
  } else {
    opened = (*environment)->OpenTables();
  }
  if (!opened) {
    const bool damaged = opened.error().code == ErrorCode::kCorrupt;
    Send(pipe, damaged ? Message::kFault : Message::kCannotOpen, opened.error().message);
    ::_exit(0);
  }
  StateScan scan;
  scan.fault = [pipe](std::string_view fault) { Send(pipe, Message::kFault, fault); };
  scan.visit = [last](std::string_view name) {
    last->size = static_cast<std::uint32_t>(std::min(name.size(), last->bytes.size()));
    std::copy_n(name.begin(), last->size, last->bytes.begin());
  };
  const std::uint64_t count = ScanState(environment->get(), scan);
  Send(pipe, Message::kCount, std::to_string(count));
  ::_exit(0);
}

std::string ReadAll(int pipe) {
  std::string bytes;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t count = ::read(pipe, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return bytes;
    bytes.append(block.data(), static_cast<std::size_t>(count));
  }
}

class Report {
 public:
  explicit Report(std::size_t faults_max) : faults_max_(faults_max) {}

  // Errors: kIo, the child could not open the state.
  Result<void> Read(std::string_view bytes) {
    ByteReader reader(bytes);
    while (!reader.at_end()) {
      const auto kind = reader.Get<Message>();
      const std::string text(reader.GetText());
      if (!reader.ok()) break;  // The child died while it wrote.
      if (kind == Message::kCannotOpen) return Fail(ErrorCode::kIo, text);
      if (kind == Message::kFault) AddFault(text);
      if (kind == Message::kCount) report_.entry_count = std::stoull(text);
    }
    return {};
  }

  void AddFault(const std::string& fault) {
    ++report_.fault_count;
    if (report_.faults.size() < faults_max_) report_.faults.push_back(fault);
  }

  StateReport Take() { return std::move(report_); }

 private:
  std::size_t faults_max_;
  StateReport report_;
};

std::string Death(int status, const LastName& last) {
  const std::string how = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                                              : fmt::format("exit code {}", WEXITSTATUS(status));
  const std::string where =
      last.size == 0
          ? std::string("before the first entry")
          : "at or after entry " +
                PrintableName({last.bytes.data(), std::min<std::size_t>(last.size, 512)});
  return fmt::format("LMDB crashes on a damaged page {} ({})", where, how);
}

}  // namespace

Result<StateReport> VerifyState(const std::string& folder, std::size_t faults_max) {
  void* const memory =
      ::mmap(nullptr, sizeof(LastName), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return Fail(ErrorCode::kIo, "no memory to verify the state");
  const std::unique_ptr<LastName, Unmap> last(new (memory) LastName);
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return Fail(ErrorCode::kIo, "no pipe to verify the state");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    RunChild(folder, pipe[1], last.get());
  }
  ::close(pipe[1]);
  const std::string bytes = child < 0 ? std::string() : ReadAll(pipe[0]);
  ::close(pipe[0]);
  if (child < 0) {
    return Fail(ErrorCode::kIo,
                fmt::format("cannot start a process to verify the state: {}", strerror(errno)));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  Report report(faults_max);
  SHRIKE_TRY_VOID(report.Read(bytes));
  const Result<std::optional<StateInfo>> info = ReadStateInfo(folder);
  if (!info) report.AddFault(info.error().message);
  if (status != 0) report.AddFault(Death(status, *last));
  return report.Take();
}

}  // namespace shrike::engine
