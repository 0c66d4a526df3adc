#include "alerts/file/file_sink.h"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace shrike::alerts {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;

std::string SystemMessage(int error) { return std::generic_category().message(error); }

}  // namespace

Result<std::unique_ptr<FileSink>> FileSink::Open(const std::string& path) {
  errno = 0;
  auto file = std::make_unique<std::ofstream>(path, std::ios::binary | std::ios::trunc);
  if (!*file) {
    return Fail(ErrorCode::kIo, "cannot write " + path + ": " + SystemMessage(errno));
  }
  return std::unique_ptr<FileSink>(new FileSink(std::move(file), path));
}

FileSink::FileSink(std::ostream* out, std::string name) : out_(out), name_(std::move(name)) {
  buffer_.reserve(kBufferBytes + 4096);
}

FileSink::FileSink(std::unique_ptr<std::ostream> owned, std::string name)
    : FileSink(owned.get(), std::move(name)) {
  owned_ = std::move(owned);
}

Result<void> FileSink::Write(const AlertRecord& alert) { return WriteLine(alert.json); }

Result<void> FileSink::WriteLine(std::string_view line) {
  buffer_.append(line);
  buffer_.push_back('\n');
  if (buffer_.size() < kBufferBytes) {
    return {};
  }
  return Drain();
}

Result<void> FileSink::Flush() {
  SHRIKE_TRY_VOID(Drain());
  errno = 0;
  out_->flush();
  if (!*out_) {
    return Fail(ErrorCode::kIo, "cannot write " + name_ + ": " + SystemMessage(errno));
  }
  return {};
}

Result<void> FileSink::Drain() {
  errno = 0;
  out_->write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
  if (!*out_) {
    return Fail(ErrorCode::kIo, "cannot write " + name_ + ": " + SystemMessage(errno));
  }
  return {};
}

}  // namespace shrike::alerts
