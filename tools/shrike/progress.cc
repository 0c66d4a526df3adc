#include "tools/shrike/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

constexpr double kTerminalSeconds = 0.1;
constexpr double kLogSeconds = 10;
constexpr int kBarWidth = 30;

// "1:02:03", "0:07"
std::string FormatSeconds(double seconds) {
  const auto total = static_cast<std::int64_t>(std::ceil(seconds));
  if (total >= 3600) {
    return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
  }
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

}  // namespace

std::string FormatProgress(const ProgressState& state, int width) {
  std::string text;
  const bool known = state.bytes_total > 0;
  const double share =
      known ? std::clamp(static_cast<double>(state.bytes) / static_cast<double>(state.bytes_total),
                         0.0, 1.0)
            : 0;
  if (known && width > 0) {
    const int filled = static_cast<int>(share * width);
    text += fmt::format("[{:#<{}}{:.<{}}] ", "", filled, "", width - filled);
  }
  if (known) {
    text += fmt::format("{} %  ", static_cast<int>(share * 100));
  }
  text += FormatCount(state.events) + " events";
  if (state.seconds > 0) {
    text += fmt::format(
        "  {}/s",
        FormatCount(static_cast<std::int64_t>(static_cast<double>(state.events) / state.seconds)));
  }
  if (known && share > 0) {
    text += "  ETA " + FormatSeconds(state.seconds * (1 - share) / share);
  }
  return text;
}

Progress::Progress(std::ostream* err, bool terminal, bool enabled)
    : err_(err), terminal_(terminal), enabled_(enabled) {}

Progress::~Progress() { Clear(); }

void Progress::Update(const ProgressState& state) {
  const double interval = terminal_ ? kTerminalSeconds : kLogSeconds;
  if (!enabled_ || state.seconds - shown_seconds_ < interval) {
    return;
  }
  shown_seconds_ = state.seconds;
  if (terminal_) {
    // \x1b[K: a shorter text must not leave the end of the longer one.
    *err_ << '\r' << FormatProgress(state, kBarWidth) << "\x1b[K" << std::flush;
    drawn_ = true;
  } else {
    *err_ << FormatProgress(state, 0) << '\n' << std::flush;
  }
}

void Progress::Clear() {
  if (drawn_) {
    *err_ << "\r\x1b[K" << std::flush;
    drawn_ = false;
  }
}

}  // namespace shrike::tools
