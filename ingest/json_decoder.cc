// Idea: one walk over the tokens in document order. Members that lead to a declared field are decoded, all others only
// checked. A fault of a field is noted and the walk goes on, because a record that turns out to be no JSON is
// "malformed", whatever its fields were.
#include "ingest/json_decoder.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "ingest/field_tree.h"
#include "ingest/json_cursor.h"
#include "ingest/json_scalar.h"
#include "ingest/json_tokens.h"

namespace shrike::ingest {
namespace {

// What the decoder does with a field.
struct FieldPlan {
  std::int32_t field = -1;  // StreamSchema::fields, or -1 for a time field that is not declared
  Type type;                // kNull: only the time is taken from it
  int column = -1;          // of the row, or -1: checked only
  bool is_time = false;
  bool is_event_type = false;
};

// In an unnamed namespace, so that the compiler sees all callers and joins the small steps of the hot path.
class Walk {
 public:
  Walk(const Catalog& catalog, int stream, const RowLayout& layout);

  Decoded Decode(Record* record);

 private:
  // An object on a declared path that is open.
  struct Frame {
    FieldTree::Node* node;
    FieldTree::Name* previous;
  };
  // A list of the row, whose items may still move.
  struct OpenList {
    int column;
    std::size_t begin;
    std::size_t count;
  };

  void AddPlan(const std::string& path, const FieldPlan& plan);
  void StartRecord(Record* record);
  void Fault(DeadLetterReason reason, std::int32_t field);
  Decoded DeadLetter(DeadLetterReason reason, std::int32_t field = -1) const;

  // Each takes what it is named for from the tokens; false: no JSON, or too deep.
  bool TakeRecord(std::string_view bytes, const std::uint32_t* tokens);
  bool TakeFields();
  bool TakeMember(Frame* frame, FieldTree::Node** opened);
  bool TakeField(std::int32_t field);
  bool TakeList(const FieldPlan& plan);
  bool TakeFieldScalar(const FieldPlan& plan, Value* value);
  bool TakeFieldBool(const FieldPlan& plan, Value* value);
  bool TakeFieldString(const FieldPlan& plan, Value* value);
  bool TakeFieldNumber(const FieldPlan& plan, Value* value);

  DeadLetterReason ReadString(std::string_view text, const FieldPlan& plan, Value* value);
  DeadLetterReason ReadNumber(const NumberToken& number, const FieldPlan& plan, Value* value);
  Decoded Finish(Record* record);

  // Configuration.
  FieldTree tree_;
  std::vector<FieldPlan> plans_;
  std::size_t column_count_ = 0;
  std::int32_t stream_ = 0;
  std::int32_t first_event_type_ = 0;
  std::vector<std::string> event_types_;
  bool has_time_field_ = false;
  bool has_type_field_ = false;
  TimeUnit unit_ = TimeUnit::kMs;
  DurationMs max_future_ = 0;

  // The record under way.
  JsonTokens tokens_;
  Record* record_ = nullptr;
  JsonCursor in_;
  DeadLetterReason fault_ = DeadLetterReason::kNone;  // the first of a field
  std::int32_t fault_field_ = -1;
  std::optional<TimestampMs> time_;
  std::int32_t type_index_ = -1;
  bool has_type_ = false;

  // Used again from record to record.
  std::vector<std::uint64_t> seen_;  // by plan: the number of the record that last had it
  std::uint64_t record_number_ = 0;
  std::vector<OpenList> lists_;
};

Walk::Walk(const Catalog& catalog, int stream, const RowLayout& layout)
    : column_count_(layout.columns.size()),
      stream_(stream),
      first_event_type_(catalog.EventTypeId(stream, 0)) {
  const StreamSchema& schema = catalog.streams[static_cast<std::size_t>(stream)];
  event_types_ = schema.event_types;
  has_time_field_ = !schema.time_field.empty();
  has_type_field_ = !schema.type_field.empty();
  unit_ = schema.time_unit;
  max_future_ = schema.max_future;
  for (const FieldSchema& field : schema.fields) {
    AddPlan(field.name, {.field = static_cast<std::int32_t>(plans_.size()),
                         .type = field.type,
                         .column = layout.Find(field.name, field.type),
                         .is_time = field.name == schema.time_field,
                         .is_event_type = field.name == schema.type_field});
  }
  if (has_time_field_ && schema.FieldIndex(schema.time_field) < 0) {
    FieldPlan plan;
    plan.is_time = true;
    AddPlan(schema.time_field, plan);
  }
  if (has_type_field_) {
    const int type_field = schema.FieldIndex(schema.type_field);
    SHRIKE_CHECK(type_field >= 0 &&
                 schema.fields[static_cast<std::size_t>(type_field)].type.kind == Kind::kString);
  }
  seen_.assign(plans_.size(), 0);
}

void Walk::AddPlan(const std::string& path, const FieldPlan& plan) {
  tree_.Add(path, static_cast<std::int32_t>(plans_.size()));
  plans_.push_back(plan);
}

void Walk::StartRecord(Record* record) {
  record_ = record;
  fault_ = DeadLetterReason::kNone;
  fault_field_ = -1;
  time_.reset();
  type_index_ = -1;
  has_type_ = false;
  ++record_number_;
  lists_.clear();
  record->row.assign(column_count_, Value());
  record->text.clear();
  record->items.clear();
}

void Walk::Fault(DeadLetterReason reason, std::int32_t field) {
  if (fault_ == DeadLetterReason::kNone) {
    fault_ = reason;
    fault_field_ = field;
  }
}

Decoded Walk::DeadLetter(DeadLetterReason reason, std::int32_t field) const {
  return {DecodeOutcome::kDeadLetter, reason, field};
}

Decoded Walk::Decode(Record* record) {
  StartRecord(record);
  const std::string_view bytes = record->bytes;
  if (bytes.size() > kRecordBytesMax) {
    return DeadLetter(DeadLetterReason::kTooLarge);
  }
  const std::uint32_t* const tokens = tokens_.Find(bytes);
  if (tokens == nullptr || !TakeRecord(bytes, tokens)) {
    // Which of its checks the first stage fails at depends on the processor; the bytes decide.
    if (!IsValidUtf8(bytes)) {
      return DeadLetter(DeadLetterReason::kInvalidUtf8);
    }
    const bool too_deep = tokens != nullptr && in_.too_deep();
    return DeadLetter(too_deep ? DeadLetterReason::kTooDeep : DeadLetterReason::kMalformed);
  }
  return Finish(record);
}

// Everything is well-formed. What is missing, and what does the whole amount to?
Decoded Walk::Finish(Record* record) {
  if (fault_ != DeadLetterReason::kNone) {
    return DeadLetter(fault_, fault_field_);
  }
  if (!has_time_field_) {
    time_ = record->timestamp;
  }
  if (!time_) {
    return DeadLetter(DeadLetterReason::kMissingTime);
  }
  if (*time_ < kTimestampMsMin || *time_ > kTimestampMsMax) {
    return DeadLetter(DeadLetterReason::kBadTimestamp);
  }
  if (has_type_field_ && !has_type_) {
    return DeadLetter(DeadLetterReason::kMissingType);
  }
  if (record->timestamp && *time_ > AddSaturated(*record->timestamp, max_future_)) {
    return DeadLetter(DeadLetterReason::kFutureTime);
  }
  record->ts = *time_;
  record->stream = stream_;
  if (has_type_field_ && type_index_ < 0) {
    return {DecodeOutcome::kSkipped};
  }
  record->event_type = first_event_type_ + (has_type_field_ ? type_index_ : 0);
  for (const OpenList& list : lists_) {
    record->row[static_cast<std::size_t>(list.column)] =
        Value::List(record->items.data() + list.begin, list.count);
  }
  return {DecodeOutcome::kEvent};
}

bool Walk::TakeRecord(std::string_view bytes, const std::uint32_t* tokens) {
  in_.Start(bytes, tokens);
  const bool object = in_.Take('{');
  if (!object) {
    Fault(DeadLetterReason::kNotObject, -1);
  }
  return (object ? TakeFields() : in_.CheckValue()) && in_.AtEnd();
}

// The record's object and the objects on declared paths.
bool Walk::TakeFields() {
  std::array<Frame, kRecordDepthMax> frames;  // in_.depth() of them are open
  FieldTree::Node* opened = tree_.root();     // an object whose `{` was taken just now
  do {
    bool first = false;
    if (opened != nullptr) {
      if (!in_.Enter()) {
        return false;
      }
      frames[static_cast<std::size_t>(in_.depth() - 1)] = {opened, &opened->start};
      opened = nullptr;
      first = true;
    }
    if (in_.Take('}')) {
      in_.Leave();
    } else if ((!first && !in_.Take(',')) ||
               !TakeMember(&frames[static_cast<std::size_t>(in_.depth() - 1)], &opened)) {
      return false;
    }
  } while (in_.depth() > 0);
  return true;
}

// One name and its value; of an object on a declared path only the `{`, and *opened is its node.
bool Walk::TakeMember(Frame* frame, FieldTree::Node** opened) {
  FieldTree::Name* name = FieldTree::Guess(*frame->previous, in_.Rest());
  if (name != nullptr) {
    in_.Skip(2);  // the name and its colon
  } else {
    std::string_view text;
    if (!in_.TakeName(&text)) {
      return false;
    }
    name = FieldTree::Find(frame->node, frame->previous, text);
    if (name == nullptr) {
      return in_.CheckValue();
    }
  }
  frame->previous = name;
  if (name->field >= 0) {
    return TakeField(name->field);
  }
  if (name->child != nullptr && in_.Take('{')) {
    *opened = name->child;
    return true;
  }
  return in_.CheckValue();
}

// The value of a declared field.
bool Walk::TakeField(std::int32_t field) {
  const auto at = static_cast<std::size_t>(field);
  const FieldPlan& plan = plans_[at];
  if (seen_[at] == record_number_) {
    Fault(DeadLetterReason::kDuplicateField, plan.field);
    return in_.CheckValue();
  }
  seen_[at] = record_number_;
  if (plan.type.kind == Kind::kList && in_.Take('[')) {
    return TakeList(plan);
  }
  // Straight into the row: a copy of a value just built stalls on its narrow stores (25 ns a record).
  Value unused;
  return TakeFieldScalar(
      plan, plan.column >= 0 ? &record_->row[static_cast<std::size_t>(plan.column)] : &unused);
}

// The items after the `[` of a declared list.
bool Walk::TakeList(const FieldPlan& plan) {
  if (!in_.Enter()) {
    return false;
  }
  FieldPlan item_plan = plan;
  item_plan.type = {plan.type.element, plan.type.scale};
  const std::size_t begin = record_->items.size();
  for (bool first = true; !in_.Take(']'); first = false) {
    Value unused;
    Value* const item = plan.column >= 0 ? &record_->items.emplace_back() : &unused;
    if ((!first && !in_.Take(',')) || !TakeFieldScalar(item_plan, item)) {
      return false;
    }
  }
  in_.Leave();
  if (plan.column >= 0) {
    lists_.push_back({plan.column, begin, record_->items.size() - begin});
  }
  return true;
}

// A value that is no list, where plan.type is the type it must have.
bool Walk::TakeFieldScalar(const FieldPlan& plan, Value* value) {
  switch (in_.Peek()) {
    case '{':
    case '[':
      Fault(DeadLetterReason::kWrongType, plan.field);
      return in_.CheckValue();
    case '"':
      return TakeFieldString(plan, value);
    case 'n':
      return in_.TakeWord("null");
    case 't':
    case 'f':
      return TakeFieldBool(plan, value);
    default:
      return TakeFieldNumber(plan, value);
  }
}

bool Walk::TakeFieldBool(const FieldPlan& plan, Value* value) {
  const bool is_true = in_.Peek() == 't';
  if (!in_.TakeWord(is_true ? "true" : "false")) {
    return false;
  }
  if (plan.type.kind != Kind::kBool || plan.is_time) {
    Fault(DeadLetterReason::kWrongType, plan.field);
  }
  *value = Value::Bool(is_true);
  return true;
}

bool Walk::TakeFieldString(const FieldPlan& plan, Value* value) {
  std::string_view text;
  if (!in_.TakeString(&text)) {
    return false;
  }
  if (in_.HasEscape(text)) {
    // All decoded text is shorter than its source, so this is the only allocation, and views stay valid.
    std::string& out = record_->text;
    out.reserve(record_->bytes.size());
    const std::size_t begin = out.size();
    if (!Unescape(text, &out)) {
      return false;
    }
    text = std::string_view(out).substr(begin);
  }
  const DeadLetterReason reason = ReadString(text, plan, value);
  if (reason != DeadLetterReason::kNone) {
    Fault(reason, plan.field);
  }
  return true;
}

DeadLetterReason Walk::ReadString(std::string_view text, const FieldPlan& plan, Value* value) {
  const bool is_timestamp = plan.type.kind == Kind::kTimestamp;
  if (is_timestamp || plan.is_time) {
    if (unit_ != TimeUnit::kRfc3339) {
      return DeadLetterReason::kWrongType;
    }
    const std::optional<TimestampMs> time = ParseRfc3339(text);
    if (!time) {
      return DeadLetterReason::kBadTimestamp;
    }
    *value = Value::Timestamp(*time);
    if (plan.is_time) {
      time_ = time;
    }
    if (is_timestamp || plan.type.kind == Kind::kNull) {
      return DeadLetterReason::kNone;
    }
  }
  if (plan.type.kind == Kind::kIp) {
    const std::optional<IpBytes> ip = ParseIp(text);
    *value = ip ? Value::Ip(*ip) : Value();
    return ip ? DeadLetterReason::kNone : DeadLetterReason::kBadIp;
  }
  if (plan.type.kind != Kind::kString) {
    return DeadLetterReason::kWrongType;
  }
  *value = Value::String(text);
  if (plan.is_event_type) {
    has_type_ = true;
    const auto found = std::find(event_types_.begin(), event_types_.end(), text);
    type_index_ =
        found == event_types_.end() ? -1 : static_cast<std::int32_t>(found - event_types_.begin());
  }
  return DeadLetterReason::kNone;
}

bool Walk::TakeFieldNumber(const FieldPlan& plan, Value* value) {
  NumberToken number;
  if (!in_.TakeNumber(&number)) {
    return false;
  }
  const DeadLetterReason reason = ReadNumber(number, plan, value);
  if (reason != DeadLetterReason::kNone) {
    Fault(reason, plan.field);
  }
  return true;
}

DeadLetterReason Walk::ReadNumber(const NumberToken& number, const FieldPlan& plan, Value* value) {
  DeadLetterReason reason = DeadLetterReason::kNone;
  const Kind kind = plan.type.kind;
  if (kind == Kind::kTimestamp || plan.is_time) {
    if (unit_ == TimeUnit::kRfc3339) {
      return DeadLetterReason::kWrongType;
    }
    TimestampMs time = 0;
    reason = ReadTime(number, unit_, &time);
    *value = Value::Timestamp(time);
    if (plan.is_time && reason == DeadLetterReason::kNone) {
      time_ = time;
    }
    if (reason != DeadLetterReason::kNone || kind == Kind::kTimestamp || kind == Kind::kNull) {
      return reason;
    }
  }
  if (kind == Kind::kInt || kind == Kind::kDuration) {
    std::int64_t read = 0;
    reason = ReadInt(number, &read);
    *value = kind == Kind::kInt ? Value::Int(read) : Value::Duration(read);
  } else if (kind == Kind::kFloat) {
    double read = 0;
    reason = ReadFloat(number, &read);
    *value = Value::Float(read);
  } else if (kind == Kind::kDecimal) {
    Decimal read;
    reason = ReadDecimal(number, plan.type.scale, &read);
    *value = Value::Dec(read);
  } else {
    reason = DeadLetterReason::kWrongType;
  }
  return reason;
}

}  // namespace

class JsonDecoder::Impl : public Walk {
 public:
  using Walk::Walk;
};

JsonDecoder::JsonDecoder(const Catalog& catalog, int stream, const RowLayout& layout)
    : impl_(std::make_unique<Impl>(catalog, stream, layout)) {}

JsonDecoder::JsonDecoder(JsonDecoder&&) noexcept = default;
JsonDecoder& JsonDecoder::operator=(JsonDecoder&&) noexcept = default;
JsonDecoder::~JsonDecoder() = default;

Decoded JsonDecoder::Decode(const RawRecord& raw, Record* record) {
  record->position = raw.position;
  record->timestamp = raw.timestamp;
  record->bytes.assign(raw.bytes);
  return impl_->Decode(record);
}

Decoded JsonDecoder::DecodeAgain(Record* record) { return impl_->Decode(record); }

}  // namespace shrike::ingest
