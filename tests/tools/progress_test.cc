#include "tools/shrike/progress.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

namespace shrike::tools {
namespace {

TEST_CASE("the text of a report") {
  struct Row {
    ProgressState state;
    int width;
    std::string want;
  };
  const Row rows[] = {
      {{0, 100, 0, 0}, 10, "[..........] 0 %  0 events"},
      {{25, 100, 50'000, 2}, 8, "[##......] 25 %  50,000 events  25,000/s  ETA 0:06"},
      {{100, 100, 10, 1}, 4, "[####] 100 %  10 events  10/s  ETA 0:00"},
      {{200, 100, 10, 1}, 4, "[####] 100 %  10 events  10/s  ETA 0:00"},
      {{1, 4000, 10, 2}, 0, "0 %  10 events  5/s  ETA 2:13:18"},
      {{500, 0, 10, 2}, 30, "10 events  5/s"},
  };
  for (const Row& row : rows) {
    CHECK(FormatProgress(row.state, row.width) == row.want);
  }
}

TEST_CASE("a bar on a terminal, ten times a second, and gone at the end") {
  std::ostringstream err;
  {
    Progress progress(&err, true, true);
    progress.Update({0, 100, 0, 0.05});
    CHECK(err.str().empty());
    progress.Update({50, 100, 5, 0.1});
    CHECK(err.str().starts_with("\r[###"));
    const std::size_t size = err.str().size();
    progress.Update({51, 100, 6, 0.15});
    CHECK(err.str().size() == size);
  }
  CHECK(err.str().ends_with("\r\x1b[K"));
}

TEST_CASE("a line every ten seconds elsewhere, or nothing") {
  std::ostringstream err;
  Progress progress(&err, false, true);
  for (int second = 0; second <= 25; ++second) {
    progress.Update({second, 100, second, static_cast<double>(second)});
  }
  CHECK(err.str() == "10 %  10 events  1/s  ETA 1:30\n20 %  20 events  1/s  ETA 1:20\n");
  std::ostringstream none;
  Progress(&none, true, false).Update({50, 100, 5, 60});
  CHECK(none.str().empty());
}

}  // namespace
}  // namespace shrike::tools
