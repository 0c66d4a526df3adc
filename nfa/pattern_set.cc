// Tested by: tests/nfa/pattern_set_test.cc.
#include "nfa/pattern_set.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <span>

#include "base/check.h"
#include "nfa/pool.h"

namespace shrike::nfa {
namespace {

// For the automaton's states, which RE2 makes as texts need them: its own default, and some more for each regex.
constexpr std::int64_t kSetBytes = 8 << 20;
constexpr std::int64_t kRegexBytes = 64 << 10;
constexpr std::int64_t kSetBytesMax = 64 << 20;

}  // namespace

struct PatternSet::Impl {
  std::unique_ptr<re2::RE2::Set> set;
};

PatternSet::PatternSet() : impl_(std::make_unique<Impl>()) {}
PatternSet::~PatternSet() = default;
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;

void PatternSet::Add(const std::string& regex, int member) {
  const auto known = std::find(regexes_.begin(), regexes_.end(), regex);
  const auto index = static_cast<std::size_t>(known - regexes_.begin());
  if (known == regexes_.end()) {
    regexes_.push_back(regex);
    members_.emplace_back();
  }
  members_[index].push_back(member);
}

bool PatternSet::Compile() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(
      std::min(kSetBytesMax, kSetBytes + kRegexBytes * static_cast<std::int64_t>(regexes_.size())));
  auto set = std::make_unique<re2::RE2::Set>(options, re2::RE2::UNANCHORED);
  for (const std::string& regex : regexes_) SHRIKE_CHECK(set->Add(regex, nullptr) >= 0);
  if (!set->Compile()) return false;
  impl_->set = std::move(set);
  return true;
}

bool PatternSet::Find(std::string_view text, std::vector<int>* indices,
                      std::vector<int>* members) const {
  re2::RE2::Set::ErrorInfo error{};
  indices->clear();
  impl_->set->Match(re2::StringPiece(text.data(), text.size()), indices, &error);
  if (error.kind != re2::RE2::Set::kNoError) return false;
  for (const int index : *indices) {
    const std::vector<int>& found = members_[static_cast<std::size_t>(index)];
    members->insert(members->end(), found.begin(), found.end());
  }
  return true;
}

std::optional<bool> PatternMemo::Found(const Pool& pool, int patterns, const Value& value) {
  const int set = pool.set_of_patterns(patterns);
  const auto index = static_cast<std::size_t>(set);
  if (read_.empty()) {
    read_.resize(pool.pattern_set_count());
    unknown_.resize(pool.pattern_set_count());
    found_.resize(pool.pattern_count());
  }
  if (read_[index] != epoch_) Read(pool, set, value);
  if (unknown_[index] == epoch_) return std::nullopt;
  return found_[static_cast<std::size_t>(patterns)] == epoch_;
}

void PatternMemo::Read(const Pool& pool, int set, const Value& value) {
  read_[static_cast<std::size_t>(set)] = epoch_;
  const bool list = value.kind() == Kind::kList;
  const std::span<const Value> texts(list ? value.list_items() : &value,
                                     list ? value.list_size() : 1);
  members_.clear();
  for (const Value& text : texts) {
    if (text.is_null()) continue;
    if (!pool.pattern_set(set).Find(text.string(), &indices_, &members_))
      unknown_[static_cast<std::size_t>(set)] = epoch_;
  }
  for (const int member : members_) found_[static_cast<std::size_t>(member)] = epoch_;
}

}  // namespace shrike::nfa
