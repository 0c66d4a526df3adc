// The rule pack rules/packs/card-fraud as the binary carries it, so that `shrike demo` needs no file.
// The definition is generated at build time (tools/shrike/embed_pack.cmake).
#ifndef SHRIKE_TOOLS_SHRIKE_EMBEDDED_PACK_H_
#define SHRIKE_TOOLS_SHRIKE_EMBEDDED_PACK_H_

#include <span>
#include <string_view>

namespace shrike::tools {

struct EmbeddedFile {
  std::string_view path;  // "rules/packs/card-fraud/shrike.yaml"
  std::string_view text;
};

// shrike.yaml and the rule files, sorted by path.
std::span<const EmbeddedFile> CardFraudPack();

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_EMBEDDED_PACK_H_
