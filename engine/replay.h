// Replay: a Pipeline fed from sources that have an end (interfaces.md, "replay").
//
// Always reads the source whose watermark is lowest, so that little is held back. A source at its end no longer holds
// time back; before that nothing is idle. What comes out does not depend on the order of reading.
// Tested by: tests/engine/replay_test.cc.
#ifndef SHRIKE_ENGINE_REPLAY_H_
#define SHRIKE_ENGINE_REPLAY_H_

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "engine/pipeline.h"
#include "ingest/event_source.h"

namespace shrike::engine {

class Replay {
 public:
  // pipeline: borrowed, without partitions.
  explicit Replay(Pipeline* pipeline) : pipeline_(pipeline) {}

  // source: borrowed; gives records of the partition that `spec` names. All are added before the first Read.
  void AddSource(ingest::EventSource* source, const Pipeline::PartitionSpec& spec);

  // Feeds at most `count_max` records and drains the pipeline. False: all sources have ended, and everything was fed.
  // Errors: those of EventSource::Poll and Pipeline::Feed; the replay cannot go on.
  Result<bool> Read(std::size_t count_max);

 private:
  struct Source {
    ingest::EventSource* source = nullptr;
    int partition = 0;
    std::vector<ingest::RawRecord> batch;
    std::size_t next = 0;  // of batch: the first record not fed
    bool ended = false;
  };

  // The open source with the lowest watermark, the first added of equals; null if all have ended.
  Source* Lowest();
  // The lowest watermark of the open sources but `source`.
  TimestampMs LowestOther(const Source& source) const;
  // Fills the batch if it is used up; ends the source at its end.
  Result<void> Refill(Source* source);

  Pipeline* pipeline_;
  std::vector<Source> sources_;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_REPLAY_H_
