#include "ingest/file/file_source.h"

#include <doctest/doctest.h>
#include <unistd.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/limits.h"
#include "tests/support/random.h"

namespace shrike::ingest {
namespace {

// A file that goes away with the test.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& suffix, std::string_view content)
      : path_((std::filesystem::temp_directory_path() /
               ("shrike_file_source_" + std::to_string(::getpid()) + suffix))
                  .string()) {
    std::ofstream(path_, std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string Compress(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

// "0:a 2:b" and at the end "end" or the error.
std::string ReadAll(EventSource* source, std::size_t count_max = 3) {
  std::string text;
  std::vector<RawRecord> batch;
  for (;;) {
    const Result<bool> more = source->Poll(count_max, &batch);
    if (!more) return text + "error: " + more.error().message;
    if (!*more) return text + "end";
    REQUIRE(batch.size() <= count_max);
    for (const RawRecord& record : batch) {
      REQUIRE_FALSE(record.timestamp.has_value());
      text += std::to_string(record.position.offset) + ":" + std::string(record.bytes) + " ";
    }
  }
}

std::string ReadFile(const std::string& path) {
  const Result<std::unique_ptr<FileSource>> source = FileSource::Open({path});
  return source ? ReadAll(source->get()) : source.error().message;
}

TEST_CASE("lines are records, line numbers offsets") {
  struct Row {
    std::string_view content, want;
  };
  const Row rows[] = {
      {"", "end"},
      {"\n", "end"},
      {"a", "0:a end"},
      {"a\n", "0:a end"},
      {"a\nb", "0:a 1:b end"},
      {"a\r\nb\r\n", "0:a 1:b end"},
      {"\n\na\n \t\r\nb\n\n", "2:a 4:b end"},
      {"a\n\n\n\n\n\n\nb", "0:a 7:b end"},
      {"\xEF\xBB\xBF"
       "a\n\xEF\xBB\xBF"
       "b",
       "0:a 1:\xEF\xBB\xBF"
       "b end"},
      {"\xEF\xBB\xBF", "end"},
      {"a\rb\n", "0:a\rb end"},
      {" a \n", "0: a  end"},
      {"1\n2\n3\n4\n5\n6\n7", "0:1 1:2 2:3 3:4 4:5 5:6 6:7 end"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.content);
    const TemporaryFile plain(".jsonl", row.content);
    CHECK(ReadFile(plain.path()) == row.want);
    const TemporaryFile compressed(".jsonl.zst", Compress(row.content));
    CHECK(ReadFile(compressed.path()) == row.want);
  }
}

TEST_CASE("positions bear the topic and partition given, and the end stays the end") {
  const TemporaryFile file(".jsonl", "a\nb\n");
  const Result<std::unique_ptr<FileSource>> source = FileSource::Open({file.path(), 7, 3});
  REQUIRE(source.has_value());
  CHECK((*source)->file_size() == 4);
  std::vector<RawRecord> batch;
  const Result<bool> more = (*source)->Poll(10, &batch);
  REQUIRE(more.value_or(false));
  REQUIRE(batch.size() == 2);
  CHECK(batch[1].position == Position{7, 3, 1});
  CHECK((*source)->bytes_read() == 4);
  for (int i = 0; i < 2; ++i) {
    const Result<bool> end = (*source)->Poll(10, &batch);
    REQUIRE(end.has_value());
    CHECK_FALSE(*end);
    CHECK(batch.empty());
  }
}

TEST_CASE("any lines in any blocks come out whole") {
  testing::Random random(testing::SeedFor("file source"));
  std::string content;
  std::string want;
  std::int64_t line = 0;
  while (content.size() < 5'000'000) {
    const std::size_t size = random.OneIn(50) ? random.Below(400'000) : random.Below(300);
    const std::string text(size, static_cast<char>('a' + line % 26));
    content += text + (random.OneIn(2) ? "\n" : "\r\n");
    if (size > 0) want += std::to_string(line) + ":" + text + " ";
    ++line;
  }
  want += "end";
  const TemporaryFile plain(".jsonl", content);
  CHECK((ReadFile(plain.path()) == want));
  // Several frames one after the other are one file.
  const std::size_t half = content.size() / 2;
  const TemporaryFile compressed(".jsonl.zst", Compress(content.substr(0, half)) + Compress("") +
                                                   Compress(content.substr(half)));
  CHECK((ReadFile(compressed.path()) == want));
}

TEST_CASE("a line that is too long is cut, the next one is unharmed") {
  const std::string fits(kRecordBytesMax, 'f');
  const std::string long_line(kRecordBytesMax + 1, 'l');
  const std::string huge(5 * kRecordBytesMax, 'h');
  const std::string content = fits + "\r\n" + long_line + "\n" + huge + "\nx\n" + huge;
  const TemporaryFile file(".jsonl", content);
  const Result<std::unique_ptr<FileSource>> source = FileSource::Open({file.path()});
  REQUIRE(source.has_value());
  std::vector<std::size_t> sizes;
  std::vector<std::int64_t> offsets;
  std::vector<RawRecord> batch;
  for (;;) {
    const Result<bool> more = (*source)->Poll(100, &batch);
    REQUIRE(more.has_value());
    if (!*more) break;
    for (const RawRecord& record : batch) {
      sizes.push_back(record.bytes.size());
      offsets.push_back(record.position.offset);
    }
  }
  CHECK(offsets == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  REQUIRE(sizes.size() == 5);
  CHECK(sizes[0] == kRecordBytesMax);
  CHECK(sizes[1] > kRecordBytesMax);
  CHECK(sizes[2] > kRecordBytesMax);
  CHECK(sizes[2] < 2 * kRecordBytesMax);
  CHECK(sizes[3] == 1);
  CHECK(sizes[4] > kRecordBytesMax);
}

TEST_CASE("damaged compressed data: what was good, then the place") {
  const std::string good = Compress("a\nb\n");
  const auto ends_early = [](const std::string& path, int line) {
    return "error: " + path + ": compressed data ends too early (at line " + std::to_string(line) +
           ")";
  };
  {
    const TemporaryFile file(".zst", good + Compress("c\nd\n").substr(0, 8));
    CHECK(ReadFile(file.path()) == "0:a 1:b " + ends_early(file.path(), 3));
  }
  {
    const TemporaryFile file(".zst", "");
    CHECK(ReadFile(file.path()) == ends_early(file.path(), 1));
  }
  {
    const TemporaryFile file(".zst", good + "this is no frame");
    const std::string got = ReadFile(file.path());
    CHECK(got.starts_with("0:a 1:b error: " + file.path() + ": compressed data is damaged: "));
    CHECK(got.ends_with("(at line 3)"));
  }
  {
    const TemporaryFile file(".zst", "{\"ts\":1}\n");
    CHECK(ReadFile(file.path())
              .starts_with("error: " + file.path() + ": compressed data is damaged"));
    const Result<std::unique_ptr<FileSource>> source = FileSource::Open({file.path()});
    REQUIRE(source.has_value());
    const std::string first = ReadAll(source->get());
    CHECK(ReadAll(source->get()) == first);  // the error stays
  }
}

TEST_CASE("what cannot be opened says why") {
  CHECK(ReadFile("/nonexistent/x.jsonl") ==
        "/nonexistent/x.jsonl: cannot open: No such file or directory");
  const std::string folder = std::filesystem::temp_directory_path().string();
  CHECK(ReadFile(folder) == folder + ": is a folder, not a file");
}

// The test's own standard input, replaced for a moment.
class StandardInput {
 public:
  explicit StandardInput(const std::string& path) : saved_(::dup(STDIN_FILENO)) {
    REQUIRE(std::freopen(path.c_str(), "rb", stdin) != nullptr);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;
  ~StandardInput() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }

 private:
  int saved_;
};

TEST_CASE("standard input, compressed or not") {
  const TemporaryFile plain(".in", "a\nb\n");
  const TemporaryFile compressed(".in2", Compress("c\nd"));
  const TemporaryFile empty(".in3", "");
  {
    const StandardInput input(plain.path());
    CHECK(ReadFile("-") == "0:a 1:b end");
  }
  {
    const StandardInput input(compressed.path());
    CHECK(ReadFile("-") == "0:c 1:d end");
  }
  {
    const StandardInput input(empty.path());
    CHECK(ReadFile("-") == "end");
  }
}

}  // namespace
}  // namespace shrike::ingest
