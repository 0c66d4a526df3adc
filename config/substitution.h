// `${..}` in the values of the configuration.
//
//   ${NAME}            the environment variable; it must be set
//   ${NAME:-text}      `text` if it is not set or empty; the text ends at the first }
//   ${file:/path}      the file's content without its last line end
//   $${                the two characters ${
// What a value stands for is not looked at again. Tested by: tests/config/substitution_test.cc.
#ifndef SHRIKE_CONFIG_SUBSTITUTION_H_
#define SHRIKE_CONFIG_SUBSTITUTION_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "config/config.h"

namespace shrike::config {

struct Substituted {
  std::string text;
  bool replaced = false;  // something was: the text may be a secret
  // If `error` is not empty, the reference at bytes [error_begin, error_end) of the source cannot be replaced. The
  // message never has a value in it.
  std::string error;
  std::size_t error_begin = 0;
  std::size_t error_end = 0;
};

Substituted Substitute(std::string_view source, const Resolver& resolver);

}  // namespace shrike::config

#endif  // SHRIKE_CONFIG_SUBSTITUTION_H_
