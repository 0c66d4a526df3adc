// FileSink: alerts as lines of a file or a stream such as stdout.
//
// Tested by: tests/alerts/file_sink_test.cc.
#ifndef SHRIKE_ALERTS_FILE_FILE_SINK_H_
#define SHRIKE_ALERTS_FILE_FILE_SINK_H_

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "alerts/alert_sink.h"
#include "base/result.h"

namespace shrike::alerts {

// Buffers up to 64 KiB. Not flushed by its destructor: an error there could not be told.
class FileSink : public AlertSink {
 public:
  // Creates or empties the file at `path`. Errors: kIo.
  static Result<std::unique_ptr<FileSink>> Open(const std::string& path);
  // Writes to `out`, borrowed; name: for messages.
  FileSink(std::ostream* out, std::string name);

  Result<void> Write(const AlertRecord& alert) override;
  Result<void> Flush() override;

  // One line that is no alert: late events and dead letters have the same shape of file.
  Result<void> WriteLine(std::string_view line);

 private:
  FileSink(std::unique_ptr<std::ostream> owned, std::string name);
  Result<void> Drain();

  std::unique_ptr<std::ostream> owned_;  // null: borrowed
  std::ostream* out_;
  std::string name_;
  std::string buffer_;
};

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_FILE_FILE_SINK_H_
