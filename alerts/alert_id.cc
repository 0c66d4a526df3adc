#include "alerts/alert_id.h"

#include <bit>
#include <cstring>
#include <span>
#include <string_view>

#include "base/hash.h"
#include "nfa/key.h"

namespace shrike::alerts {
namespace {

static_assert(std::endian::native == std::endian::little, "ids are little endian");

void AppendPart(std::string_view part, std::string* out) {
  const auto size = static_cast<std::uint32_t>(part.size());
  char prefix[sizeof(size)];
  std::memcpy(prefix, &size, sizeof(size));
  out->append(prefix, sizeof(prefix));
  out->append(part);
}

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  char bytes[sizeof(number)];
  std::memcpy(bytes, &number, sizeof(number));
  AppendPart({bytes, sizeof(bytes)}, out);
}

}  // namespace

void AlertIdHasher::Append(const Source& source, const nfa::Outcome& outcome, std::string* out) {
  const nfa::Outcomes& outcomes = source.outcomes;
  bytes_.clear();
  AppendPart(source.rule.id, &bytes_);
  AppendNumber(source.rule.version, &bytes_);
  // The key's length is known only afterwards.
  const std::size_t key_prefix = bytes_.size();
  bytes_.append(sizeof(std::uint32_t), '\0');
  for (std::uint32_t part = 0; part < outcome.key_count; ++part) {
    nfa::EncodeKeyValue(outcomes.values[outcome.key_begin + part], &bytes_);
  }
  const auto key_size =
      static_cast<std::uint32_t>(bytes_.size() - key_prefix - sizeof(std::uint32_t));
  std::memcpy(bytes_.data() + key_prefix, &key_size, sizeof(key_size));
  AppendNumber(static_cast<std::uint8_t>(outcome.kind), &bytes_);
  AppendNumber(outcome.time, &bytes_);
  for (const nfa::BoundEvent& event :
       std::span(outcomes.events).subspan(outcome.events_begin, outcome.events_count)) {
    AppendNumber(event.step, &bytes_);
    const std::int32_t topic = event.position.topic;
    AppendPart(topic < kDerivedTopic
                   ? source.topics.at(static_cast<std::size_t>(topic))
                   : source.streams.at(static_cast<std::size_t>(topic - kDerivedTopic)),
               &bytes_);
    AppendNumber(event.position.partition, &bytes_);
    AppendNumber(event.position.offset, &bytes_);
  }
  AppendNumber(outcome.ordinal, &bytes_);
  out->append(HexPrefix(Sha256(bytes_), kAlertIdDigits / 2));
}

}  // namespace shrike::alerts
