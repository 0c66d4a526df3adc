// Pool: what compiled expressions share and do not change: constants, sets, patterns, networks, time zones.
// Owned by a Program; immutable after it is built.
#ifndef SHRIKE_NFA_POOL_H_
#define SHRIKE_NFA_POOL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table.h"
#include "base/value.h"
#include "base/value_store.h"
#include "nfa/expr.h"
#include "nfa/pattern_set.h"

namespace shrike::nfa {

// A constant list for `in`: a sorted array, searched by halves.
struct ValueSet {
  std::vector<Value> sorted;  // by Order, without nulls
  bool has_null = false;
};

struct CidrSet {
  struct Network {
    IpBytes address{};
    int bits = 0;  // of 128
  };
  std::vector<Network> networks;
  bool Contains(const IpBytes& ip) const;
};

// Patterns of one `like`, `ilike` or `matches`: some of them must fit.
class TextPatterns {
 public:
  TextPatterns(Op op, std::vector<std::string> patterns);
  ~TextPatterns();
  TextPatterns(TextPatterns&&) noexcept;
  bool Matches(std::string_view text) const;
  std::vector<std::string> regexes() const;  // of `ilike` and `matches`, as RE2 reads them

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Pool {
 public:
  // Each returns an index, or a Value whose bytes the pool owns.
  Value Own(const Constant& constant);
  int AddConstant(const Constant& constant);
  int AddSet(const Constant& list);
  int AddCidrs(const std::vector<std::string>& networks);
  // column: whose values they are asked of, or -1: something else.
  int AddPatterns(Op op, std::vector<std::string> patterns, int column);

  // Once everything is added: the regexes of columns that several patterns are asked of become sets.
  void CompilePatternSets();

  void SetTables(std::vector<std::shared_ptr<const Table>> tables) { tables_ = std::move(tables); }

  const Table& table(int i) const { return *tables_[static_cast<std::size_t>(i)]; }
  const Value& constant(int i) const { return constants_[static_cast<std::size_t>(i)]; }
  const ValueSet& set(int i) const { return sets_[static_cast<std::size_t>(i)]; }
  const CidrSet& cidrs(int i) const { return cidrs_[static_cast<std::size_t>(i)]; }
  const TextPatterns& patterns(int i) const { return patterns_[static_cast<std::size_t>(i)].text; }
  std::size_t pattern_count() const { return patterns_.size(); }
  // The set that the patterns are in, or -1.
  int set_of_patterns(int i) const { return patterns_[static_cast<std::size_t>(i)].set; }
  const PatternSet& pattern_set(int i) const { return pattern_sets_[static_cast<std::size_t>(i)]; }
  std::size_t pattern_set_count() const { return pattern_sets_.size(); }

 private:
  struct Patterns {
    TextPatterns text;
    int column = -1;
    int set = -1;
  };

  ValueStore store_;
  std::vector<Value> constants_;
  std::vector<ValueSet> sets_;
  std::vector<CidrSet> cidrs_;
  std::vector<Patterns> patterns_;
  std::vector<PatternSet> pattern_sets_;
  std::vector<std::shared_ptr<const Table>> tables_;
};

// The constant as a Value that borrows its text. constant: not a list (checked).
Value ScalarValue(const Constant& constant);

// "10.0.0.0/8"; nullopt if it is no network or address.
std::optional<CidrSet::Network> ParseNetwork(std::string_view text);

// like: `*` any text, `?` one code point, `\*` literal; the whole value.
bool LikeMatches(std::string_view pattern, std::string_view text);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_POOL_H_
