// Murmur2: the hash by which Kafka's default partitioner spreads keys over partitions.
//
// Source: Austin Appleby's MurmurHash2, as in org.apache.kafka.common.utils.Utils.murmur2.
// Tested by: tests/engine/embedded_producer_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_MURMUR2_H_
#define SHRIKE_ENGINE_EMBEDDED_MURMUR2_H_

#include <cstdint>
#include <string_view>

namespace shrike::engine {

std::uint32_t Murmur2(std::string_view bytes);

// The partition of a key, of `partition_count` > 0.
std::int32_t PartitionOfKey(std::string_view key, std::int32_t partition_count);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_MURMUR2_H_
