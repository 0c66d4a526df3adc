// ConsumerGroup: the members of a group, which of them reads which partitions, and what the group has committed.
//
// What members share out are tasks: a task is a partition number, over all topics of the group; all its partitions go
// to one member (Kafka's `range` assignor on topics with equal partition counts). Whoever joins, leaves or is declared
// dead begins a rebalance: every member lets go of all it has ("eager"); when the last has, a new generation begins,
// with the tasks dealt out afresh, contiguous, in the order of member numbers. A member that does not let go holds the
// others up until it is declared dead. Until the new generation begins, the old one is valid and may commit.
// One thread.
// Tested by: tests/engine/embedded_group_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_CONSUMER_GROUP_H_
#define SHRIKE_ENGINE_EMBEDDED_CONSUMER_GROUP_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/embedded/log_record.h"
#include "ingest/consumer.h"

namespace shrike::engine {

class ConsumerGroup {
 public:
  struct Member {
    std::int64_t id = 0;
    std::vector<std::int32_t> tasks;  // of the present generation, ascending
    bool told = false;                // it knows of this generation
    bool awaited = false;             // the rebalance waits for it to let go of its tasks
  };

  // Topics by name; every member gives the same (checked). task_count: of the widest topic.
  struct Input {
    std::vector<std::int32_t> topics;
    std::int32_t task_count = 0;
  };

  // Returns the new member's number; none is ever used again.
  std::int64_t Join(const Input& input);
  // It leaves, or is declared dead: its tasks go to others. No effect if it is no member.
  void Remove(std::int64_t member);
  // It has let go of its tasks. No effect if it is no member.
  void Release(std::int64_t member);
  // The topics have more partitions than before.
  void SetTaskCount(std::int32_t task_count);

  // Null: it never was a member, or is none any more. Borrowed until the next call that is not const.
  const Member* Find(std::int64_t member) const;
  // The member knows its tasks: from now on it has to let go of them before anybody else gets them.
  void SetTold(std::int64_t member);

  bool rebalancing() const { return rebalancing_; }
  std::int32_t generation() const { return generation_; }
  const std::vector<Member>& members() const { return members_; }  // by id
  const Input& input() const { return input_; }
  // May whoever says that it is this member of this generation commit?
  bool IsValid(std::int64_t member, std::int32_t generation) const {
    return Find(member) != nullptr && generation == generation_;
  }

  std::map<TopicPartition, ingest::CommittedOffset>& offsets() { return offsets_; }
  const std::map<TopicPartition, ingest::CommittedOffset>& offsets() const { return offsets_; }

 private:
  void Rebalance();
  void CompleteIfReady();
  Member* FindMutable(std::int64_t member);

  Input input_;
  std::vector<Member> members_;
  std::int64_t member_next_ = 1;
  std::int32_t generation_ = 0;
  bool rebalancing_ = false;
  std::map<TopicPartition, ingest::CommittedOffset> offsets_;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_CONSUMER_GROUP_H_
