// What the process tells its caller (interfaces.md, "Command line").
#ifndef SHRIKE_TOOLS_SHRIKE_EXIT_CODE_H_
#define SHRIKE_TOOLS_SHRIKE_EXIT_CODE_H_

#include "base/result.h"

namespace shrike::tools {

inline constexpr int kExitGood = 0;
inline constexpr int kExitFindings = 1;  // rule errors, failed tests, a non-empty diff
inline constexpr int kExitUsage = 2;
inline constexpr int kExitIo = 3;       // a file or a broker cannot be reached
inline constexpr int kExitCorrupt = 4;  // state is corrupt or foreign
inline constexpr int kExitInternal = 70;
inline constexpr int kExitConfig = 78;        // the configuration is invalid or missing
inline constexpr int kExitInterrupted = 130;  // 128 + SIGINT, as shells have it

inline int ExitCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
      return kExitUsage;
    case ErrorCode::kConfig:
      return kExitConfig;
    case ErrorCode::kRule:
      return kExitFindings;
    case ErrorCode::kIo:
      return kExitIo;
    case ErrorCode::kCorrupt:
      return kExitCorrupt;
    case ErrorCode::kLimit:
    case ErrorCode::kInternal:
      return kExitInternal;
  }
  return kExitInternal;
}

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_EXIT_CODE_H_
