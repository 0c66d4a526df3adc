// Session: one call of the command line: where it reads and writes, and what all verbs share.
#ifndef SHRIKE_TOOLS_SHRIKE_SESSION_H_
#define SHRIKE_TOOLS_SHRIKE_SESSION_H_

#include <atomic>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace shrike::tools {

// Results go to `out`, progress and messages to `err`. All borrowed.
struct Streams {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  bool out_terminal = false;
  bool err_terminal = false;
  bool no_color = false;                           // NO_COLOR is set
  const std::atomic<bool>* interrupted = nullptr;  // true after Ctrl-C; null: never
};

// Options that every verb takes.
struct CommonOptions {
  std::string config;              // -c; empty: looked up
  std::vector<std::string> paths;  // PATH..
  std::string format = "human";
  std::string color = "auto";
};

struct Session {
  Streams streams;
  CommonOptions common;
  std::function<int()> run;  // the verb that the command line chose

  std::ostream& out() const { return *streams.out; }
  std::ostream& err() const { return *streams.err; }
  bool interrupted() const {
    return streams.interrupted != nullptr && streams.interrupted->load(std::memory_order_relaxed);
  }
  bool out_color() const { return UseColor(streams.out_terminal); }
  bool err_color() const { return UseColor(streams.err_terminal); }

  // Writes "error: message" to err and returns the exit code of the error.
  int Report(const Error& error) const;

 private:
  bool UseColor(bool terminal) const {
    return common.color == "always" || (common.color == "auto" && terminal && !streams.no_color);
  }
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_SESSION_H_
