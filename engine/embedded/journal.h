// Journal: a file of frames, each of which is there whole or not at all.
//
// The file: 16 bytes (kJournalMagic, format version, zeros), then frames one after the other:
//   u32 payload size, u32 check of the size and of the frame's place, u64 Hash64 of the payload, payload.
// A frame that the end of the file cuts off, a last one whose bytes are wrong, and zeros up to the end are a torn tail:
// the process or the machine stopped while it was written, and it goes when the file is opened. Wrong bytes with
// anything after them are damage.
//
// One thread; one process at a time (a lock on the file).
// Cost: Append is one write, and one fdatasync if asked for.
// Tested by: tests/engine/embedded_journal_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_JOURNAL_H_
#define SHRIKE_ENGINE_EMBEDDED_JOURNAL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace shrike::engine {

inline constexpr std::string_view kJournalMagic = "SHRKLOG\n";
inline constexpr std::uint32_t kJournalVersion = 1;
inline constexpr std::size_t kJournalFrameBytesMax = std::size_t{1} << 30;

class Journal {
 public:
  struct Options {
    std::string path;   // made if it is not there; its folder must be
    bool sync = false;  // each frame survives a power failure; else only the end of the process
  };
  // payload: borrowed for the call. offset: the frame's place in the file, for messages.
  using Visit = std::function<Result<void>(std::string_view payload, std::uint64_t offset)>;

  // Shows every frame in order, cuts off a torn tail and goes on after it.
  // Errors: kIo, with the path; another process has it open; kCorrupt, with path and offset; those of visit.
  // The file is unchanged if there is an error.
  static Result<std::unique_ptr<Journal>> Open(const Options& options, const Visit& visit);

  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  // Errors: kIo, kLimit (over kJournalFrameBytesMax). The frame may be there or not (a failed sync): after one error
  // every later call repeats it, and only a new Open tells.
  Result<void> Append(std::string_view payload);

  std::uint64_t size() const { return size_; }            // bytes of the file
  std::uint64_t bytes_cut() const { return bytes_cut_; }  // of the torn tail that Open found

 private:
  Journal(Options options, int file) : options_(std::move(options)), file_(file) {}

  Result<void> Load(const Visit& visit);
  Result<void> Start();
  Result<void> Write(std::string_view bytes);
  Error Failure(std::string_view what) const;

  Options options_;
  int file_;
  std::uint64_t size_ = 0;
  std::uint64_t bytes_cut_ = 0;
  std::string frame_;    // the memory is used again
  std::string failure_;  // of the first Append that failed
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_JOURNAL_H_
