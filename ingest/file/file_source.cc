// Idea: bytes come from a file descriptor, plain or through zstd, into one buffer; lines are cut from it and the rest
// of a line is moved to the front before the next block is read. A line too long for a record keeps its first bytes
// in the buffer and the rest is dropped as it comes.
#include "ingest/file/file_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/limits.h"

namespace shrike::ingest {
namespace {

constexpr std::size_t kBlockBytes = 1u << 20;
// Enough of an over-long line to be over the limit.
constexpr std::size_t kLineBytesKept = kRecordBytesMax + 1;
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// An open file's bytes as they are.
class FileBytes {
 public:
  FileBytes(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes() {
    if (owned_) {
      ::close(descriptor_);
    }
  }

  // Up to `size` bytes to `out`; 0 at the end; nullopt: errno says why.
  std::optional<std::size_t> Read(char* out, std::size_t size) {
    for (;;) {
      const ssize_t count = ::read(descriptor_, out, size);
      if (count >= 0) {
        total_ += static_cast<std::uint64_t>(count);
        return static_cast<std::size_t>(count);
      }
      if (errno != EINTR) {
        return std::nullopt;
      }
    }
  }

  std::uint64_t total() const { return total_; }

 private:
  int descriptor_;
  bool owned_;
  std::uint64_t total_ = 0;
};

struct FreeZstd {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

// A file's text, decompressed where it is compressed. After an error or the end, Read goes on saying so.
class TextReader {
 public:
  TextReader(std::unique_ptr<FileBytes> file, bool compressed)
      : file_(std::move(file)), compressed_(compressed), in_frame_(compressed) {
    input_.resize(kBlockBytes);
  }

  // Looks at the first bytes: compressed? An error shows at the next Read.
  void Sniff() {
    compressed_ = Fill(kZstdMagic.size()) && Pending().starts_with(kZstdMagic);
    in_frame_ = compressed_;
  }

  // Up to `size` bytes to `out`. 0: the end, or an error.
  std::size_t Read(char* out, std::size_t size) {
    return compressed_ ? ReadCompressed(out, size) : ReadPlain(out, size);
  }

  const std::string& error() const { return error_; }
  std::uint64_t bytes_read() const { return file_->total(); }

 private:
  std::string_view Pending() const {
    return std::string_view(input_).substr(begin_, end_ - begin_);
  }

  // Reads until at least `count` bytes are pending, or the end. False: error.
  bool Fill(std::size_t count) {
    std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_),
              input_.begin() + static_cast<std::ptrdiff_t>(end_), input_.begin());
    end_ -= begin_;
    begin_ = 0;
    while (end_ < count) {
      const std::optional<std::size_t> read =
          file_->Read(input_.data() + end_, input_.size() - end_);
      if (!read) {
        error_ = std::string("cannot read: ") + std::strerror(errno);
        return false;
      }
      if (*read == 0) {
        return true;
      }
      end_ += *read;
    }
    return true;
  }

  std::size_t ReadPlain(char* out, std::size_t size) {
    if (begin_ == end_ && (!error_.empty() || !Fill(1))) {
      return 0;
    }
    const std::size_t count = std::min(size, end_ - begin_);
    std::memcpy(out, input_.data() + begin_, count);
    begin_ += count;
    return count;
  }

  std::size_t ReadCompressed(char* out, std::size_t size) {
    if (stream_ == nullptr) {
      stream_.reset(ZSTD_createDStream());
      SHRIKE_CHECK(stream_ != nullptr);
    }
    ZSTD_outBuffer target{out, size, 0};
    while (error_.empty() && target.pos == 0) {
      if (begin_ == end_ && !Fill(1)) {
        break;
      }
      if (begin_ == end_) {
        if (in_frame_) {
          error_ = "compressed data ends too early";
        }
        break;
      }
      ZSTD_inBuffer source{input_.data() + begin_, end_ - begin_, 0};
      const std::size_t result = ZSTD_decompressStream(stream_.get(), &target, &source);
      begin_ += source.pos;
      if (ZSTD_isError(result) != 0) {
        error_ = std::string("compressed data is damaged: ") + ZSTD_getErrorName(result);
      }
      // 0: a frame is complete; another may follow.
      in_frame_ = result != 0;
    }
    return target.pos;
  }

  std::unique_ptr<FileBytes> file_;
  bool compressed_;
  std::string input_;  // bytes [begin_, end_) are read and not yet used
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::unique_ptr<ZSTD_DStream, FreeZstd> stream_;
  bool in_frame_;  // the end of the file would be too early
  std::string error_;
};

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

class FileSource::Impl {
 public:
  Impl(Options options, TextReader reader, std::uint64_t file_size)
      : options_(std::move(options)), reader_(std::move(reader)), file_size_(file_size) {
    buffer_.resize(kLineBytesKept + kBlockBytes);
  }

  Result<bool> Poll(std::size_t count_max, std::vector<RawRecord>* batch);
  std::uint64_t bytes_read() const { return reader_.bytes_read(); }
  std::uint64_t file_size() const { return file_size_; }

 private:
  std::string_view Unread() const {
    return std::string_view(buffer_).substr(begin_, end_ - begin_);
  }
  void TakeLines(std::size_t count_max, std::vector<RawRecord>* batch);
  void TakeLine(std::string_view line, std::vector<RawRecord>* batch);
  void ReadMore();
  Error ReadError() const;

  Options options_;
  TextReader reader_;
  std::uint64_t file_size_;
  std::string buffer_;  // text [begin_, end_) is not yet cut into lines
  std::size_t begin_ = 0;
  std::size_t scanned_ = 0;  // no line ends in [begin_, scanned_)
  std::size_t end_ = 0;
  std::int64_t line_ = 0;  // number of the next one, from 0
  bool at_end_ = false;    // nothing more to read: the end, or an error
};

Result<bool> FileSource::Impl::Poll(std::size_t count_max, std::vector<RawRecord>* batch) {
  SHRIKE_CHECK(count_max > 0);
  batch->clear();
  for (;;) {
    TakeLines(count_max, batch);
    if (!batch->empty()) {
      return true;
    }
    if (at_end_) {
      break;
    }
    ReadMore();
  }
  if (!reader_.error().empty()) {
    return tl::unexpected<Error>(ReadError());
  }
  // The last line need not be ended.
  const std::string_view last = Unread();
  begin_ = end_;
  scanned_ = end_;
  if (!last.empty()) {
    TakeLine(last, batch);
  }
  return !batch->empty();
}

// All complete lines in the buffer.
void FileSource::Impl::TakeLines(std::size_t count_max, std::vector<RawRecord>* batch) {
  while (batch->size() < count_max) {
    const void* const found = std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
    if (found == nullptr) {
      scanned_ = end_;
      return;
    }
    const auto line_end =
        static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
    TakeLine(std::string_view(buffer_).substr(begin_, line_end - begin_), batch);
    begin_ = line_end + 1;
    scanned_ = begin_;
  }
}

void FileSource::Impl::TakeLine(std::string_view line, std::vector<RawRecord>* batch) {
  if (line_ == 0 && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (line.size() > kLineBytesKept) {
    line = line.substr(0, kLineBytesKept);
  } else if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (!IsBlank(line)) {
    batch->push_back({{options_.topic, options_.partition, line_}, std::nullopt, line});
  }
  ++line_;
}

// Moves what is left to the front and reads a block behind it. The batch before is no longer valid.
void FileSource::Impl::ReadMore() {
  const std::size_t left = std::min(end_ - begin_, kLineBytesKept + 1);
  std::memmove(buffer_.data(), buffer_.data() + begin_, left);
  begin_ = 0;
  end_ = left;
  const std::size_t count = reader_.Read(buffer_.data() + end_, kBlockBytes - 1);
  at_end_ = count == 0;
  scanned_ = end_;
  end_ += count;
}

Error FileSource::Impl::ReadError() const {
  return {ErrorCode::kIo,
          options_.path + ": " + reader_.error() + " (at line " + std::to_string(line_ + 1) + ")"};
}

FileSource::FileSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileSource::~FileSource() = default;

Result<std::unique_ptr<FileSource>> FileSource::Open(const Options& options) {
  const bool standard_input = options.path == "-";
  const int descriptor =
      standard_input ? STDIN_FILENO : ::open(options.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return Fail(ErrorCode::kIo, options.path + ": cannot open: " + std::strerror(errno));
  }
  auto file = std::make_unique<FileBytes>(descriptor, !standard_input);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    return Fail(ErrorCode::kIo, options.path + ": cannot open: " + std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return Fail(ErrorCode::kIo, options.path + ": is a folder, not a file");
  }
  TextReader reader(std::move(file), options.path.ends_with(".zst"));
  if (standard_input) {
    reader.Sniff();
  }
  const auto size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  return std::unique_ptr<FileSource>(
      new FileSource(std::make_unique<Impl>(options, std::move(reader), size)));
}

Result<bool> FileSource::Poll(std::size_t count_max, std::vector<RawRecord>* batch) {
  return impl_->Poll(count_max, batch);
}

std::uint64_t FileSource::bytes_read() const { return impl_->bytes_read(); }
std::uint64_t FileSource::file_size() const { return impl_->file_size(); }

}  // namespace shrike::ingest
