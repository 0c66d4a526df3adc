// Program: a rule set compiled for matching. Immutable; shared by all tasks and threads.
//
// Rules with the same key fields form a key group: they, and the windows that they read, look at one KeyState per key,
// whatever their streams (language.md, 4.11 and 4.13, speak of such rules). A stream comes into a group by a route for each way its
// events are keyed there; a rule sees only events that come by its own routes.
// Next: nfa/matcher.h.
#ifndef SHRIKE_NFA_PROGRAM_H_
#define SHRIKE_NFA_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/schema.h"
#include "nfa/rule_spec.h"

namespace shrike::nfa {

struct ProgramData;  // nfa/program_data.h: for the matcher and explain

// One way from a stream into a key group.
struct KeyRoute {
  int id = 0;  // in the whole program
  int group = 0;
  std::vector<int> columns;  // of the key, in this stream; empty: global key
};

class Program {
 public:
  // spec: checked (rules/checker.h). Errors: kRule, when a pattern is too wide for base/limits.h.
  static Result<std::shared_ptr<const Program>> Build(RuleSetSpec spec, const Catalog& catalog,
                                                      Limits limits);
  ~Program();

  const std::vector<RuleSpec>& rules() const;  // in order of ids
  const RowLayout& layout() const;             // what a decoder must fill
  const Limits& limits() const;
  int group_count() const;
  // What names the group in stored state, whatever the other rules: its key fields' names and types.
  std::uint64_t group_hash(int group) const;
  int FindGroup(std::uint64_t hash) const;  // or -1
  int stream_count() const;                 // of the catalog
  const std::vector<std::string>& stream_names() const;
  const std::vector<KeyRoute>& routes(int stream) const;  // by group

  // The compiled form as text, one line a node, edge and predicate: for `explain` and table tests.
  std::string Dump() const;

  const ProgramData& data() const { return *data_; }

 private:
  explicit Program(std::unique_ptr<const ProgramData> data);
  std::unique_ptr<const ProgramData> data_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_PROGRAM_H_
