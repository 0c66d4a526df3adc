// OperatorTable: which operators of the language a pair of the differential test uses.
#ifndef SHRIKE_TESTS_ORACLE_OPERATOR_TABLE_H_
#define SHRIKE_TESTS_ORACLE_OPERATOR_TABLE_H_

#include <set>
#include <string>
#include <vector>

#include "tests/oracle/generator.h"

namespace shrike::oracle {

// The names of the operators that the pair uses.
std::set<std::string> OperatorsOf(const Pair& pair);
// All names that OperatorsOf may give.
std::vector<std::string> AllOperators();

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_OPERATOR_TABLE_H_
