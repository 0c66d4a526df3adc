// The functions of language.md, 4.10, on Values. A null argument gives null (but for `if`, which Code does itself).
// Tested by: tests/nfa/functions_test.cc.
#ifndef SHRIKE_NFA_FUNCTIONS_H_
#define SHRIKE_NFA_FUNCTIONS_H_

#include <span>
#include <vector>

#include "base/value.h"
#include "nfa/code.h"
#include "nfa/expr.h"

namespace shrike::nfa {

// args: of the types the checker allows. Strings and lists of the result live in scratch or in the arguments.
Value CallFunction(Function function, std::span<const Value> args, Type type, Scratch* scratch);

// stddev, distinct and values over non-null values in event order (language.md, 4.3, 4.6, 4.7).
Value WalkAggregate(Aggregate aggregate, const std::vector<Value>& values, Scratch* scratch);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_FUNCTIONS_H_
