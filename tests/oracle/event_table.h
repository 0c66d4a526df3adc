// EventTable: events written as named values, turned into the rows that the oracle and the engine read.
//
// For tests only: no decoding, no time rules. The events must be given in the total order of language.md, 5.1.
#ifndef SHRIKE_TESTS_ORACLE_EVENT_TABLE_H_
#define SHRIKE_TESTS_ORACLE_EVENT_TABLE_H_

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/event.h"
#include "base/schema.h"
#include "tests/oracle/datum.h"

namespace shrike::oracle {

struct RawEvent {
  int stream = 0;      // Catalog index; streams stand in the order of their topics
  int type_index = 0;  // in StreamSchema::event_types
  TimestampMs ts = 0;
  std::vector<std::pair<std::string, Datum>>
      fields;  // those that are not null, without the type field
};

// One JSON object, as a record of the stream would be, with the time field `ts`.
std::string ToJson(const RawEvent& event, const Catalog& catalog);

// Owns the rows. Not copyable: events point into it.
class EventTable {
 public:
  EventTable(const Catalog& catalog, const RowLayout& layout, const std::vector<RawEvent>& raw);
  EventTable(const EventTable&) = delete;
  EventTable& operator=(const EventTable&) = delete;

  // Event i is raw[i]; its offset is its number within its stream, its topic the stream's index.
  const std::vector<Event>& events() const { return events_; }

 private:
  Value Own(const Datum& datum);

  std::deque<std::string> texts_;
  std::deque<std::vector<Value>> lists_;
  std::deque<std::vector<Value>> rows_;
  std::vector<Event> events_;
};

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_EVENT_TABLE_H_
