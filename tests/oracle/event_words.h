// EventWords: events of GeneratorCatalog's first stream in a few letters, for tests worked out by hand.
#ifndef SHRIKE_TESTS_ORACLE_EVENT_WORDS_H_
#define SHRIKE_TESTS_ORACLE_EVENT_WORDS_H_

#include <string>
#include <vector>

#include "tests/oracle/event_table.h"

namespace shrike::oracle {

// "A5@10:2 B@12": type A, v 5, ts 10, u 2, then type B at 12. v and u may be left out.
std::vector<RawEvent> ParseEventWords(const std::string& text);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_EVENT_WORDS_H_
