#include "tools/shrike/run_log.h"

#include <doctest/doctest.h>

#include <sstream>

namespace shrike::tools {
namespace {

TEST_CASE("lines have the time before them and no control characters") {
  std::ostringstream out;
  RunLog log(&out, [] { return TimestampMs{1'700'000'000'123}; });
  log.Line("ready\x1b[2J");
  CHECK(out.str() == "2023-11-14T22:13:20.123Z ready\\u{1b}[2J\n");
}

TEST_CASE("what the client repeats is bounded, and counted") {
  std::ostringstream out;
  TimestampMs now = 0;
  RunLog log(&out, [&now] { return now; });
  log.ClientLine(6, "for debugging");
  for (int i = 0; i < 9; ++i) log.ClientLine(3, "down");
  const std::string down = "1970-01-01T00:00:00.000Z kafka: down\n";
  CHECK(out.str() == down + down + down + down + down);
  out.str("");
  now = RunLog::kClientWindow;
  log.ClientLine(4, "down again");
  CHECK(out.str() ==
        "1970-01-01T00:00:10.000Z kafka: 4 lines more\n"
        "1970-01-01T00:00:10.000Z kafka: down again\n");
}

}  // namespace
}  // namespace shrike::tools
