#include "config/substitution.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace shrike::config {
namespace {

constexpr std::string_view kFilePrefix = "file:";
constexpr std::string_view kDefaultMark = ":-";

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string WithoutLineEnd(std::string text) {
  if (text.ends_with('\n')) {
    text.pop_back();
  }
  if (text.ends_with('\r')) {
    text.pop_back();
  }
  return text;
}

// The value of what stands between `${` and `}`, or nullopt with a message.
std::optional<std::string> Resolve(std::string_view reference, const Resolver& resolver,
                                   std::string* error) {
  if (reference.starts_with(kFilePrefix)) {
    const std::string path(reference.substr(kFilePrefix.size()));
    Result<std::string> content = resolver.file(path);
    if (!content) {
      *error = "cannot read `" + path + "`: " + content.error().message;
      return std::nullopt;
    }
    return WithoutLineEnd(*std::move(content));
  }
  const std::size_t mark = reference.find(kDefaultMark);
  const std::string name(reference.substr(0, mark));
  if (name.empty() || !std::all_of(name.begin(), name.end(), IsNameChar)) {
    *error = "`" + name + "` is no name of an environment variable";
    return std::nullopt;
  }
  std::optional<std::string> value = resolver.variable(name);
  if (mark != std::string_view::npos && (!value || value->empty())) {
    return std::string(reference.substr(mark + kDefaultMark.size()));
  }
  if (!value) {
    *error = "the environment variable `" + name + "` is not set";
  }
  return value;
}

}  // namespace

Substituted Substitute(std::string_view source, const Resolver& resolver) {
  Substituted result;
  std::size_t pos = 0;
  while (pos < source.size()) {
    const std::size_t begin = source.find("${", pos);
    result.text += source.substr(pos, begin - pos);
    if (begin == std::string_view::npos) {
      break;
    }
    if (begin > pos && source[begin - 1] == '$') {
      result.text += '{';  // the `$` before it is there already
      pos = begin + 2;
      continue;
    }
    const std::size_t end = source.find('}', begin);
    result.error_begin = begin;
    result.error_end = std::min(end, source.size() - 1) + 1;
    if (end == std::string_view::npos) {
      result.error = "`${` has no `}`";
      return result;
    }
    const std::optional<std::string> value =
        Resolve(source.substr(begin + 2, end - begin - 2), resolver, &result.error);
    if (!value) {
      return result;
    }
    result.text += *value;
    result.replaced = true;
    pos = end + 1;
  }
  return result;
}

}  // namespace shrike::config
