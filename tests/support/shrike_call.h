// CallShrike: one call of the command line inside the test program, with what it wrote.
#ifndef SHRIKE_TESTS_SUPPORT_SHRIKE_CALL_H_
#define SHRIKE_TESTS_SUPPORT_SHRIKE_CALL_H_

#include <sstream>
#include <string>
#include <vector>

#include "tools/shrike/cli.h"

namespace shrike::testing {

struct ShrikeCall {
  int code = 0;
  std::string out;
  std::string err;
};

// arguments: without the program's name.
inline ShrikeCall CallShrike(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"shrike"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out;
  std::ostringstream err;
  tools::Streams streams;
  streams.out = &out;
  streams.err = &err;
  const int code = tools::Main(static_cast<int>(argv.size()), argv.data(), streams);
  return {code, out.str(), err.str()};
}

}  // namespace shrike::testing

#endif  // SHRIKE_TESTS_SUPPORT_SHRIKE_CALL_H_
