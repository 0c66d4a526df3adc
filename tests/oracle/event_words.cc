#include "tests/oracle/event_words.h"

#include <cstdlib>
#include <sstream>
#include <utility>

namespace shrike::oracle {

std::vector<RawEvent> ParseEventWords(const std::string& text) {
  std::vector<RawEvent> events;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t at = word.find('@');
    const std::size_t colon = word.find(':');
    RawEvent event;
    event.type_index = word[0] - 'A';
    event.ts = std::strtoll(word.c_str() + at + 1, nullptr, 10);
    const auto add = [&](const char* name, std::size_t from) {
      const std::int64_t value = std::strtoll(word.c_str() + from, nullptr, 10);
      event.fields.emplace_back(name, MakeInteger(Kind::kInt, value));
    };
    if (at > 1) add("v", 1);
    if (colon != std::string::npos) add("u", colon + 1);
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace shrike::oracle
