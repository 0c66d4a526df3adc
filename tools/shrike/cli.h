// The command line: `shrike VERB ..` (interfaces.md, "Command line").
//
// Tested by: tests/tools/cli_test.cc.  Next: tools/shrike/verbs.h.
#ifndef SHRIKE_TOOLS_SHRIKE_CLI_H_
#define SHRIKE_TOOLS_SHRIKE_CLI_H_

#include "tools/shrike/session.h"

namespace shrike::tools {

// Does what the arguments say and returns the exit code. Never throws. Main function but for signals and terminals,
// so that tests can call it.
int Main(int argc, const char* const* argv, const Streams& streams);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_CLI_H_
