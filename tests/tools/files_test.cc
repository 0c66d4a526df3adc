#include "tools/shrike/files.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/cli_fixture.h"

namespace shrike::tools {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

TEST_CASE("reading is bounded, and says what is wrong") {
  const TempFolder folder;
  const std::string path = folder.Write("a", "12345");
  CHECK(ReadFile(path, 5).value() == "12345");
  CHECK(ReadFile(path, 3).value() == "1234");
  CHECK(ReadFile("/dev/zero", 1000).value().size() == 1001);
  for (const std::string& bad : {folder.path("none"), folder.path()}) {
    const auto read = ReadFile(bad, 5);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::kIo);
    CHECK(read.error().message.find(bad) != std::string::npos);
  }
}

TEST_CASE(
    "a file is replaced whole, with its permissions, through links, and nothing else is left") {
  const TempFolder folder;
  const std::string path = folder.Write("a.yaml", "old");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  fs::create_symlink(path, folder.path("link.yaml"));
  REQUIRE(ReplaceFile(folder.path("link.yaml"), "new"));
  CHECK(TempFolder::Read(path) == "new");
  CHECK(fs::is_symlink(folder.path("link.yaml")));
  CHECK(fs::status(path).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 2);
  const auto missing = ReplaceFile(folder.path("none/a.yaml"), "x");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kIo);
}

TEST_CASE("rule files of folders, sorted by bytes, without the configuration") {
  const TempFolder folder;
  for (const char* name :
       {"b.yaml", "a/z.yaml", "a/shrike.yaml", "shrike.yaml", "a/note.txt", "B.yaml", "c.yml"}) {
    folder.Write(name, "");
  }
  const auto files =
      CollectRuleFiles({folder.path("a"), folder.path(), folder.path("c.yml"), folder.path("a")});
  REQUIRE(files);
  CHECK(*files == std::vector<std::string>{folder.path("B.yaml"), folder.path("a/z.yaml"),
                                           folder.path("b.yaml"), folder.path("c.yml")});
  CHECK(CollectRuleFiles({folder.path("none")}).error().code == ErrorCode::kIo);
  folder.Write("empty/x.txt", "");
  CHECK(CollectRuleFiles({folder.path("empty")}).error().code == ErrorCode::kUsage);
}

TEST_CASE("the nearest configuration above the first path") {
  const TempFolder folder;
  const std::string top = folder.Write("shrike.yaml", "");
  const std::string pack = folder.Write("packs/p/shrike.yaml", "");
  const std::string rule = folder.Write("packs/p/deep/a.yaml", "");
  folder.Write("rules/a.yaml", "");
  CHECK(FindConfig({rule}).value() == pack);
  CHECK(FindConfig({folder.path("packs/p/")}).value() == pack);
  CHECK(FindConfig({folder.path("packs/p/deep/../..")}).value() == top);
  CHECK(FindConfig({folder.path("rules/a.yaml"), rule}).value() == top);
  CHECK(FindConfig({folder.path("none.yaml")}).error().code == ErrorCode::kIo);
  CHECK(RelativeTo(pack, "rules") == folder.path("packs/p/rules"));
  CHECK(RelativeTo(pack, "/etc") == "/etc");
}

}  // namespace
}  // namespace shrike::tools
