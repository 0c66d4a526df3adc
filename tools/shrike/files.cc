#include "tools/shrike/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

namespace shrike::tools {
namespace {

namespace fs = std::filesystem;

std::string SystemMessage(int error) { return std::generic_category().message(error); }

tl::unexpected<Error> CannotRead(const std::string& path, const std::string& reason) {
  return Fail(ErrorCode::kIo, "cannot read " + path + ": " + reason);
}

// As people would write it from the current folder.
std::string Shortest(const fs::path& path) {
  std::error_code error;
  const fs::path current = fs::current_path(error);
  if (error) {
    return path.string();
  }
  const std::string near = path.lexically_proximate(current).string();
  return near.starts_with("..") ? path.string() : near;
}

Result<void> AddFolder(const std::string& folder, std::vector<std::string>* files) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  while (!error && entry != fs::recursive_directory_iterator()) {
    const fs::path& path = entry->path();
    if (path.extension() == ".yaml" && entry->is_regular_file(error) && !error) {
      files->push_back(path.string());
    }
    entry.increment(error);
  }
  if (error) {
    return CannotRead(folder, error.message());
  }
  return {};
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

bool WriteAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return false;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t bytes_max) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return CannotRead(path, SystemMessage(EISDIR));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return CannotRead(path, SystemMessage(errno));
  }
  std::string content;
  char block[65536];
  while (content.size() <= bytes_max && file) {
    file.read(block, static_cast<std::streamsize>(
                         std::min(sizeof(block), bytes_max + 1 - content.size())));
    content.append(block, static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) {
    return CannotRead(path, SystemMessage(errno));
  }
  return content;
}

Result<void> ReplaceFile(const std::string& path, std::string_view content) {
  // Through a link the file itself is replaced, not the link.
  std::error_code error;
  const fs::path resolved = fs::canonical(path, error);
  const std::string target = error ? path : resolved.string();
  std::string temporary = target + ".XXXXXX";
  const auto fail = [&] {
    const std::string reason = SystemMessage(errno);
    unlink(temporary.c_str());
    return Fail(ErrorCode::kIo, "cannot write " + path + ": " + reason);
  };
  const Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (file.number() < 0) {
    return fail();
  }
  const fs::perms permissions = fs::status(target, error).permissions();
  if (!error && fchmod(file.number(), static_cast<mode_t>(permissions)) != 0) {
    return fail();
  }
  if (!WriteAll(file.number(), content) || fsync(file.number()) != 0 ||
      rename(temporary.c_str(), target.c_str()) != 0) {
    return fail();
  }
  return {};
}

Result<std::string> FindConfig(const std::vector<std::string>& paths) {
  std::error_code error;
  if (!paths.empty()) {
    const fs::path first = fs::absolute(paths.front(), error).lexically_normal();
    if (!fs::exists(first, error)) {
      return CannotRead(paths.front(), SystemMessage(ENOENT));
    }
    fs::path folder = fs::is_directory(first, error) ? first : first.parent_path();
    if (!folder.has_filename()) {
      folder = folder.parent_path();  // `rules/` ends in an empty name.
    }
    while (true) {
      if (fs::is_regular_file(folder / kConfigName, error)) {
        return Shortest(folder / kConfigName);
      }
      if (folder == folder.parent_path()) {
        break;
      }
      folder = folder.parent_path();
    }
  }
  if (fs::is_regular_file(kConfigName, error)) {
    return std::string(kConfigName);
  }
  return Fail(ErrorCode::kConfig, "no shrike.yaml in " +
                                      (paths.empty() ? "the current folder"
                                                     : "the folder of " + paths.front() +
                                                           ", above it, or the current "
                                                           "folder") +
                                      "; name one with -c");
}

Result<std::vector<std::string>> CollectRuleFiles(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  std::string names;
  for (const std::string& path : paths) {
    names += (names.empty() ? "" : ", ") + path;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
      return CannotRead(path, error ? error.message() : SystemMessage(ENOENT));
    }
    if (fs::is_directory(status)) {
      SHRIKE_TRY_VOID(AddFolder(path, &files));
    } else {
      files.push_back(path);
    }
  }
  std::erase_if(files,
                [](const std::string& file) { return fs::path(file).filename() == kConfigName; });
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  if (files.empty()) {
    return Fail(ErrorCode::kUsage, "no rule files (*.yaml) in " + names);
  }
  return files;
}

std::string RelativeTo(const std::string& file, const std::string& path) {
  return (fs::path(file).parent_path() / path).string();
}

}  // namespace shrike::tools
