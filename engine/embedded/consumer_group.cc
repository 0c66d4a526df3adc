#include "engine/embedded/consumer_group.h"

#include <algorithm>
#include <cstddef>

#include "base/check.h"

namespace shrike::engine {

const ConsumerGroup::Member* ConsumerGroup::Find(std::int64_t member) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [member](const Member& each) { return each.id == member; });
  return found == members_.end() ? nullptr : &*found;
}

ConsumerGroup::Member* ConsumerGroup::FindMutable(std::int64_t member) {
  return const_cast<Member*>(Find(member));
}

std::int64_t ConsumerGroup::Join(const Input& input) {
  SHRIKE_CHECK(members_.empty() || input.topics == input_.topics);
  input_ = input;
  members_.emplace_back().id = member_next_;
  Rebalance();
  return member_next_++;
}

void ConsumerGroup::Remove(std::int64_t member) {
  if (Find(member) == nullptr) return;
  std::erase_if(members_, [member](const Member& each) { return each.id == member; });
  Rebalance();
}

void ConsumerGroup::Release(std::int64_t member) {
  Member* const found = FindMutable(member);
  if (found == nullptr || !found->awaited) return;
  found->awaited = false;
  found->tasks.clear();
  CompleteIfReady();
}

void ConsumerGroup::SetTaskCount(std::int32_t task_count) {
  if (task_count == input_.task_count) return;
  input_.task_count = task_count;
  Rebalance();
}

void ConsumerGroup::SetTold(std::int64_t member) {
  Member* const found = FindMutable(member);
  SHRIKE_CHECK(found != nullptr && !rebalancing_);
  found->told = true;
}

void ConsumerGroup::Rebalance() {
  rebalancing_ = true;
  for (Member& member : members_) member.awaited = member.told && !member.tasks.empty();
  CompleteIfReady();
}

void ConsumerGroup::CompleteIfReady() {
  const auto is_awaited = [](const Member& member) { return member.awaited; };
  if (!rebalancing_ || std::any_of(members_.begin(), members_.end(), is_awaited)) return;
  rebalancing_ = false;
  ++generation_;
  const auto count = static_cast<std::int32_t>(members_.size());
  std::int32_t task = 0;
  for (std::int32_t index = 0; index < count; ++index) {
    Member& member = members_[static_cast<std::size_t>(index)];
    member.told = false;
    member.tasks.clear();
    // The first members take one more each if it does not come out even.
    const std::int32_t share =
        input_.task_count / count + (index < input_.task_count % count ? 1 : 0);
    for (const std::int32_t end = task + share; task < end; ++task) member.tasks.push_back(task);
  }
}

}  // namespace shrike::engine
