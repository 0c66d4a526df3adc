// Producer: the port that everything leaves by in `run`: records and input offsets in one transaction.
//
// Adapters: alerts/kafka/, engine/embedded/ (and the simulator's, with faults). Nothing of a transaction is to be seen
// before its commit, and all of it after.
// One thread, but for what the adapter does inside.
#ifndef SHRIKE_ALERTS_PRODUCER_H_
#define SHRIKE_ALERTS_PRODUCER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/input_offset.h"
#include "base/result.h"
#include "base/time.h"

namespace shrike::alerts {

// Where a record goes; the adapter knows the topics' names.
enum class OutputTopic : std::uint8_t {
  kAlerts,
  kShadow,
  kLate,
  kDeadLetter,
  kState,
  kDerived,  // events that rules emit: the topic of OutputRecord::stream
};

// Those before kDerived, which have one topic each.
inline constexpr std::size_t kOutputTopicCount = 5;

// Brokers take records of up to 1 MB unless told otherwise, and one that they refuse would end every transaction. So what
// events can make as large as they like is cut to these: alerts by AlertEncoder, rejected records by engine/task_output.h.
inline constexpr std::size_t kOutputValueBytesMax = 900'000;
inline constexpr std::size_t kOutputKeyBytesMax = 16'384;
// What an output topic must take at least (max.message.bytes): value, key, headers, framing.
inline constexpr std::size_t kOutputRecordBytesMax = 1'000'000;
// The same of the topic of kState: a key's windows and the text of all lists are one record each.
inline constexpr std::size_t kStateRecordBytesMax = 64u << 20;

struct OutputHeader {
  std::string_view name;
  std::string_view value;
};

// Borrowed for the call.
struct OutputRecord {
  OutputTopic topic = OutputTopic::kAlerts;
  int stream = -1;  // of kDerived: index in Catalog::streams
  std::optional<std::int32_t>
      partition;  // nullopt: by the key's hash (Kafka's murmur2), any without a key
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  std::optional<TimestampMs> timestamp;   // nullopt: the log's
  std::span<const OutputHeader> headers;
};

enum class CommitResult : std::uint8_t {
  kCommitted,
  kAborted,  // nothing of it is to be seen, now or ever
  kUnknown,  // it may have been committed, or not; or another producer with this id has taken over. Initialize tells
             // the log to settle it: from then on Consumer::Committed says how it ended
};

class Producer {
 public:
  Producer() = default;
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  virtual ~Producer() = default;

  // Before anything else, and after kUnknown or an error: fences all others with this id and settles what they (or
  // this one) left open. Nothing is pending afterwards.
  // Errors: kIo, the log cannot be reached in time: call again; kConfig, it never will (authorisation, a missing topic).
  virtual Result<void> Initialize() = 0;

  // Adds a record to the transaction, which the first one begins. Waits while the client's queue is full.
  // Errors: kIo; the transaction must be aborted. kConfig: the same, and it will never be written (too large).
  virtual Result<void> Send(const OutputRecord& record) = 0;

  // Commits what was sent together with `offsets`, also if nothing was sent. A retriable error is repeated inside.
  // group_token: of Consumer::GroupToken. An owner whose membership has ended gets kAborted or kUnknown.
  virtual CommitResult Commit(std::span<const InputOffset> offsets,
                              std::string_view group_token) = 0;

  // Nothing of what was sent since the last commit is to be seen. Errors: kIo; Initialize must follow.
  virtual Result<void> Abort() = 0;
};

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_PRODUCER_H_
