// "did you mean": the known name that a misspelt one most likely stands for.
//
// Used for keys, fields, functions, steps. Pure. Tested by: tests/base/text_test.cc.
#ifndef SHRIKE_BASE_SUGGEST_H_
#define SHRIKE_BASE_SUGGEST_H_

#include <string>
#include <string_view>
#include <vector>

namespace shrike {

// Edits from a to b: insert, delete or replace a byte, or swap two neighbours (optimal string alignment); ASCII case
// does not count. `limit` or more edits are reported as `limit`. Cost: O(|a| * |b|).
int EditDistance(std::string_view a, std::string_view b, int limit);

// The nearest candidate: at most one edit for words up to four bytes, two up to eight, else three, and always fewer
// than half of the word. Of equally near ones the one that shares the longer start, then the earlier in `candidates`.
// Empty if none is near enough.
std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// "did you mean `amount`?", or empty.
std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace shrike

#endif  // SHRIKE_BASE_SUGGEST_H_
