#include "tools/shrike/demo_folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "tools/shrike/files.h"

namespace shrike::tools {
namespace {

constexpr std::size_t kLineMax = 200;
constexpr std::string_view kFinished = ", finished";

std::string NameOf(const DemoOptions& options) {
  return fmt::format("shrike demo --events {} --seed {}", options.events, options.seed);
}

Error IoError(const std::string& path, const std::error_code& error) {
  return {ErrorCode::kIo, path + ": " + error.message()};
}

}  // namespace

Result<DemoFolder> DemoFolder::Open(const std::string& path, const DemoOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return tl::unexpected(IoError(path, error));
  DemoFolder folder(path, NameOf(options));
  const std::string name_path = path + "/demo";
  if (std::filesystem::exists(name_path, error)) {
    SHRIKE_TRY(const std::string text, ReadFile(name_path, kLineMax));
    const std::string line = text.substr(0, text.find('\n'));
    if (line == folder.line_) return folder;
    if (!line.ends_with(kFinished)) {
      return Fail(
          ErrorCode::kUsage,
          fmt::format("{} holds another demo, which is not finished: run `{}` to go on with "
                      "it, or delete the folder, or name another one (--folder)",
                      path, line));
    }
    for (const std::string& gone : {folder.log_path(), folder.state_path()}) {
      std::filesystem::remove_all(gone, error);
      if (error) return tl::unexpected(IoError(gone, error));
    }
  } else if (!std::filesystem::is_empty(path, error)) {
    return Fail(ErrorCode::kUsage,
                path + " is not empty, and no folder of a demo: name another one (--folder)");
  }
  SHRIKE_TRY_VOID(ReplaceFile(name_path, folder.line_ + "\n"));
  return folder;
}

Result<void> DemoFolder::MarkFinished() const {
  return ReplaceFile(path_ + "/demo", fmt::format("{}{}\n", line_, kFinished));
}

}  // namespace shrike::tools
