#include "rules/codes.h"

#include <algorithm>

namespace shrike::rules {
namespace {

bool SameCode(std::string_view a, std::string_view b) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return upper(x) == upper(y); });
}

}  // namespace

std::vector<CodeInfo> AllCodes() {
  std::vector<CodeInfo> codes(SyntaxCodes().begin(), SyntaxCodes().end());
  codes.insert(codes.end(), CheckCodes().begin(), CheckCodes().end());
  std::sort(codes.begin(), codes.end(),
            [](const CodeInfo& a, const CodeInfo& b) { return a.code < b.code; });
  return codes;
}

const CodeInfo* FindCode(std::string_view code) {
  for (const std::span<const CodeInfo> table : {SyntaxCodes(), CheckCodes()}) {
    for (const CodeInfo& info : table) {
      if (SameCode(info.code, code)) return &info;
    }
  }
  return nullptr;
}

}  // namespace shrike::rules
