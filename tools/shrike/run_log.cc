#include "tools/shrike/run_log.h"

#include <fmt/format.h>

#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

constexpr int kWarning = 4;  // of syslog; less is worse

}  // namespace

void RunLog::Line(const std::string& line) {
  const std::lock_guard lock(mutex_);
  Write(now_(), line);
}

void RunLog::ClientLine(int level, std::string_view line) {
  if (level > kWarning) return;
  const std::lock_guard lock(mutex_);
  const TimestampMs now = now_();
  if (window_begin_ == kTimeMin || now - window_begin_ >= kClientWindow) {
    if (window_lines_ > kClientLines)
      Write(now, fmt::format("kafka: {} lines more", window_lines_ - kClientLines));
    window_begin_ = now;
    window_lines_ = 0;
  }
  if (++window_lines_ <= kClientLines) Write(now, fmt::format("kafka: {}", line));
}

void RunLog::Write(TimestampMs now, std::string_view line) {
  out_ << FormatRfc3339(now) << ' ' << EscapeTerminal(line) << '\n' << std::flush;
}

}  // namespace shrike::tools
