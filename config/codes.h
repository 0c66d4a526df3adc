// The diagnostic codes of the configuration, E06xx. Those of YAML itself (E00xx) and E0901, "not yet supported", are
// in rules/codes.h.
//
// A code is stable and never used again for something else. Tested by: tests/config/streams_test.cc.
#ifndef SHRIKE_CONFIG_CODES_H_
#define SHRIKE_CONFIG_CODES_H_

#include <span>

#include "base/diagnostic.h"

namespace shrike::config {

// In ascending order of code.
std::span<const CodeInfo> ConfigCodes();

}  // namespace shrike::config

#endif  // SHRIKE_CONFIG_CODES_H_
