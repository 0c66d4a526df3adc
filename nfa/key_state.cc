// Tested by: tests/nfa/key_state_test.cc.
#include "nfa/key_state.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "nfa/program_data.h"

namespace shrike::nfa {
namespace {

constexpr std::uint64_t kStateVersion =
    2;  // Stored. Raise it when a field changes, and keep reading the older ones.
constexpr std::size_t kHeadWords = 4;  // version, runs, bytes of windows, bytes of risk
constexpr std::size_t kRunWords = 8;
constexpr std::size_t kArenaWordsMin = 96;  // a smaller arena is not worth compacting
// A key with more than this waits for the rest.
constexpr std::size_t kPrefetchBytesMax = 2048;
constexpr std::size_t kPrefetchRunsMax = 32;
constexpr std::size_t kPrefetchAppended = 256;  // bytes of new records
constexpr std::size_t kArenaWordsKept = 256;    // an empty state keeps so much for its next run

void AppendWord(std::uint64_t word, std::string* out) {
  out->append(reinterpret_cast<const char*>(&word), sizeof word);
}

std::uint64_t WordAt(std::string_view bytes, std::size_t index) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + index * sizeof word, sizeof word);
  return word;
}

// Whether every record that the run reaches lies inside the arena: the chain and the record before it.
bool ChainIsSound(const RecordLayout& layout, const Arena& arena, RecordChain chain) {
  bool seen_first = false;
  for (RecordId id = chain.last; id != kNoRecord;) {
    if (id + 5 > arena.size()) return false;
    const auto step = static_cast<std::size_t>(arena[id + 1] & 0xffff);
    if (step >= layout.record_words.size() || id + layout.record_words[step] > arena.size())
      return false;
    if (seen_first) return true;  // it is only subtracted
    seen_first = id == chain.first;
    const auto parent = static_cast<RecordId>(arena[id]);
    if (parent >= id) return false;  // a parent is always older
    if (seen_first && !layout.shares_loops && parent != kNoRecord) return false;
    id = parent;
  }
  return seen_first;
}

}  // namespace

std::size_t KeyState::size_bytes() const {
  return sizeof *this + (runs_.capacity() > 1 ? runs_.capacity() * sizeof(Run) : 0) +
         (arena_.capacity() > 1 ? arena_.capacity() * sizeof(std::uint64_t) : 0) +
         (history_ != nullptr
              ? sizeof *history_ + history_->windows.heap_bytes() + history_->risk.heap_bytes()
              : 0);
}

KeyHistory* KeyState::History() {
  if (history_ == nullptr) history_ = std::make_unique<KeyHistory>();
  return history_.get();
}

void KeyState::ForgetHistory(TimestampMs time) {
  if (history_ == nullptr || history_->expires() > time) return;
  history_.reset();
}

void KeyState::PrefetchRuns() const {
  const char* runs = reinterpret_cast<const char*>(runs_.data());
  const std::size_t bytes = std::min(runs_.size() * sizeof(Run), kPrefetchBytesMax);
  for (std::size_t line = 0; line < bytes; line += 64) __builtin_prefetch(runs + line);
  if (history_ != nullptr) __builtin_prefetch(history_.get());
}

void KeyState::PrefetchRecords() const {
  if (history_ != nullptr) history_->windows.Prefetch();
  const char* end = reinterpret_cast<const char*>(arena_.data() + arena_.size());
  for (std::size_t line = 0; line < kPrefetchAppended; line += 64)
    __builtin_prefetch(end + line, 1);
  const std::size_t count = std::min(runs_.size(), kPrefetchRunsMax);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t* last = arena_.data() + runs_[i].bound.last;
    __builtin_prefetch(last);
    __builtin_prefetch(last + 8);
    if (runs_[i].bound.first != runs_[i].bound.last)
      __builtin_prefetch(arena_.data() + runs_[i].bound.first);
  }
}

void KeyState::AppendBytes(const Program& program, int group, std::string* out) const {
  const ProgramData& data = program.data();
  std::string windows;
  std::string risk;
  if (history_ != nullptr) {
    history_->windows.AppendBytes(data.windows, group, &windows);
    history_->risk.AppendBytes(&risk);
  }
  AppendWord(kStateVersion, out);
  AppendWord(runs_.size(), out);
  AppendWord(windows.size(), out);
  AppendWord(risk.size(), out);
  for (const Run& run : runs_) {
    AppendWord(NodeHash(data.rules[static_cast<std::size_t>(run.rule)], run.node), out);
    AppendWord(run.live, out);
    AppendWord(run.counters, out);
    AppendWord(static_cast<std::uint64_t>(run.first_ts), out);
    AppendWord(static_cast<std::uint64_t>(run.last_ts), out);
    AppendWord(static_cast<std::uint64_t>(run.deadline), out);
    AppendWord(run.bound.last | static_cast<std::uint64_t>(run.bound.first) << 32, out);
    AppendWord((run.saw_event ? 1U : 0U) | (run.speaks ? 2U : 0U) | (run.told_full ? 4U : 0U), out);
  }
  out->append(windows).append(risk);
  for (const std::uint64_t word : arena_) AppendWord(word, out);
}

Result<KeyState> KeyState::FromBytes(const Program& program, int group, std::string_view bytes,
                                     std::size_t* dropped) {
  const auto corrupt = [] {
    return Fail(ErrorCode::kCorrupt, "the state of a key is not what was written");
  };
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (bytes.size() < kHeadWords * kWord || WordAt(bytes, 0) != kStateVersion) return corrupt();
  const std::uint64_t runs = WordAt(bytes, 1);
  const std::uint64_t window_bytes = WordAt(bytes, 2);
  const std::uint64_t risk_bytes = WordAt(bytes, 3);
  std::size_t rest = bytes.size() - kHeadWords * kWord;
  if (runs > rest / (kRunWords * kWord)) return corrupt();
  rest -= runs * kRunWords * kWord;
  if (window_bytes > rest || risk_bytes > rest - window_bytes) return corrupt();
  rest -= window_bytes + risk_bytes;
  if (rest % kWord != 0) return corrupt();
  KeyState state;
  const std::string_view arena = bytes.substr(bytes.size() - rest);
  state.arena_.resize(rest / kWord);
  for (std::size_t i = 0; i < state.arena_.size(); ++i) state.arena_[i] = WordAt(arena, i);
  const std::string_view history =
      bytes.substr(bytes.size() - rest - window_bytes - risk_bytes, window_bytes + risk_bytes);
  if (!history.empty()) {
    KeyHistory* loaded = state.History();
    SHRIKE_TRY(loaded->windows, WindowState::FromBytes(program.data().windows, group,
                                                       history.substr(0, window_bytes)));
    if (!loaded->risk.FromBytes(history.substr(window_bytes))) return corrupt();
    loaded->risk_expires = loaded->risk.Expires(program.data().spec.risk_half_life);
  }
  const auto& nodes = program.data().nodes_by_hash;
  *dropped = 0;
  for (std::size_t r = 0; r < runs; ++r) {
    const std::size_t at = kHeadWords + r * kRunWords;
    const auto node = nodes.find(WordAt(bytes, at));
    if (node == nodes.end()) {
      ++*dropped;
      continue;
    }
    Run run;
    run.live = WordAt(bytes, at + 1);
    run.counters = WordAt(bytes, at + 2);
    run.first_ts = static_cast<TimestampMs>(WordAt(bytes, at + 3));
    run.last_ts = static_cast<TimestampMs>(WordAt(bytes, at + 4));
    run.deadline = static_cast<TimestampMs>(WordAt(bytes, at + 5));
    run.bound = {static_cast<RecordId>(WordAt(bytes, at + 6)),
                 static_cast<RecordId>(WordAt(bytes, at + 6) >> 32)};
    run.saw_event = (WordAt(bytes, at + 7) & 1) != 0;
    run.speaks = (WordAt(bytes, at + 7) & 2) != 0;
    run.told_full = (WordAt(bytes, at + 7) & 4) != 0;
    run.rule = node->second.rule;
    run.node = node->second.node;
    const RecordLayout& layout = program.data().rules[static_cast<std::size_t>(run.rule)].layout;
    if (run.bound.empty() || !ChainIsSound(layout, state.arena_, run.bound)) return corrupt();
    state.runs_.push_back(run);
  }
  // Rules may have other places in this program's order.
  std::stable_sort(state.runs_.begin(), state.runs_.end(),
                   [](const Run& a, const Run& b) { return a.rule < b.rule; });
  state.Refresh();
  return state;
}

void KeyState::Refresh() {
  next_ = kTimeMax;
  deadline_ = kTimeMax;
  garbage_ = kTimeMax;
  TimestampMs last = kTimeMin;
  for (const Run& run : runs_) {
    next_ = std::min(next_, run.deadline);
    if (run.speaks) {
      deadline_ = std::min(deadline_, run.deadline);
    } else if (run.deadline != kTimeMax) {
      last = std::max(last, run.deadline);
    }
  }
  if (last != kTimeMin) {
    garbage_ = last;
  } else if (history_ != nullptr && !history_->empty()) {
    garbage_ = history_->expires();
  }
}

void KeyState::Compact(const Program& program, CompactScratch* scratch) {
  if (runs_.empty()) {
    arena_.clear();
    if (arena_.capacity() > kArenaWordsKept) arena_.shrink_to_fit();
    compact_at_ = kArenaWordsMin;
    return;
  }
  if (arena_.size() < compact_at_) return;
  // Chains that begin further back come first: then a record that has moved has moved with all before it that any run
  // needs, and the next run stops there. One record before a chain's first one goes with it, cut off from what was
  // before, for the difference of counts and sums.
  std::vector<std::uint32_t>& order = scratch->order;
  order.resize(runs_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return runs_[a].bound.first < runs_[b].bound.first;
  });
  scratch->arena.clear();
  for (const std::uint32_t i : order) MoveChain(program, &runs_[i], scratch);
  arena_.assign(scratch->arena.begin(), scratch->arena.end());
  compact_at_ =
      static_cast<std::uint32_t>(std::max<std::size_t>(kArenaWordsMin, 3 * arena_.size()));
}

// Records are copied parents first. One that has moved says where to, so that chains stay shared.
void KeyState::MoveChain(const Program& program, Run* run, CompactScratch* scratch) {
  const RecordLayout& layout = program.data().rules[static_cast<std::size_t>(run->rule)].layout;
  const RecordView last(arena_, layout, run->bound);
  std::vector<RecordId>& chain = scratch->chain;
  chain.clear();
  RecordId at = run->bound.last;
  bool beyond = false;  // at the record before the first one
  while (at != kNoRecord && MovedTo(arena_, at) == kNoRecord) {
    chain.push_back(at);
    if (beyond) break;
    beyond = at == run->bound.first;
    at = last.At(at).parent();
  }
  RecordId parent =
      at == kNoRecord || MovedTo(arena_, at) == kNoRecord ? kNoRecord : MovedTo(arena_, at);
  for (; !chain.empty(); chain.pop_back()) {
    parent = CopyRecord(last.At(chain.back()), parent, &scratch->arena);
    SetMovedTo(chain.back(), parent, &arena_);
  }
  run->bound = {MovedTo(arena_, run->bound.last), MovedTo(arena_, run->bound.first)};
}

}  // namespace shrike::nfa
