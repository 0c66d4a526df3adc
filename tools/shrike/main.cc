// The process: signals and terminals. Everything else is tools/shrike/cli.h.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>

#include "tools/shrike/cli.h"

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set by a signal handler");

extern "C" void OnInterrupt(int signal_number) {
  interrupted.store(true, std::memory_order_relaxed);
  // The second Ctrl-C ends a process that does not listen.
  signal(signal_number, SIG_DFL);
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away shows as an error of the stream.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, OnInterrupt);
  signal(SIGTERM, OnInterrupt);
  std::ios::sync_with_stdio(false);
  const char* no_color = std::getenv("NO_COLOR");
  shrike::tools::Streams streams;
  streams.out = &std::cout;
  streams.err = &std::cerr;
  streams.out_terminal = isatty(STDOUT_FILENO) == 1;
  streams.err_terminal = isatty(STDERR_FILENO) == 1;
  streams.no_color = no_color != nullptr && *no_color != '\0';
  streams.interrupted = &interrupted;
  return shrike::tools::Main(argc, argv, streams);
}
