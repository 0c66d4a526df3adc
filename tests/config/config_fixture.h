// What the configuration's tests share: reading a text with a fake environment.
#ifndef SHRIKE_TESTS_CONFIG_CONFIG_FIXTURE_H_
#define SHRIKE_TESTS_CONFIG_CONFIG_FIXTURE_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace shrike::config {

struct ReadText {
  std::optional<EngineConfig> config;
  std::vector<Diagnostic> diagnostics;

  // "E0601 1:1 unknown key `x` (did you mean `y`?)", one a line.
  std::string Errors() const;
};

// The environment has N=4, EMPTY= and PASSWORD=hunter2; the file /secret holds "from file\n".
Resolver FakeResolver();

ReadText Read(std::string_view text);

}  // namespace shrike::config

#endif  // SHRIKE_TESTS_CONFIG_CONFIG_FIXTURE_H_
