// RunLog: the log of `run` on stderr: lines with the time before them, from any thread.
//
// What the Kafka client library complains of goes through a bound: while a broker is away it says so again and again.
// Tested by: tests/tools/run_log_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_RUN_LOG_H_
#define SHRIKE_TOOLS_SHRIKE_RUN_LOG_H_

#include <cstdint>
#include <functional>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>

#include "base/time.h"

namespace shrike::tools {

class RunLog {
 public:
  // out: borrowed. now: ms since the epoch.
  RunLog(std::ostream* out, std::function<TimestampMs()> now) : out_(*out), now_(std::move(now)) {}

  // Control characters are escaped.
  void Line(const std::string& line);

  // A line of the client library (kafka::LogSink). Errors and warnings only; at most kClientLines in kClientWindow, then
  // how many were left out.
  void ClientLine(int level, std::string_view line);

  static constexpr int kClientLines = 5;
  static constexpr DurationMs kClientWindow = 10'000;

 private:
  void Write(TimestampMs now, std::string_view line);

  std::ostream& out_;
  std::function<TimestampMs()> now_;
  std::mutex mutex_;
  TimestampMs window_begin_ = kTimeMin;
  int window_lines_ = 0;  // of the client since then, those left out too
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_RUN_LOG_H_
