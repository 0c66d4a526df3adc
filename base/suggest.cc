#include "base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace shrike {
namespace {

// Longer words are no names that somebody misspelt; also the bound of EditDistance's cost.
constexpr std::size_t kWordBytesMax = 256;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int LimitFor(std::size_t size) {
  const int limit = size <= 4 ? 1 : (size <= 8 ? 2 : 3);
  return std::min(limit, std::max(1, static_cast<int>(size) / 2));
}

std::size_t CommonStart(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  std::size_t i = 0;
  while (i < size && Lower(a[i]) == Lower(b[i])) {
    ++i;
  }
  return i;
}

}  // namespace

int EditDistance(std::string_view a, std::string_view b, int limit) {
  if (a.size() > kWordBytesMax || b.size() > kWordBytesMax ||
      std::abs(static_cast<int>(a.size()) - static_cast<int>(b.size())) >= limit) {
    return limit;
  }
  // Three rows of the table distance(prefix of a, prefix of b): the last two for the swap of neighbours.
  std::vector<int> before(b.size() + 1);
  std::vector<int> last(b.size() + 1);
  std::vector<int> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    last[j] = static_cast<int>(j);
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) &&
          Lower(a[i - 2]) == Lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return std::min(last[b.size()], limit);
}

std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  int best_distance = LimitFor(word.size()) + 1;
  std::size_t best_start = 0;
  for (const std::string_view candidate : candidates) {
    const int distance = EditDistance(word, candidate, best_distance + 1);
    const std::size_t start = CommonStart(word, candidate);
    if (distance < best_distance ||
        (distance == best_distance && !best.empty() && start > best_start)) {
      best = candidate;
      best_distance = distance;
      best_start = start;
    }
  }
  return best;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view nearest = Nearest(word, candidates);
  return nearest.empty() ? std::string() : "did you mean `" + std::string(nearest) + "`?";
}

}  // namespace shrike
