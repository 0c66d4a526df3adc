#include "tests/sim/history_log.h"

#include "base/check.h"
#include "engine/commit_metadata.h"

namespace shrike::sim {

void HistoryLog::Commit(std::span<const InputOffset> offsets) {
  for (const InputOffset& offset : offsets) {
    const auto metadata = engine::ParseCommitMetadata(offset.metadata);
    SHRIKE_CHECK(metadata.has_value());
    tasks_[offset.partition.partition].bases.insert({metadata->history, metadata->base});
  }
}

void HistoryLog::Checkpoint(std::string_view bytes) {
  const auto head = engine::ReadCheckpointHead(bytes);
  if (!head) return;  // A store that is being filled.
  OfTask& task = tasks_[head->task];
  if (head->sequence == 0) task.first_rules[head->history] = head->rules;
  if (head->pending) task.pending[{head->history, head->sequence}] = *head;
}

std::vector<engine::CheckpointHead> HistoryLog::Decisions(int task,
                                                          const engine::TaskHistory& last) const {
  std::vector<engine::CheckpointHead> decisions;
  const auto found = tasks_.find(task);
  if (found == tasks_.end()) return decisions;
  std::set<Moment> bases = found->second.bases;
  bases.insert({last.id, last.base});
  for (const Moment& base : bases) {
    if (base.first != last.id) continue;
    const auto pending = found->second.pending.find(base);
    if (pending != found->second.pending.end()) decisions.push_back(pending->second);
  }
  return decisions;
}

std::string HistoryLog::FirstRules(int task, std::uint64_t history) const {
  const auto found = tasks_.find(task);
  if (found == tasks_.end()) return "";
  const auto rules = found->second.first_rules.find(history);
  return rules == found->second.first_rules.end() ? "" : rules->second;
}

}  // namespace shrike::sim
