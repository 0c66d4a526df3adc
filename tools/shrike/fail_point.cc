#include "tools/shrike/fail_point.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdlib>

namespace shrike::tools {
namespace {

struct Armed {
  std::string name;
  std::atomic<int> left{0};

  Armed() {
    const char* text = std::getenv("SHRIKE_FAIL_POINT");
    if (text == nullptr) return;
    const std::string_view value(text);
    const std::size_t colon = value.find(':');
    int count = 1;
    if (colon != std::string_view::npos)
      std::from_chars(value.data() + colon + 1, value.data() + value.size(), count);
    name = value.substr(0, colon);
    left = count;
  }
};

}  // namespace

void FailPoint(std::string_view name) {
  static Armed armed;
  if (armed.name != name || --armed.left != 0) return;
  kill(getpid(), SIGKILL);
}

}  // namespace shrike::tools
