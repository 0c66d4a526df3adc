// What an operator does to a cluster while an application is away or at work: topics cut, widened, offsets moved.
//
// Each function requires that it succeeds; what a broker refuses while a group still has members is tried again.
#ifndef SHRIKE_TESTS_E2E_OPERATOR_H_
#define SHRIKE_TESTS_E2E_OPERATOR_H_

#include <cstdint>
#include <string>

#include "tests/e2e/broker.h"

namespace shrike::testing {

struct GroupOffset {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

// Commits the offset for a group without members, with no metadata.
void MoveOffset(const Broker& broker, const std::string& group, const GroupOffset& offset);
// The group's offsets are gone.
void DeleteGroup(const Broker& broker, const std::string& group);
// The topic has so many partitions from now on.
void AddPartitions(const Broker& broker, const std::string& topic, std::size_t count);
// As retention does: the partition begins at its end.
void DeleteRecords(const Broker& broker, const std::string& topic, std::int32_t partition);

}  // namespace shrike::testing

#endif  // SHRIKE_TESTS_E2E_OPERATOR_H_
