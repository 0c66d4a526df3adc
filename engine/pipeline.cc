#include "engine/pipeline.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "engine/outcome_order.h"

namespace shrike::engine {
namespace {

// Enough to fetch key states ahead, few enough for the events themselves to stay in the cache.
constexpr std::size_t kBatchEvents = 64;

}  // namespace

Pipeline::Pipeline(const Catalog& catalog, std::shared_ptr<const nfa::Program> program,
                   Handlers handlers)
    : catalog_(catalog),
      program_(std::move(program)),
      handlers_(std::move(handlers)),
      suppression_(program_) {
  MakeTask();
}

void Pipeline::MakeTask() {
  task_.emplace(
      program_, [this](nfa::Outcomes& outcomes) { TakeOutcomes(&outcomes); }, handlers_.emission);
}

int Pipeline::AddPartition(const PartitionSpec& spec) {
  SHRIKE_CHECK(stats_.records == 0);
  const StreamSchema& stream = catalog_.streams.at(static_cast<std::size_t>(spec.stream));
  partitions_.push_back({spec, ingest::JsonDecoder(catalog_, spec.stream, program_->layout())});
  return buffer_.AddPartition({.topic = spec.topic,
                               .partition = spec.partition,
                               .next_offset = spec.next_offset,
                               .out_of_order = stream.out_of_order});
}

Result<void> Pipeline::Feed(int partition_index, const ingest::RawRecord& raw) {
  Partition& partition = partitions_[static_cast<std::size_t>(partition_index)];
  ++stats_.records;
  if (record_ == nullptr) {
    record_ = pool_.Acquire();
  }
  const ingest::Decoded decoded = partition.decoder.Decode(raw, record_.get());
  switch (decoded.outcome) {
    case ingest::DecodeOutcome::kDeadLetter:
      buffer_.Reject(partition_index, raw.position.offset);
      RejectDeadLetter(raw, decoded.reason);
      return {};
    case ingest::DecodeOutcome::kSkipped:
      ++stats_.skipped;
      buffer_.Skip(partition_index, *record_);
      break;
    case ingest::DecodeOutcome::kEvent:
      if (buffer_.Offer(partition_index, &record_)) {
        ++stats_.events;
      } else {
        SHRIKE_TRY_VOID(RejectLate(partition, raw, record_->ts));
      }
      break;
  }
  if (++fed_ >= kBatchEvents) Drain();
  return {};
}

void Pipeline::AdvancePartition(int partition, TimestampMs ts, std::int64_t offset) {
  const PartitionSpec& spec = partitions_[static_cast<std::size_t>(partition)].spec;
  if (record_ == nullptr) {
    record_ = pool_.Acquire();
  }
  record_->position = {spec.topic, spec.partition, offset};
  record_->ts = ts;
  buffer_.Skip(partition, *record_);
  Drain();
}

void Pipeline::EndPartition(int partition) {
  buffer_.SetIdle(partition);
  Drain();
}

void Pipeline::Finish(const AtEnd& at_end) {
  Release(kTimestampMsMax);
  SHRIKE_CHECK(buffer_.empty());
  switch (at_end.kind) {
    case AtEnd::Kind::kFlush:
      task_->Flush();
      CloseSuppressionUntil(kTimeMax - 1);
      return;
    case AtEnd::Kind::kHold:
      return;
    case AtEnd::Kind::kTime:
      if (at_end.time > task_->time()) {
        task_->AdvanceTime(at_end.time);
        CloseSuppressionUntil(at_end.time);
      }
      return;
  }
}

Result<void> Pipeline::RejectLate(const Partition& partition, const ingest::RawRecord& record,
                                  TimestampMs ts) {
  const StreamSchema& stream = catalog_.streams[static_cast<std::size_t>(partition.spec.stream)];
  ++stats_.late;
  if (stream.late == LatePolicy::kStop) {
    Drain();
    return Fail(
        ErrorCode::kIo,
        fmt::format("late event of stream {} (partition {}, offset {}, time {}): stopped, as "
                    "`late: stop` says",
                    stream.name, record.position.partition, record.position.offset,
                    FormatRfc3339(ts)));
  }
  if (stream.late == LatePolicy::kTopic && handlers_.rejected) {
    handlers_.rejected({.late = true,
                        .position = record.position,
                        .ts = ts,
                        .reason = "late",
                        .bytes = record.bytes,
                        .key = record.key});
  }
  return {};
}

void Pipeline::RejectDeadLetter(const ingest::RawRecord& record, ingest::DeadLetterReason reason) {
  ++stats_.dead_letters;
  ++stats_.dead_letters_by_reason[reason];
  if (handlers_.rejected) {
    handlers_.rejected({.late = false,
                        .position = record.position,
                        .ts = std::nullopt,
                        .reason = ingest::DeadLetterReasonName(reason),
                        .bytes = record.bytes,
                        .key = record.key});
  }
}

// Deadlines are left to the events behind them and to Finish: in a replay nobody waits for them, and the order of
// what they tell is the same.
void Pipeline::Release(TimestampMs until) {
  fed_ = 0;
  bool more = true;
  while (more) {
    while (released_.size() < kBatchEvents) {
      ingest::RecordPtr record = buffer_.PopUpTo(until);
      more = record != nullptr;
      if (!more) break;
      events_.push_back(record->event());
      released_.push_back(std::move(record));
    }
    if (!task_->started() && !events_.empty())
      SetStarts(std::vector<TimestampMs>(program_->rules().size(), events_.front().ts));
    task_->Process(events_);
    events_.clear();
    released_.clear();
  }
  CloseSuppressionUntil(task_->time());
}

void Pipeline::Advance() {
  front_ = std::max(front_, buffer_.task_time());
  if (front_ == kTimeMin || mutant_ == Mutant::kCommitInsideRelease) return;
  Release(front_);
  task_->AdvanceTime(front_);
  CloseSuppressionUntil(front_);
}

void Pipeline::Wake(int partition) {
  buffer_.Wake(partition, mutant_ == Mutant::kWakeKeepsWatermark ? kTimeMin : front_);
}

void Pipeline::Resume(TimestampMs front) {
  front_ = front;
  task_->Resume(front);
}

void Pipeline::RestorePartition(int partition, TimestampMs watermark, bool idle) {
  buffer_.Restore(partition, watermark, idle);
}

void Pipeline::Rebuffer(int partition, const ingest::RawRecord& raw) {
  if (record_ == nullptr) {
    record_ = pool_.Acquire();
  }
  switch (
      partitions_[static_cast<std::size_t>(partition)].decoder.Decode(raw, record_.get()).outcome) {
    case ingest::DecodeOutcome::kDeadLetter:
      buffer_.Reject(partition, raw.position.offset);
      return;
    case ingest::DecodeOutcome::kSkipped:
      buffer_.Skip(partition, *record_);
      return;
    case ingest::DecodeOutcome::kEvent:
      // Late or processed before: the record stays here and is used again.
      static_cast<void>(buffer_.Offer(partition, &record_));
      return;
  }
}

void Pipeline::Keep(int partition, const ingest::RawRecord& raw, TimestampMs watermark_before) {
  ingest::RecordPtr record = pool_.Acquire();
  ingest::JsonDecoder& decoder = partitions_[static_cast<std::size_t>(partition)].decoder;
  // Under another configuration of the stream it may be no event any more.
  if (decoder.Decode(raw, record.get()).outcome == ingest::DecodeOutcome::kEvent)
    buffer_.Keep(partition, std::move(record), watermark_before);
}

void Pipeline::TakeOutcomes(nfa::Outcomes* outcomes) {
  if (drops_outcomes_) return;
  CloseSuppressionUntil(outcomes->items.front().time);
  suppression_.Filter(outcomes, &made_);
  if (!outcomes->items.empty()) {
    handlers_.outcomes(*outcomes);
  }
  TellMade();
}

void Pipeline::CloseSuppressionUntil(TimestampMs time) {
  while (suppression_.next_close() <= time) {
    suppression_.CloseNext(&made_);
    OrderDeadlineOutcomes(&made_);
    TellMade();
  }
}

void Pipeline::TellMade() {
  if (!made_.items.empty()) {
    task_->SetOrdinals(&made_);
    handlers_.outcomes(made_);
  }
  made_.Clear();
}

}  // namespace shrike::engine
