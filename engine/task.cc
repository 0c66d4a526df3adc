#include "engine/task.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace shrike::engine {
namespace {

// Raise it when the same records and rules come to mean something else: a gap is not replayed across the change.
constexpr std::uint32_t kMeaning = 1;
// Of a partition's buffered records in a checkpoint's head, which goes into one record of the changelog.
constexpr std::size_t kKeptMax = 100;
constexpr std::size_t kKeptBytesMax = 128 * 1024;
constexpr std::size_t kMarksBefore = 2;  // Task::Marks: before those of the partitions

void AddStream(const StreamSchema& stream, ByteWriter* bytes) {
  bytes->AddText(stream.name);
  bytes->AddText(stream.type_field);
  bytes->AddText(stream.time_field);
  bytes->Add(stream.time_unit);
  bytes->Add(stream.out_of_order);
  bytes->Add(stream.max_future);
  bytes->Add(stream.late);
  bytes->Add(static_cast<std::uint8_t>(stream.derived));
  for (const std::string& topic : stream.topics) bytes->AddText(topic);
  bytes->AddText("");
  for (const FieldSchema& field : stream.fields) {
    bytes->AddText(field.name);
    bytes->AddText(FormatType(field.type));
  }
  bytes->AddText("");
  for (const std::string& type : stream.event_types) bytes->AddText(type);
  bytes->AddText("");
}

}  // namespace

std::string StreamFingerprint(const Catalog& catalog) {
  std::string text;
  ByteWriter bytes(&text);
  bytes.Add(kMeaning);
  for (const StreamSchema& stream : catalog.streams) AddStream(stream, &bytes);
  return HexPrefix(Sha256(text), 16);
}

Task::Task(const TaskContext& context, const Beginning& beginning,
           std::shared_ptr<const RuleSet> rules, TaskOutput::Sink sink)
    : context_(context),
      id_(beginning.id),
      rules_(std::move(rules)),
      history_{beginning.history, -1, 0},
      output_({context.application, context.topics}, context.catalog, std::move(sink)) {
  MakePipeline(beginning.offsets);
}

Task::Task(const TaskContext& context, const CheckpointHead& head,
           std::shared_ptr<const RuleSet> rules, TaskOutput::Sink sink)
    : context_(context),
      id_(head.task),
      rules_(std::move(rules)),
      history_{head.history, head.sequence, head.base},
      output_({context.application, context.topics}, context.catalog, std::move(sink)) {
  std::vector<std::int64_t> offsets;
  for (const PartitionCheckpoint& partition : head.partitions)
    offsets.push_back(partition.read_offset);
  MakePipeline(offsets);
  output_.SetCount(head.outputs);
  pipeline_->Resume(head.front);
  for (int index = 0; index < partition_count(); ++index) {
    const PartitionCheckpoint& partition = head.partitions[static_cast<std::size_t>(index)];
    const TimestampMs low = context_.mutant == Mutant::kWatermarkAtNext ? partition.watermark
                                                                        : partition.read_watermark;
    pipeline_->RestorePartition(index, std::max(low, head.front), partition.idle);
    for (const KeptRecord& kept : partition.kept) {
      const ingest::RawRecord raw{
          {partitions_[static_cast<std::size_t>(index)].topic, id_, kept.offset},
          kept.timestamp,
          kept.bytes,
          {}};
      pipeline_->Keep(index, raw, kept.watermark_before);
    }
  }
  SetStarts(head);
  texts_ = {head.rules};
  if (head.pending && !head.pending->rules.empty()) texts_.push_back(head.pending->rules);
}

void Task::MakePipeline(const std::vector<std::int64_t>& offsets) {
  SHRIKE_CHECK(offsets.size() == context_.topics.size());
  output_.SetProgram(rules_->program);
  pipeline_ = std::make_unique<Pipeline>(
      context_.catalog, rules_->program,
      Pipeline::Handlers{
          .outcomes = [this](const nfa::Outcomes& outcomes) { output_.Take(outcomes); },
          .rejected = [this](const RejectedRecord& record) { output_.Reject(record); },
          .emission = {context_.topics,
                       [this](const EmittedEvent& event) { output_.Emit(event); }}});
  pipeline_->TrackChanges();
  pipeline_->SetMutant(context_.mutant);
  for (std::size_t topic = 0; topic < offsets.size(); ++topic) {
    const auto topic_index = static_cast<std::int32_t>(topic);
    partitions_.push_back({topic_index, id_});
    pipeline_->AddPartition({context_.streams[topic], topic_index, id_, offsets[topic]});
  }
}

InputPartition Task::partition(int index) const {
  return partitions_[static_cast<std::size_t>(index)];
}

Result<void> Task::RestoreEntry(const StateEntry& entry) {
  // A text: the caller has read what it needs.
  if (entry.name.front() == TextEntryName("").front()) return {};
  return pipeline_->RestoreStored(entry);
}

Result<void> Task::Feed(int index, const ingest::RawRecord& record) {
  if (context_.mutant == Mutant::kSkipByTime && recovered_) {
    pipeline_->Rebuffer(index, record);
    return {};
  }
  SHRIKE_CHECK(!idle(index) || context_.mutant != Mutant::kNone);
  SHRIKE_TRY_VOID(pipeline_->Feed(index, record));
  return health();
}

void Task::Rebuffer(int index, const ingest::RawRecord& record) {
  pipeline_->Rebuffer(index, record);
  if (context_.mutant == Mutant::kTimeMovesInRebuffer) AdvanceAloneForTest(index);
}

// As if no other partition held time back.
void Task::AdvanceAloneForTest(int index) {
  std::vector<bool> idle_before;
  for (int other = 0; other < partition_count(); ++other) {
    idle_before.push_back(idle(other));
    if (other != index) pipeline_->SetIdle(other);
  }
  Advance();
  for (int other = 0; other < partition_count(); ++other) {
    pipeline_->RestorePartition(other, pipeline_->watermark(other),
                                idle_before[static_cast<std::size_t>(other)]);
  }
}

void Task::SetReplaying(bool replaying) {
  output_.SetMuted(replaying);
  pipeline_->DropOutcomes(replaying && context_.mutant == Mutant::kMuteBeforeSuppression);
  recovered_ = recovered_ || !replaying;
}

void Task::Advance() { pipeline_->Advance(); }

void Task::SetWatermark(int index, TimestampMs watermark) {
  pipeline_->RestorePartition(index, watermark, idle(index));
}

Result<void> Task::Apply(const Decision& decision, std::shared_ptr<const RuleSet> rules) {
  switch (decision.kind) {
    case Decision::Kind::kIdle:
      pipeline_->SetIdle(decision.partition);
      break;
    case Decision::Kind::kWake:
      pipeline_->Wake(decision.partition);
      break;
    case Decision::Kind::kSwap:
      SHRIKE_CHECK(rules != nullptr && rules->hash == decision.rules);
      SHRIKE_TRY_VOID(pipeline_->Swap(rules->program));
      rules_ = std::move(rules);
      output_.SetProgram(rules_->program);
      break;
  }
  Advance();
  return health();
}

std::vector<std::int64_t> Task::Marks() const {
  std::vector<std::int64_t> marks = {front(), output_.count().count};
  for (int index = 0; index < partition_count(); ++index) marks.push_back(next_offset(index));
  return marks;
}

bool Task::HasNews() const { return committed_ != Marks(); }

void Task::MarkCommitted() { committed_ = Marks(); }

std::vector<InputOffset> Task::Offsets(std::int64_t sequence, std::int64_t base) const {
  std::vector<InputOffset> offsets;
  for (int index = 0; index < partition_count(); ++index) {
    const ingest::PartitionPosition at = position(index);
    const CommitMetadata metadata{history_.id,    sequence, base,
                                  at.next_offset, front(),  output_.count()};
    offsets.push_back({partition(index), at.low_offset, FormatCommitMetadata(metadata)});
  }
  return offsets;
}

CheckpointHead Task::Head(const std::optional<Decision>& pending) const {
  CheckpointHead head;
  head.application = context_.application;
  head.task = id_;
  head.partition_count = context_.partition_count;
  head.streams = context_.fingerprint;
  head.history = history_.id;
  head.sequence = history_.sequence;
  head.base = history_.base;
  head.outputs = output_.count();
  head.front = front();
  for (int index = 0; index < partition_count(); ++index)
    head.partitions.push_back(PartitionHead(index));
  head.rules = rules_->hash;
  head.started = pipeline_->started();
  if (head.started) head.starts = Starts();
  head.pending = pending;
  return head;
}

// An event that is far ahead of the other partitions is buffered until they have come there. Few of them are kept with
// their bytes, so that a restart needs not read all that came behind them again.
PartitionCheckpoint Task::PartitionHead(int index) const {
  const ingest::PartitionPosition at = position(index);
  const InputPartition& where = partitions_[static_cast<std::size_t>(index)];
  PartitionCheckpoint head{context_.topics[static_cast<std::size_t>(where.topic)],
                           where.partition,
                           at.low_offset,
                           at.next_offset,
                           at.low_offset,
                           at.low_watermark,
                           at.watermark,
                           at.idle,
                           {}};
  const auto outliers = pipeline_->FindOutliers(index, context_.outlier_distance);
  std::size_t bytes = 0;
  for (const ingest::Record* record : outliers.records) bytes += record->bytes.size();
  if (outliers.records.size() > kKeptMax || bytes > kKeptBytesMax) return head;
  head.read_offset = outliers.read_offset;
  head.read_watermark = outliers.read_watermark;
  for (const ingest::Record* record : outliers.records) {
    head.kept.push_back(
        {record->position.offset, record->timestamp, record->watermark_before, record->bytes});
  }
  return head;
}

std::vector<RuleStart> Task::Starts() const {
  std::vector<RuleStart> starts;
  const std::vector<TimestampMs>& times = pipeline_->starts();
  for (std::size_t rule = 0; rule < times.size(); ++rule) {
    const nfa::RuleSpec& spec = rules_->program->rules()[rule];
    if (spec.learn) starts.push_back({spec.id, spec.version, times[rule]});
  }
  return starts;
}

// Of rules without `learn` nobody asks.
void Task::SetStarts(const CheckpointHead& head) {
  if (!head.started) return;
  std::vector<TimestampMs> starts;
  for (const nfa::RuleSpec& rule : rules_->program->rules()) {
    const auto known =
        std::find_if(head.starts.begin(), head.starts.end(), [&](const RuleStart& start) {
          return start.id == rule.id && start.version == rule.version;
        });
    starts.push_back(known == head.starts.end() ? kTimeMax : known->start);
  }
  pipeline_->SetStarts(starts);
}

std::vector<StateChange> Task::Changes(const RuleSet* pending) {
  std::vector<StateChange> changes;
  pipeline_->AppendChanges(&changes);
  std::vector<std::string> wanted = {rules_->hash};
  if (pending != nullptr && pending->hash != rules_->hash) {
    wanted.push_back(pending->hash);
    changes.push_back({TextEntryName(pending->hash), pending->text});
  }
  if (texts_again_ || std::find(texts_.begin(), texts_.end(), rules_->hash) == texts_.end())
    changes.push_back({TextEntryName(rules_->hash), rules_->text});
  for (const std::string& hash : texts_) {
    if (std::find(wanted.begin(), wanted.end(), hash) == wanted.end())
      changes.push_back({TextEntryName(hash), std::nullopt});
  }
  new_texts_ = std::move(wanted);
  return changes;
}

void Task::TouchAll() {
  pipeline_->TouchAll();
  texts_again_ = true;
}

void Task::RewindForTest(const std::vector<InputOffset>& offsets) {
  std::vector<std::int64_t> starts;
  for (const InputOffset& offset : offsets) starts.push_back(offset.offset);
  pipeline_->RewindForTest(starts);
}

bool Task::Moved(int index) const {
  const std::size_t mark = kMarksBefore + static_cast<std::size_t>(index);
  return committed_.size() <= mark || committed_[mark] != next_offset(index);
}

void Task::ForgetChanges() {
  pipeline_->ForgetChanges();
  texts_ = new_texts_;
  texts_again_ = false;
}

}  // namespace shrike::engine
