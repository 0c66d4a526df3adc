// StartIndex: which rules an event may start, found without asking every rule (architecture.md, "Speed").
//
// Every rule that an event of one type, coming by one route, may start has an entry for each of its start predicates.
// An entry is reached by the equality with a constant (or `in` a constant list) that fewest other entries have, or by two
// of them together where that leaves much fewer; inside such a bucket, or where there is no equality, by a comparison
// with a constant, kept in order of the constants. What is reached may hold; the caller asks the predicate.
// Cost: a hash for each column with equalities, a look-up for each of them and each pair of them that some entry needs,
// then what is reached; not the number of rules.
// Tested by: tests/nfa/start_index_test.cc.
#ifndef SHRIKE_NFA_START_INDEX_H_
#define SHRIKE_NFA_START_INDEX_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/event.h"
#include "base/value.h"
#include "nfa/expr.h"
#include "nfa/pool.h"

namespace shrike::nfa {

class StartIndex {
 public:
  struct Entry {
    std::int32_t rule = 0;
    std::int32_t predicate = 0;
    bool excepted = false;  // the rule has exceptions
  };
  // A comparison of a column with a constant.
  struct Limit {
    int column = 0;
    bool above = false;
    Value value;
  };

  // Appends the entries that the row may satisfy, each at most once, in no particular order.
  void Append(const Value* row, std::vector<Entry>* out) const;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }  // entries

 private:
  friend class StartIndexBuilder;

  // column > limit, or below it; limits ascending, limits[i] belongs to entries[i].
  struct Ordered {
    int column = 0;
    bool above = false;
    std::vector<Value> limits;
    std::vector<Entry> entries;
    void Sort();
  };
  struct Bucket {
    std::vector<Entry> plain;
    std::vector<Ordered> ordered;
  };
  // The buckets of the values of one column, or of two.
  struct Equalities {
    int first = 0;                                                   // of columns_
    int second = -1;                                                 // the same; -1: one column
    boost::unordered_flat_map<std::uint64_t, std::int32_t> buckets;  // by the values' hash
  };

  int ColumnOf(int column);
  std::size_t BucketOf(int first, int second, std::uint64_t hash);
  void Put(std::size_t bucket, Entry entry, const std::optional<Limit>& limit);
  static void AppendBucket(const Bucket& bucket, const Value* row, std::vector<Entry>* out);

  std::vector<Bucket> buckets_;  // the first one: entries without an equality
  std::vector<int> columns_;     // that are looked up
  std::vector<Equalities> equalities_;
  std::size_t size_ = 0;
};

class StartIndexBuilder {
 public:
  // conjuncts: of the entry's predicate; borrowed until Build.
  void Add(StartIndex::Entry entry, std::vector<const Expr*> conjuncts);

  // layout: for the columns' types. pool: owns the constants from here on.
  StartIndex Build(const RowLayout& layout, Pool* pool) const;

 private:
  struct Added {
    StartIndex::Entry entry;
    std::vector<const Expr*> conjuncts;
  };
  std::vector<Added> added_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_START_INDEX_H_
