// SHRIKE_CHECK: an invariant of our own code, also in release builds (STYLE.md, "Errors", 2).
//
// A failed check prints the condition and its place to stderr and aborts: state that is known to be wrong must
// never be committed. It is not for bad input: that is a Result or a Diagnostic.
#ifndef SHRIKE_BASE_CHECK_H_
#define SHRIKE_BASE_CHECK_H_

namespace shrike {

[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace shrike

#define SHRIKE_CHECK(condition)                        \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::shrike::CheckFailed(#condition, __FILE__, __LINE__))

#endif  // SHRIKE_BASE_CHECK_H_
