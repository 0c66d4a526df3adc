// Reader: typed access to the tree of a configuration file, with a Diagnostic for whatever is not as it should be.
//
// Each Get returns the value of a key if it is there and right, else nullopt; a mistake is reported, absence is not.
// Keys are remembered as asked for, so that CheckKeys can tell the unknown ones with the nearest known name.
// Tested by: tests/config/config_test.cc.
#ifndef SHRIKE_CONFIG_READER_H_
#define SHRIKE_CONFIG_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/time.h"
#include "base/yaml_tree.h"
#include "config/config.h"

namespace shrike::config {

// One file being read. All borrowed.
struct Source {
  const std::string* path;
  std::string_view content;
  const Resolver* resolver;
  std::vector<Diagnostic>* diagnostics;

  void Report(std::string_view code, FileSpan span, std::string message,
              std::string suggestion = "") const;
};

// Cuts the line out of diagnostics whose line has a word like "password" in it.
void HideSecrets(std::vector<Diagnostic>* diagnostics);

// A scalar with its references replaced.
struct Scalar {
  std::string text;
  std::string shown;  // for messages: as written, never what a reference stands for
  FileSpan span;
};

// The scalar at `node`; reported and nullopt if it is a list, a mapping or null, or a reference fails.
// what: names it in messages: "`topic` of stream `payments`".
std::optional<Scalar> ReadScalar(const Source& source, const YamlNode& node,
                                 const std::string& what);

// A scalar, or a list of them.
std::vector<Scalar> ReadScalars(const Source& source, const YamlNode& node,
                                const std::string& what);

// One mapping.
class MapReader {
 public:
  // node: any node; if it is no mapping that is reported, and nothing is found in it. An absent or empty (null) one
  // is an empty mapping. what: names the mapping in messages: "stream `payments`", or empty for the whole file.
  MapReader(const Source& source, const YamlNode* node, std::string what);

  const Source& source() const { return source_; }
  const std::string& what() const { return what_; }
  FileSpan span() const;
  // "`key` of stream `payments`"
  std::string NameOf(std::string_view key) const;

  // The node of a key that is there; null values count as absent.
  const YamlNode* Find(std::string_view key);
  FileSpan KeySpan(std::string_view key) const;

  std::optional<Scalar> GetScalar(std::string_view key);
  std::optional<std::string> GetText(std::string_view key);  // not empty
  std::optional<bool> GetBool(std::string_view key);         // true false on off yes no
  std::optional<DurationMs> GetDuration(std::string_view key);
  struct Range {
    std::int64_t min;
    std::int64_t max;
  };
  std::optional<std::int64_t> GetInt(std::string_view key, Range range);
  // The index of the value in `choices`.
  std::optional<int> GetChoice(std::string_view key, const std::vector<std::string_view>& choices);
  std::vector<Scalar> GetList(std::string_view key);

  // Reports that a required key is not there.
  void ReportMissing(std::string_view key, std::string suggestion);
  // Reports a key that a later version will know.
  void RefuseNotYet(std::string_view key);

  // Reports the keys of the mapping that nobody asked for. Call it last.
  void CheckKeys() const;

 private:
  Source source_;
  const YamlNode* map_ = nullptr;  // a mapping, or null
  FileSpan span_;
  std::string what_;
  std::vector<std::string_view> known_;
};

}  // namespace shrike::config

#endif  // SHRIKE_CONFIG_READER_H_
