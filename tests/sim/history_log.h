// HistoryLog: what the world has seen of the histories of its tasks: which decisions were written, which took effect,
// where the partitions stood then. From it the outputs can be made again without faults.
#ifndef SHRIKE_TESTS_SIM_HISTORY_LOG_H_
#define SHRIKE_TESTS_SIM_HISTORY_LOG_H_

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/input_offset.h"
#include "engine/checkpoint.h"
#include "engine/task.h"
#include "tests/sim/sim_rules.h"

namespace shrike::sim {

class HistoryLog {
 public:
  // A transaction took effect.
  void Commit(std::span<const InputOffset> offsets);
  // A head reached some disk, or the changelog.
  void Checkpoint(std::string_view head);

  // The decisions of the task that took effect, in order: the heads that held them as pending. last: of the task that is
  // alive at the end; its last decision may not have been committed yet.
  std::vector<engine::CheckpointHead> Decisions(int task, const engine::TaskHistory& last) const;
  // The rules that the task's history began with; empty: it never wrote a checkpoint.
  std::string FirstRules(int task, std::uint64_t history) const;

 private:
  using Moment = std::pair<std::uint64_t, std::int64_t>;  // history, sequence
  struct OfTask {
    std::map<Moment, engine::CheckpointHead> pending;
    std::set<Moment> bases;
    std::map<std::uint64_t, std::string> first_rules;  // by history
  };
  std::map<int, OfTask> tasks_;
};

}  // namespace shrike::sim

#endif  // SHRIKE_TESTS_SIM_HISTORY_LOG_H_
