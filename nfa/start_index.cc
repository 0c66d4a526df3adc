#include "nfa/start_index.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "nfa/key.h"
#include "nfa/operators.h"

namespace shrike::nfa {
namespace {

// With fewer entries asking them all is as quick.
constexpr std::size_t kIndexedMin = 8;
// An entry has at most so many places for the values of two lists together.
constexpr std::size_t kPairPlacesMax = 64;
// Two equalities together must leave so many times fewer entries than one: they cost a look-up of their own.
constexpr std::size_t kPairGain = 3;

bool Less(const Value& a, const Value& b) { return Order(a, b) == -1; }

// Equal values of one column, equal hashes.
std::uint64_t HashOf(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
      return Hash64(value.string());
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration: {
      const std::int64_t number = value.int64();
      return Hash64({reinterpret_cast<const char*>(&number), sizeof number});
    }
    default: {
      std::string bytes;
      EncodeKeyValue(value, &bytes);
      return Hash64(bytes);
    }
  }
}

// Of the values of two columns.
std::uint64_t PairHash(std::uint64_t first, std::uint64_t second) {
  return (first * 0x9e3779b97f4a7c15) ^ (second + (first >> 32));
}

// A conjunct that is reached by the value of one column.
struct Access {
  int column = 0;
  std::vector<const Constant*> equal;  // one of them; empty: a limit
  const Constant* limit = nullptr;
  bool above = false;
};

Op Mirrored(Op op) {
  switch (op) {
    case Op::kLess:
      return Op::kGreater;
    case Op::kLessEqual:
      return Op::kGreaterEqual;
    case Op::kGreater:
      return Op::kLess;
    case Op::kGreaterEqual:
      return Op::kLessEqual;
    default:
      return op;
  }
}

std::optional<Access> ListAccess(const Expr& conjunct, Type type) {
  const Expr& left = conjunct.args[0];
  const Expr& right = conjunct.args[1];
  if (left.op != Op::kField || left.column == kTimeColumn || right.op != Op::kConstant ||
      right.constant.kind != Kind::kList)
    return std::nullopt;
  Access access{left.column, {}, nullptr, false};
  for (const Constant& item : right.constant.items) {
    if (item.kind == Kind::kNull) continue;
    if (item.kind != type.kind) return std::nullopt;
    access.equal.push_back(&item);
  }
  return access.equal.empty() ? std::nullopt : std::optional(access);
}

std::optional<Access> AccessOf(const Expr& conjunct, const RowLayout& layout) {
  const bool list = conjunct.op == Op::kIn;
  const bool comparison = conjunct.op >= Op::kEqual && conjunct.op <= Op::kGreaterEqual;
  if ((!list && !comparison) || conjunct.op == Op::kNotEqual) return std::nullopt;
  const bool mirrored = conjunct.args[0].op == Op::kConstant;
  const Expr& field = conjunct.args[mirrored ? 1 : 0];
  const Expr& constant = conjunct.args[mirrored ? 0 : 1];
  if (field.op != Op::kField || field.column == kTimeColumn || constant.op != Op::kConstant)
    return std::nullopt;
  const Type type = layout.columns[static_cast<std::size_t>(field.column)].type;
  if (type.kind == Kind::kList || type.kind == Kind::kFloat) return std::nullopt;
  if (list) return ListAccess(conjunct, type);
  if (constant.constant.kind != type.kind) return std::nullopt;
  Access access{field.column, {}, nullptr, false};
  const Op op = mirrored ? Mirrored(conjunct.op) : conjunct.op;
  if (op == Op::kEqual) {
    access.equal.push_back(&constant.constant);
  } else {
    access.limit = &constant.constant;
    access.above = op == Op::kGreater || op == Op::kGreaterEqual;
  }
  return access;
}

}  // namespace

void StartIndex::Append(const Value* row, std::vector<Entry>* out) const {
  if (buckets_.empty()) return;
  AppendBucket(buckets_.front(), row, out);
  boost::container::small_vector<std::optional<std::uint64_t>, 8> hashes;
  for (const int column : columns_) {
    const Value& value = row[column];
    hashes.push_back(value.is_null() ? std::nullopt : std::optional(HashOf(value)));
  }
  for (const Equalities& equalities : equalities_) {
    std::optional<std::uint64_t> hash = hashes[static_cast<std::size_t>(equalities.first)];
    if (equalities.second >= 0 && hash) {
      const auto& second = hashes[static_cast<std::size_t>(equalities.second)];
      hash = second ? std::optional(PairHash(*hash, *second)) : std::nullopt;
    }
    if (!hash) continue;
    const auto bucket = equalities.buckets.find(*hash);
    if (bucket != equalities.buckets.end())
      AppendBucket(buckets_[static_cast<std::size_t>(bucket->second)], row, out);
  }
}

// A limit that equals the value is reached too: the predicate says whether it holds.
void StartIndex::AppendBucket(const Bucket& bucket, const Value* row, std::vector<Entry>* out) {
  out->insert(out->end(), bucket.plain.begin(), bucket.plain.end());
  for (const Ordered& ordered : bucket.ordered) {
    const Value& value = row[ordered.column];
    if (value.is_null()) continue;
    const auto& limits = ordered.limits;
    if (ordered.above) {
      const auto end = std::upper_bound(limits.begin(), limits.end(), value, Less);
      out->insert(out->end(), ordered.entries.begin(),
                  ordered.entries.begin() + (end - limits.begin()));
    } else {
      const auto begin = std::lower_bound(limits.begin(), limits.end(), value, Less);
      out->insert(out->end(), ordered.entries.begin() + (begin - limits.begin()),
                  ordered.entries.end());
    }
  }
}

void StartIndexBuilder::Add(StartIndex::Entry entry, std::vector<const Expr*> conjuncts) {
  added_.push_back({entry, std::move(conjuncts)});
}

namespace {

using Accesses = std::vector<Access>;  // of one entry's conjuncts

// The columns whose values lead to an entry, and the hashes of those values.
struct Way {
  int first = -1;  // -1: no equality
  int second = -1;
  std::vector<std::uint64_t> hashes;
};

// Where an entry stands.
struct Place {
  Way way;
  std::optional<StartIndex::Limit> limit;
};

std::uint64_t HashOf(const Constant* constant) { return HashOf(ScalarValue(*constant)); }

void SortUnique(std::vector<std::uint64_t>* hashes) {
  std::sort(hashes->begin(), hashes->end());
  hashes->erase(std::unique(hashes->begin(), hashes->end()), hashes->end());
}

Way WayOf(const Access& access) {
  Way way{access.column, -1, {}};
  for (const Constant* constant : access.equal) way.hashes.push_back(HashOf(constant));
  SortUnique(&way.hashes);
  return way;
}

// All ways to an entry: by each equality, and by any two of different columns.
std::vector<Way> WaysOf(const Accesses& accesses) {
  std::vector<Way> ways;
  for (const Access& access : accesses) {
    if (!access.equal.empty()) ways.push_back(WayOf(access));
  }
  const std::size_t single = ways.size();
  for (std::size_t a = 0; a < single; ++a) {
    for (std::size_t b = 0; b < single; ++b) {
      if (ways[a].first >= ways[b].first ||
          ways[a].hashes.size() * ways[b].hashes.size() > kPairPlacesMax)
        continue;
      Way pair{ways[a].first, ways[b].first, {}};
      for (const std::uint64_t first : ways[a].hashes) {
        for (const std::uint64_t second : ways[b].hashes)
          pair.hashes.push_back(PairHash(first, second));
      }
      SortUnique(&pair.hashes);
      ways.push_back(std::move(pair));
    }
  }
  return ways;
}

// Puts entries in their places.
class Placer {
 public:
  explicit Placer(Pool* pool) : pool_(*pool) {}

  void Count(const Accesses& accesses) {
    for (const Way& way : WaysOf(accesses)) {
      for (const std::uint64_t hash : way.hashes) ++counts_[{way.first, way.second, hash}];
    }
  }

  // The way that fewest entries have; then any limit.
  Place PlaceOf(const Accesses& accesses) {
    Place place;
    for (const Access& access : accesses) {
      if (access.limit == nullptr) continue;
      place.limit = StartIndex::Limit{access.column, access.above, pool_.Own(*access.limit)};
      break;
    }
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (Way& way : WaysOf(accesses)) {
      std::size_t reached = 0;
      for (const std::uint64_t hash : way.hashes) reached += counts_[{way.first, way.second, hash}];
      const std::size_t cost = way.second < 0 ? reached : reached * kPairGain + kIndexedMin;
      if (cost >= fewest) continue;
      fewest = cost;
      place.way = std::move(way);
    }
    return place;
  }

 private:
  Pool& pool_;
  boost::unordered_flat_map<std::tuple<int, int, std::uint64_t>, std::size_t> counts_;
};

}  // namespace

StartIndex StartIndexBuilder::Build(const RowLayout& layout, Pool* pool) const {
  StartIndex index;
  index.size_ = added_.size();
  if (added_.empty()) return index;
  index.buckets_.emplace_back();
  if (added_.size() < kIndexedMin) {
    for (const Added& added : added_) index.buckets_.front().plain.push_back(added.entry);
    return index;
  }
  std::vector<Accesses> accesses(added_.size());
  Placer placer(pool);
  for (std::size_t i = 0; i < added_.size(); ++i) {
    for (const Expr* conjunct : added_[i].conjuncts) {
      if (std::optional<Access> access = AccessOf(*conjunct, layout))
        accesses[i].push_back(std::move(*access));
    }
    placer.Count(accesses[i]);
  }
  for (std::size_t i = 0; i < added_.size(); ++i) {
    const StartIndex::Entry entry = added_[i].entry;
    const Place place = placer.PlaceOf(accesses[i]);
    if (place.way.first < 0) index.Put(0, entry, place.limit);
    for (const std::uint64_t hash : place.way.hashes)
      index.Put(index.BucketOf(place.way.first, place.way.second, hash), entry, place.limit);
  }
  for (StartIndex::Bucket& bucket : index.buckets_) {
    for (StartIndex::Ordered& ordered : bucket.ordered) ordered.Sort();
  }
  return index;
}

int StartIndex::ColumnOf(int column) {
  const auto known = std::find(columns_.begin(), columns_.end(), column);
  const auto index = static_cast<int>(known - columns_.begin());
  if (known == columns_.end()) columns_.push_back(column);
  return index;
}

// The bucket of a column's value, or of two columns' (second -1: one), made if it is new.
std::size_t StartIndex::BucketOf(int first, int second, std::uint64_t hash) {
  const int a = ColumnOf(first);
  const int b = second < 0 ? -1 : ColumnOf(second);
  auto equalities = std::find_if(equalities_.begin(), equalities_.end(), [&](const Equalities& e) {
    return e.first == a && e.second == b;
  });
  if (equalities == equalities_.end()) {
    equalities_.push_back({a, b, {}});
    equalities = equalities_.end() - 1;
  }
  const auto [at, is_new] =
      equalities->buckets.try_emplace(hash, static_cast<std::int32_t>(buckets_.size()));
  if (is_new) buckets_.emplace_back();
  return static_cast<std::size_t>(at->second);
}

void StartIndex::Put(std::size_t bucket, Entry entry, const std::optional<Limit>& limit) {
  Bucket& to = buckets_[bucket];
  if (!limit) {
    to.plain.push_back(entry);
    return;
  }
  auto ordered = std::find_if(to.ordered.begin(), to.ordered.end(), [&](const Ordered& o) {
    return o.column == limit->column && o.above == limit->above;
  });
  if (ordered == to.ordered.end()) {
    to.ordered.push_back({limit->column, limit->above, {}, {}});
    ordered = to.ordered.end() - 1;
  }
  ordered->limits.push_back(limit->value);
  ordered->entries.push_back(entry);
}

void StartIndex::Ordered::Sort() {
  std::vector<std::size_t> order(limits.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return Less(limits[a], limits[b]); });
  const Ordered before = std::move(*this);
  *this = {before.column, before.above, {}, {}};
  for (const std::size_t i : order) {
    limits.push_back(before.limits[i]);
    entries.push_back(before.entries[i]);
  }
}

}  // namespace shrike::nfa
