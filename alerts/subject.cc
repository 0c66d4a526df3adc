#include "alerts/subject.h"

#include <cstddef>

#include "alerts/redaction.h"

namespace shrike::alerts {

void AppendSubject(std::span<const Value> parts, const std::vector<bool>& redacted,
                   std::string* out) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out->push_back('|');
    if (i < redacted.size() && redacted[i]) {
      out->append(kRedacted);
      continue;
    }
    if (parts.size() == 1) {
      AppendText(parts[i], out);
      continue;
    }
    text.clear();
    AppendText(parts[i], &text);
    for (const char c : text) {
      if (c == '|' || c == '\\') out->push_back('\\');
      out->push_back(c);
    }
  }
}

}  // namespace shrike::alerts
