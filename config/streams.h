// The `streams` and `tables` of the configuration.
//
// Tested by: tests/config/streams_test.cc.
#ifndef SHRIKE_CONFIG_STREAMS_H_
#define SHRIKE_CONFIG_STREAMS_H_

#include <vector>

#include "base/schema.h"
#include "base/yaml_tree.h"
#include "config/config.h"
#include "config/reader.h"

namespace shrike::config {

// node: the value of `streams`, or null. Mistakes are reported; what is right of a stream is kept all the same, so
// that mistakes behind it are found.
Catalog ReadStreams(const Source& source, const YamlNode* node);

// node: the value of `tables`, or null.
std::vector<TableConfig> ReadTables(const Source& source, const YamlNode* node);

}  // namespace shrike::config

#endif  // SHRIKE_CONFIG_STREAMS_H_
