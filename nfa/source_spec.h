// SourceSpec: one stream of a rule's or feature's `from`, and its key.
#ifndef SHRIKE_NFA_SOURCE_SPEC_H_
#define SHRIKE_NFA_SOURCE_SPEC_H_

#include <vector>

namespace shrike::nfa {

// The key's columns are as many and of the same types for every source of one rule (checked).
struct SourceSpec {
  int stream = 0;        // Catalog index
  std::vector<int> key;  // columns; empty: one global key

  friend bool operator==(const SourceSpec&, const SourceSpec&) = default;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_SOURCE_SPEC_H_
