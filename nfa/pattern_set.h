// PatternSet: the regexes that the conditions of a program ask of one column, found by one pass over its value.
//
// PatternMemo remembers for one matcher what was found in the current event, so that a value is read at most once an
// event, and only if a condition asks. A pass costs some ns a byte, whatever number of regexes the set has.
// Tested by: tests/nfa/pattern_set_test.cc.
#ifndef SHRIKE_NFA_PATTERN_SET_H_
#define SHRIKE_NFA_PATTERN_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace shrike::nfa {

class Pool;

// Immutable after Compile.
class PatternSet {
 public:
  PatternSet();
  ~PatternSet();
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;

  // Adds a regex (checked by rules/). member: what Find calls it; several regexes may have one.
  void Add(const std::string& regex, int member);
  std::size_t size() const { return regexes_.size(); }  // different regexes

  // False: RE2 has no room for all of them together; Find must not be called.
  bool Compile();

  // Appends the members that have a regex that is found in the text, some perhaps twice. False: the automaton has
  // outgrown its memory on this text, nothing is known. indices: scratch.
  bool Find(std::string_view text, std::vector<int>* indices, std::vector<int>* members) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::vector<std::string> regexes_;       // in the order of their RE2 indices
  std::vector<std::vector<int>> members_;  // members_[regexes]
};

// One matcher's.
class PatternMemo {
 public:
  // The next event: nothing is known of it.
  void Begin() { ++epoch_; }

  // Whether some pattern of Pool::patterns(patterns), which are of a set, is found in the value that the current event has
  // in their column: in the text, or in a text of the list. nullopt: they must be asked one by one. value: not null.
  std::optional<bool> Found(const Pool& pool, int patterns, const Value& value);

 private:
  void Read(const Pool& pool, int set, const Value& value);

  std::uint64_t epoch_ = 1;
  std::vector<std::uint64_t> read_;     // read_[sets]: the epoch in which the set read its column
  std::vector<std::uint64_t> unknown_;  // unknown_[sets]: the epoch in which it could not
  std::vector<std::uint64_t> found_;    // found_[patterns]: the epoch in which they were found
  std::vector<int> indices_, members_;  // scratch
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_PATTERN_SET_H_
