// Progress of long work on stderr: a bar with rate and ETA on a terminal, else a line every 10 s.
//
// Tested by: tests/tools/progress_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_PROGRESS_H_
#define SHRIKE_TOOLS_SHRIKE_PROGRESS_H_

#include <cstdint>
#include <ostream>
#include <string>

namespace shrike::tools {

struct ProgressState {
  std::int64_t bytes = 0;        // of the input read so far
  std::int64_t bytes_total = 0;  // 0: not known (stdin)
  std::int64_t events = 0;
  double seconds = 0;  // since the start
};

// The text of one report, without line ends: `[####......] 42 %  1,234,567 events  812,000/s  ETA 0:07`.
// width: characters of the bar; 0: none.
std::string FormatProgress(const ProgressState& state, int width);

class Progress {
 public:
  // err: borrowed. Nothing is written if not `enabled`.
  Progress(std::ostream* err, bool terminal, bool enabled);
  // Takes the bar away.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows the state if it is time to: 10 times a second on a terminal, else every 10 s.
  void Update(const ProgressState& state);
  // Takes the bar away, so that other text may be written; the next Update draws it again.
  void Clear();

 private:
  std::ostream* err_;
  bool terminal_;
  bool enabled_;
  bool drawn_ = false;
  double shown_seconds_ = 0;
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_PROGRESS_H_
