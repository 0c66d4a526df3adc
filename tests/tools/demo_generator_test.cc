#include "tools/shrike/demo_generator.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace shrike::tools {
namespace {

std::vector<std::string> Generate(const DemoOptions& options) {
  DemoGenerator generator(options);
  std::vector<std::string> lines;
  for (std::string line; generator.Next(&line); line.clear()) {
    lines.push_back(line);
  }
  return lines;
}

TEST_CASE("the same seed gives the same bytes, another one others") {
  DemoOptions options;
  options.events = 5000;
  const auto first = Generate(options);
  CHECK(first.size() == 5000);
  CHECK(Generate(options) == first);
  options.seed = 2;
  CHECK(Generate(options) != first);
  options.events = 0;
  CHECK(Generate(options).empty());
}

TEST_CASE("every line is an event, in order but for less than five seconds") {
  DemoOptions options;
  options.events = 30'000;
  std::int64_t newest = 0;
  std::int64_t out_of_order = 0;
  std::set<std::string> types, stories;
  for (const std::string& line : Generate(options)) {
    const auto event = nlohmann::json::parse(line);
    const std::int64_t ts = event.at("ts");
    CHECK(ts > newest - 5000);
    out_of_order += ts < newest;
    newest = std::max(newest, ts);
    types.insert(event.at("type"));
    if (event.contains("story")) {
      stories.insert(event.at("story"));
    }
    if (event.at("type") == "txn") {
      CHECK(event.at("amount").get<double>() > 0);
      CHECK(event.at("card").get<std::string>().substr(1) ==
            event.at("user").get<std::string>().substr(1));
    }
  }
  CHECK(out_of_order > 100);
  CHECK(types == std::set<std::string>{"txn", "refund", "verification", "login", "profile_change"});
  CHECK(stories.size() == kDemoStoryCount - 1);
}

TEST_CASE("stories are counted when they begin") {
  DemoOptions options;
  options.events = 20'000;
  DemoGenerator generator(options);
  for (std::string line; generator.Next(&line); line.clear()) {
  }
  std::int64_t total = 0;
  for (const std::int64_t count : generator.stories()) {
    total += count;
  }
  CHECK(generator.stories()[0] == 0);
  CHECK(total >= 5);
  CHECK(total <= 40);
}

}  // namespace
}  // namespace shrike::tools
