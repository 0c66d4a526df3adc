// Result<T>: a value, or why there is none. The only way a function of ours fails (STYLE.md, "Errors", 1).
#ifndef SHRIKE_BASE_RESULT_H_
#define SHRIKE_BASE_RESULT_H_

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace shrike {

// What a caller can do about a failure. A code exists only if some caller acts on it differently.
enum class ErrorCode : std::uint8_t {
  kUsage,     // the command line is wrong; exit 2
  kConfig,    // the configuration is wrong; exit 78
  kRule,      // a rule file is wrong; exit 1
  kIo,        // a file or a broker cannot be reached; exit 3
  kCorrupt,   // stored bytes fail their checksum or belong to another application; exit 4
  kLimit,     // a bound of base/limits.h was reached
  kInternal,  // our own code is wrong; exit 70
};

struct Error {
  ErrorCode code;
  std::string message;  // a full sentence with the value and the place, no trailing newline
};

// tl::expected is not [[nodiscard]]; this thin class adds it.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace shrike

#define SHRIKE_CONCAT_INNER(a, b) a##b
#define SHRIKE_CONCAT(a, b) SHRIKE_CONCAT_INNER(a, b)

// SHRIKE_TRY(declaration, expression): declares the value of the Result, or returns its error.
#define SHRIKE_TRY(declaration, expression)                       \
  auto SHRIKE_CONCAT(shrike_try_, __LINE__) = (expression);       \
  if (!SHRIKE_CONCAT(shrike_try_, __LINE__)) {                    \
    return tl::unexpected<::shrike::Error>(                       \
        std::move(SHRIKE_CONCAT(shrike_try_, __LINE__)).error()); \
  }                                                               \
  declaration = std::move(*SHRIKE_CONCAT(shrike_try_, __LINE__))

// SHRIKE_TRY_VOID(expression): returns the error of a Result<void>, if any.
#define SHRIKE_TRY_VOID(expression)                                               \
  do {                                                                            \
    auto shrike_try_void = (expression);                                          \
    if (!shrike_try_void) {                                                       \
      return tl::unexpected<::shrike::Error>(std::move(shrike_try_void).error()); \
    }                                                                             \
  } while (false)

#endif  // SHRIKE_BASE_RESULT_H_
