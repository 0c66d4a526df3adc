// E02xx to E09xx and W03xx: what the checker says. See rules/codes.h.
#include "rules/codes.h"

namespace shrike::rules {
namespace {

constexpr CodeInfo kCodes[] = {
    {"E0901", "not yet supported",
     "The language has this, but this version does not evaluate it. It is refused, not ignored, "
     "because a rule that "
     "silently does less than it says is worse than none."},
};

}  // namespace

std::span<const CodeInfo> CheckCodes() { return kCodes; }

}  // namespace shrike::rules
