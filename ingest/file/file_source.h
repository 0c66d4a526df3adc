// FileSource: JSON lines from a file, a zstd-compressed file (`.zst`), or standard input (`-`).
//
// A line is a record; its offset is its line number from 0. Lines end with \n or \r\n; the last one may have no end.
// Blank lines (spaces, tabs) are no records, but count. A line over kRecordBytesMax is delivered cut to just above
// that: a dead letter. A UTF-8 byte order mark at the start of the file is skipped. Standard input may be compressed
// as well: its first bytes tell.
// Memory: two blocks of 1 MiB and the longest line.
// Tested by: tests/ingest/file_source_test.cc.
#ifndef SHRIKE_INGEST_FILE_FILE_SOURCE_H_
#define SHRIKE_INGEST_FILE_FILE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/event_source.h"

namespace shrike::ingest {

// One partition. Owns the open file.
class FileSource : public EventSource {
 public:
  struct Options {
    std::string path;        // "-": standard input
    std::int32_t topic = 0;  // of the positions it gives
    std::int32_t partition = 0;
  };

  // Errors: kIo, the file cannot be opened or is a folder.
  static Result<std::unique_ptr<FileSource>> Open(const Options& options);
  ~FileSource() override;

  // Errors: kIo with file and line: the read failed, or compressed data is damaged or ends too early.
  Result<bool> Poll(std::size_t count_max, std::vector<RawRecord>* batch) override;

  // For a progress bar: bytes read from the file so far, and its size (0 if unknown).
  std::uint64_t bytes_read() const;
  std::uint64_t file_size() const;

 private:
  class Impl;
  explicit FileSource(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_FILE_FILE_SOURCE_H_
