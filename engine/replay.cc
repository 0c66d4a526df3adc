#include "engine/replay.h"

#include <algorithm>

namespace shrike::engine {
namespace {

constexpr std::size_t kBatchRecords = 256;

}  // namespace

void Replay::AddSource(ingest::EventSource* source, const Pipeline::PartitionSpec& spec) {
  Source& added = sources_.emplace_back();
  added.source = source;
  added.partition = pipeline_->AddPartition(spec);
}

Result<bool> Replay::Read(std::size_t count_max) {
  std::size_t count = 0;
  while (count < count_max) {
    Source* source = Lowest();
    if (source == nullptr) {
      return false;
    }
    // The choice stands until the watermark has passed the next lowest one.
    const TimestampMs until = LowestOther(*source);
    do {
      SHRIKE_TRY_VOID(Refill(source));
      if (source->next == source->batch.size()) {
        break;  // Ended, or nothing at the moment.
      }
      SHRIKE_TRY_VOID(pipeline_->Feed(source->partition, source->batch[source->next++]));
      ++count;
    } while (count < count_max && pipeline_->watermark(source->partition) <= until);
  }
  pipeline_->Drain();
  return true;
}

Replay::Source* Replay::Lowest() {
  Source* lowest = nullptr;
  for (Source& source : sources_) {
    if (!source.ended && (lowest == nullptr || pipeline_->watermark(source.partition) <
                                                   pipeline_->watermark(lowest->partition))) {
      lowest = &source;
    }
  }
  return lowest;
}

TimestampMs Replay::LowestOther(const Source& source) const {
  TimestampMs lowest = kTimeMax;
  for (const Source& other : sources_) {
    if (&other != &source && !other.ended) {
      lowest = std::min(lowest, pipeline_->watermark(other.partition));
    }
  }
  return lowest;
}

Result<void> Replay::Refill(Source* source) {
  if (source->next < source->batch.size()) {
    return {};
  }
  source->next = 0;
  SHRIKE_TRY(const bool more, source->source->Poll(kBatchRecords, &source->batch));
  if (!more) {
    source->ended = true;
    source->batch.clear();
    pipeline_->EndPartition(source->partition);
  }
  return {};
}

}  // namespace shrike::engine
