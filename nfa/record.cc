// Tested by: tests/nfa/record_test.cc.
#include "nfa/record.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "base/check.h"
#include "nfa/key.h"
#include "nfa/operators.h"

namespace shrike::nfa {
namespace {

constexpr int kFixedPointBits = 74;                      // language.md, 4.7
constexpr double kFixedPointLimit = 4503599627370496.0;  // 2^52
constexpr std::uint32_t kHeaderWords = 5;
// Flags, in word 1.
constexpr std::uint64_t kMatchedBit = std::uint64_t{1} << 16;
constexpr std::uint64_t kMovedBit = std::uint64_t{1} << 17;  // only while an arena is compacted
constexpr std::uint64_t kUniformBit = std::uint64_t{1}
                                      << 18;  // all records up to it are of one step

bool IsText(Kind kind) { return kind == Kind::kString || kind == Kind::kList; }

std::uint32_t WordsOf(Kind kind) { return kind == Kind::kDecimal || kind == Kind::kIp ? 2 : 1; }

std::uint32_t WordsOf(const Register& reg) {
  switch (reg.kind) {
    case RegisterKind::kCount:
    case RegisterKind::kNonNull:
      return 1;
    case RegisterKind::kSumInt:
    case RegisterKind::kSumDecimal:
      return 2;
    case RegisterKind::kSumFloat:
      return 3;
    default:
      return WordsOf(reg.type.kind);
  }
}

bool StartsNull(RegisterKind kind) {
  return kind == RegisterKind::kFirst || kind == RegisterKind::kLast ||
         kind == RegisterKind::kIndex || kind == RegisterKind::kMin || kind == RegisterKind::kMax;
}

Value ColumnOf(const Event& event, int column) {
  return column == kTimeColumn ? Value::Timestamp(event.ts) : event.row[column];
}

std::uint64_t TextWord(std::size_t offset, std::size_t bytes) {
  return static_cast<std::uint64_t>(offset) | static_cast<std::uint64_t>(bytes) << 32;
}

// Appends bytes to the arena, whole words; returns what a text word says.
std::uint64_t AppendBytes(std::string_view bytes, Arena* arena) {
  const std::size_t at = arena->size();
  arena->resize(at + (bytes.size() + 7) / 8, boost::container::default_init);
  if (!bytes.empty()) {
    arena->back() = 0;  // equal texts, equal words
    std::memcpy(arena->data() + at, bytes.data(), bytes.size());
  }
  return TextWord(at, bytes.size());
}

std::string_view BytesAt(const std::uint64_t* words, std::uint64_t text) {
  return {reinterpret_cast<const char*>(words + static_cast<std::uint32_t>(text)),
          static_cast<std::size_t>(text >> 32)};
}

std::int64_t ToSigned(std::uint64_t word) { return static_cast<std::int64_t>(word); }

// Writes registers and fields of one new record. Texts go behind it, so the record may move while they are written.
class Writer {
 public:
  Writer(const RecordLayout& layout, RecordId id, Arena* arena)
      : layout_(layout), id_(id), arena_(*arena), record_(arena->data() + id) {}

  void SetNull(std::size_t bit, bool null) {
    std::uint64_t& word = At(layout_.null_word + static_cast<std::uint32_t>(bit / 64));
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    word = null ? word | mask : word & ~mask;
  }
  bool IsNull(std::size_t bit) {
    return (At(layout_.null_word + static_cast<std::uint32_t>(bit / 64)) >> (bit % 64) & 1) != 0;
  }

  void Put(std::uint32_t word, std::size_t bit, const Value& value) {
    SetNull(bit, value.is_null());
    switch (value.kind()) {
      case Kind::kNull:
        return;
      case Kind::kBool:
        At(word) = value.boolean() ? 1 : 0;
        return;
      case Kind::kFloat:
        At(word) = std::bit_cast<std::uint64_t>(value.float64());
        return;
      case Kind::kDecimal:
        PutWide(word, value.decimal().units);
        return;
      case Kind::kIp: {
        const IpBytes ip = value.ip();
        std::memcpy(&At(word), ip.data(), ip.size());
        return;
      }
      case Kind::kString:
        PutText(word, value.string());
        return;
      case Kind::kList: {
        std::string bytes;
        for (std::size_t i = 0; i < value.list_size(); ++i)
          EncodeKeyValue(value.list_items()[i], &bytes);
        PutText(word, bytes);
        return;
      }
      default:
        At(word) = static_cast<std::uint64_t>(value.int64());
        return;
    }
  }

  void PutText(std::uint32_t word, std::string_view bytes) {
    const std::uint64_t text = AppendBytes(bytes, &arena_);
    record_ = arena_.data() + id_;
    At(word) = text;
  }

  void Update(int index, const Event& event) {
    const Register& reg = layout_.registers[static_cast<std::size_t>(index)];
    const auto bit = static_cast<std::size_t>(index);
    if (reg.kind == RegisterKind::kCount) {
      ++At(reg.word);
      return;
    }
    const Value value = ColumnOf(event, reg.column);
    switch (reg.kind) {
      case RegisterKind::kLast:
        Put(reg.word, bit, value);
        return;
      // The count is updated after these: it still says how many came before.
      case RegisterKind::kFirst:
        if (CountOf(reg) == 0) Put(reg.word, bit, value);
        return;
      case RegisterKind::kIndex:
        if (CountOf(reg) == reg.index) Put(reg.word, bit, value);
        return;
      default:
        break;
    }
    if (!value.is_null()) Accumulate(reg, bit, value);
  }

 private:
  std::uint64_t& At(std::uint32_t word) { return record_[word]; }

  std::int64_t CountOf(const Register& reg) {
    return ToSigned(At(layout_.registers[static_cast<std::size_t>(reg.count_register)].word));
  }

  void PutWide(std::uint32_t word, Int128 value) {
    At(word) = static_cast<std::uint64_t>(value);
    At(word + 1) = static_cast<std::uint64_t>(static_cast<UInt128>(value) >> 64);
  }
  Int128 Wide(std::uint32_t word) {
    return static_cast<Int128>(static_cast<UInt128>(At(word + 1)) << 64 | At(word));
  }

  void Accumulate(const Register& reg, std::size_t bit, const Value& value) {
    switch (reg.kind) {
      case RegisterKind::kNonNull:
        ++At(reg.word);
        return;
      case RegisterKind::kMin:
      case RegisterKind::kMax: {
        if (!IsNull(bit)) {
          const Value old = RecordView(arena_, layout_, {id_, id_}).Load(static_cast<int>(bit));
          const std::optional<int> order = Order(value, old);
          if (!order || (reg.kind == RegisterKind::kMin ? *order >= 0 : *order <= 0)) return;
        }
        Put(reg.word, bit, value);
        return;
      }
      case RegisterKind::kSumInt:
        PutWide(reg.word, static_cast<Int128>(static_cast<UInt128>(Wide(reg.word)) +
                                              static_cast<UInt128>(Int128{value.int64()})));
        return;
      case RegisterKind::kSumDecimal: {
        Int128 sum = 0;
        // Null stays for good: 128 bits hold any sum of 256 events that fit the language's fields. A sum that goes on
        // before the chain's first event wraps around: only the difference is read.
        const bool over = __builtin_add_overflow(Wide(reg.word), value.decimal().units, &sum);
        if (over && !reg.relative) {
          SetNull(bit, true);
        } else {
          PutWide(reg.word, sum);
        }
        return;
      }
      case RegisterKind::kSumFloat:
        AddFloat(reg, value.float64());
        return;
      default:
        SHRIKE_CHECK(false);
    }
  }

  void AddFloat(const Register& reg, double value) {
    if (!(std::fabs(value) < kFixedPointLimit)) {
      ++At(reg.word + 2);
      return;
    }
    // 2^52 * 2^74 = 2^126: one input fits. Half to even: nearbyint in the default rounding mode, exact where it
    // matters, since a double of magnitude 2^-21 and up has no bits below 2^-74.
    const double scaled = std::ldexp(value, kFixedPointBits);
    const double whole = std::fabs(scaled) < 9007199254740992.0 ? std::nearbyint(scaled) : scaled;
    PutWide(reg.word, static_cast<Int128>(static_cast<UInt128>(Wide(reg.word)) +
                                          static_cast<UInt128>(static_cast<Int128>(whole))));
  }

  const RecordLayout& layout_;
  const RecordId id_;
  Arena& arena_;
  std::uint64_t* record_;
};

}  // namespace

void RecordLayout::Seal() {
  std::size_t fields_max = 0;
  for (const std::vector<Slot>& slots : fields) fields_max = std::max(fields_max, slots.size());
  null_word = kHeaderWords + (has_step_key ? 1U : 0U);
  register_begin =
      null_word + static_cast<std::uint32_t>((registers.size() + fields_max + 63) / 64);
  std::uint32_t at = register_begin;
  for (Register& reg : registers) {
    reg.word = at;
    at += WordsOf(reg);
  }
  field_begin = at;
  record_words.assign(fields.size(), 0);
  for (std::size_t step = 0; step < fields.size(); ++step) {
    at = field_begin;
    for (Slot& slot : fields[step]) {
      if (slot.reg >= 0) slot.word = registers[static_cast<std::size_t>(slot.reg)].word;
      if (!slot.kept()) continue;
      slot.word = at;
      at += WordsOf(slot.type.kind);
    }
    record_words[step] = at;
  }
}

EventOrder RecordView::order() const {
  return {ToSigned(record_[2]),
          {static_cast<std::int32_t>(record_[3] & 0xffffffff),
           static_cast<std::int32_t>(record_[3] >> 32), ToSigned(record_[4])}};
}

BoundPlace RecordView::place() const {
  const EventOrder where = order();
  return {where.ts, static_cast<std::uint32_t>(record_[1] >> 32), where.position};
}

std::string_view RecordView::step_key() const {
  if (!layout_->has_step_key || record_[kHeaderWords] == 0) return {};
  return BytesAt(words_, record_[kHeaderWords]);
}

bool RecordView::NullBit(std::size_t bit) const {
  return (record_[layout_->null_word + bit / 64] >> (bit % 64) & 1) != 0;
}

Int128 RecordView::Wide(std::uint32_t word) const {
  return static_cast<Int128>(static_cast<UInt128>(record_[word + 1]) << 64 | record_[word]);
}

Value RecordView::Read(std::uint32_t word, Type type) const {
  switch (type.kind) {
    case Kind::kNull:
      return Value::Null();
    case Kind::kBool:
      return Value::Bool(record_[word] != 0);
    case Kind::kInt:
      return Value::Int(ToSigned(record_[word]));
    case Kind::kFloat:
      return Value::Float(std::bit_cast<double>(record_[word]));
    case Kind::kDecimal:
      return Value::Dec({Wide(word), type.scale});
    case Kind::kTimestamp:
      return Value::Timestamp(ToSigned(record_[word]));
    case Kind::kDuration:
      return Value::Duration(ToSigned(record_[word]));
    case Kind::kString:
      return Value::String(BytesAt(words_, record_[word]));
    case Kind::kIp: {
      IpBytes ip;
      std::memcpy(ip.data(), record_ + word, ip.size());
      return Value::Ip(ip);
    }
    case Kind::kList: {
      // Encoded items, as they are: whoever needs the list decodes them (nfa/key.h).
      const std::string_view bytes = BytesAt(words_, record_[word]);
      return Value::String(bytes);
    }
  }
  SHRIKE_CHECK(false);
}

std::uint64_t RecordView::Before(const Register& reg, std::uint32_t word) const {
  const auto parent = static_cast<RecordId>(first_[0]);
  return reg.relative && parent != kNoRecord ? words_[parent + word] : 0;
}

std::int64_t RecordView::CountSince(const Register& reg) const {
  return ToSigned(record_[reg.word] - Before(reg, reg.word));
}

// Modulo 2^128, so that what stands before the chain may have overflowed.
Int128 RecordView::WideSince(const Register& reg) const {
  const UInt128 before =
      static_cast<UInt128>(Before(reg, reg.word + 1)) << 64 | Before(reg, reg.word);
  return static_cast<Int128>(static_cast<UInt128>(Wide(reg.word)) - before);
}

Value RecordView::Load(int reg) const {
  const Register& r = layout_->registers[static_cast<std::size_t>(reg)];
  if (r.kind == RegisterKind::kCount || r.kind == RegisterKind::kNonNull)
    return Value::Int(CountSince(r));
  if (r.kind == RegisterKind::kFirst && r.relative) return First().FieldOf(r.column);
  if (NullBit(static_cast<std::size_t>(reg))) return Value::Null();
  return Read(r.word, r.type);
}

Value RecordView::Sum(int reg) const {
  const Register& r = layout_->registers[static_cast<std::size_t>(reg)];
  if (NullBit(static_cast<std::size_t>(reg))) return Value::Null();
  const Int128 sum = WideSince(r);
  switch (r.kind) {
    case RegisterKind::kSumInt:
      if (sum > std::numeric_limits<std::int64_t>::max() ||
          sum < std::numeric_limits<std::int64_t>::min()) {
        return Value::Null();
      }
      return r.type.kind == Kind::kDuration ? Value::Duration(static_cast<std::int64_t>(sum))
                                            : Value::Int(static_cast<std::int64_t>(sum));
    case RegisterKind::kSumDecimal:
      return Value::Dec({sum, r.type.scale});
    case RegisterKind::kSumFloat:
      if (record_[r.word + 2] != Before(r, r.word + 2)) return Value::Null();
      return Value::Float(RoundQuotient(sum, 1, -kFixedPointBits));
    default:
      SHRIKE_CHECK(false);
  }
}

Value RecordView::Average(int sum_register, int count_register) const {
  const Register& r = layout_->registers[static_cast<std::size_t>(sum_register)];
  const std::int64_t count = Load(count_register).int64();
  if (count == 0 || NullBit(static_cast<std::size_t>(sum_register))) return Value::Null();
  const Int128 sum = WideSince(r);
  switch (r.kind) {
    case RegisterKind::kSumInt:
      if (r.type.kind == Kind::kDuration) {
        return Arithmetic(Op::kDivide, Value::Duration(static_cast<std::int64_t>(sum)),
                          Value::Int(count));
      }
      return Value::Float(RoundQuotient(sum, static_cast<UInt128>(count), 0));
    case RegisterKind::kSumDecimal: {
      const std::optional<Decimal> quotient = DivideDecimal({sum, r.type.scale}, {count, 0});
      return quotient ? Value::Dec(*quotient) : Value::Null();
    }
    case RegisterKind::kSumFloat:
      if (record_[r.word + 2] != Before(r, r.word + 2)) return Value::Null();
      return Value::Float(RoundQuotient(sum, static_cast<UInt128>(count), -kFixedPointBits));
    default:
      SHRIKE_CHECK(false);
  }
}

Value RecordView::FieldOf(int column) const {
  if (column == kTimeColumn) return Value::Timestamp(ToSigned(record_[2]));
  const std::vector<Slot>& slots = layout_->fields[static_cast<std::size_t>(step())];
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].column == column) return Field(slots[i], i);
  }
  return Value::Null();
}

Value RecordView::Field(const Slot& slot, std::size_t index) const {
  const std::size_t bit =
      slot.reg >= 0 ? static_cast<std::size_t>(slot.reg) : layout_->registers.size() + index;
  return NullBit(bit) ? Value::Null() : Read(slot.word, slot.type);
}

bool RecordView::IsOf(const std::vector<int>& steps) const {
  return std::binary_search(steps.begin(), steps.end(), step());
}

Value RecordView::Picked(const Pick& pick) const {
  // Counted from the end: the chain only leads backwards.
  std::int64_t wanted = 0;
  if (pick.select != Select::kLast) {
    std::int64_t count = 0;
    for (RecordId id = static_cast<RecordId>(record_ - words_); id != kNoRecord;
         id = At(id).previous()) {
      if (At(id).IsOf(pick.steps)) ++count;
    }
    wanted = count - 1 - (pick.select == Select::kIndex ? pick.index : 0);
  }
  if (wanted < 0) return Value::Null();
  for (RecordId id = static_cast<RecordId>(record_ - words_); id != kNoRecord;
       id = At(id).previous()) {
    const bool counts = pick.name < 0 || At(id).IsOf(pick.steps);
    if (counts && wanted-- == 0) return At(id).FieldOf(pick.column);
  }
  return Value::Null();
}

RecordId AppendRecord(const RecordLayout& layout, const NewRecord& added, Arena* arena) {
  if (arena->empty()) arena->push_back(0);
  const auto id = static_cast<RecordId>(arena->size());
  const auto step = static_cast<std::size_t>(added.step);
  const Event& event = *added.event;
  arena->resize(id + layout.record_words[step], boost::container::default_init);
  std::uint64_t* record = arena->data() + id;
  const std::uint64_t* before = arena->data() + added.parent;
  const bool first = added.parent == kNoRecord;
  const std::uint64_t count = first ? 1 : (before[0] >> 32) + 1;
  const bool uniform = first || ((before[1] & kUniformBit) != 0 &&
                                 (before[1] & 0xffff) == static_cast<std::uint64_t>(added.step));
  record[0] = added.parent | count << 32;
  record[1] = static_cast<std::uint64_t>(added.step) | (uniform ? kUniformBit : 0) |
              static_cast<std::uint64_t>(added.number) << 32;
  record[2] = static_cast<std::uint64_t>(event.ts);
  record[3] = static_cast<std::uint32_t>(event.position.topic) |
              static_cast<std::uint64_t>(static_cast<std::uint32_t>(event.position.partition))
                  << 32;
  record[4] = static_cast<std::uint64_t>(event.position.offset);
  Writer writer(layout, id, arena);
  const std::size_t kept = layout.field_begin - kHeaderWords;
  if (first) {
    std::fill_n(record + kHeaderWords, kept, 0);
    for (std::size_t i = 0; i < layout.registers.size(); ++i) {
      if (StartsNull(layout.registers[i].kind)) writer.SetNull(i, true);
    }
  } else {
    std::memcpy(record + kHeaderWords, before + kHeaderWords, kept * sizeof(std::uint64_t));
  }
  std::fill(record + layout.field_begin, record + layout.record_words[step], 0);
  if (layout.has_step_key && !added.step_key.empty() && record[kHeaderWords] == 0)
    writer.PutText(kHeaderWords, added.step_key);
  for (const int reg : layout.updates[step]) writer.Update(reg, event);
  const std::vector<Slot>& slots = layout.fields[step];
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (!slots[i].kept()) continue;
    writer.Put(slots[i].word, layout.registers.size() + i, ColumnOf(event, slots[i].column));
  }
  return id;
}

void CollectWalk(const RecordView& last, const Walk& walk, std::vector<Value>* out) {
  out->clear();
  RecordView view = last;
  for (bool more = true; more;) {
    if (view.IsOf(walk.steps)) {
      const Value value = view.FieldOf(walk.column);
      if (!value.is_null()) out->push_back(value);
    }
    const RecordId previous = view.previous();
    more = previous != kNoRecord;
    if (more) view = view.At(previous);
  }
  std::reverse(out->begin(), out->end());
}

bool MayBegin(RecordId id, const Arena& arena) { return (arena[id + 1] & kUniformBit) != 0; }

void MarkMatched(RecordId id, Arena* arena) {
  while (id != kNoRecord && ((*arena)[id + 1] & kMatchedBit) == 0) {
    (*arena)[id + 1] |= kMatchedBit;
    id = static_cast<RecordId>((*arena)[id]);
  }
}

RecordId MovedTo(const Arena& arena, RecordId id) {
  return (arena[id + 1] & kMovedBit) == 0 ? kNoRecord : static_cast<RecordId>(arena[id + 2]);
}

void SetMovedTo(RecordId id, RecordId to, Arena* arena) {
  (*arena)[id + 1] |= kMovedBit;
  (*arena)[id + 2] = to;
}

RecordId CopyRecord(const RecordView& record, RecordId parent, Arena* to) {
  if (to->empty()) to->push_back(0);
  const auto copy = static_cast<RecordId>(to->size());
  const RecordLayout& layout = *record.layout_;
  const std::uint64_t* from = record.record_;
  const auto step = static_cast<std::size_t>(record.step());
  to->insert(to->end(), from, from + layout.record_words[step]);
  (*to)[copy] = parent | (from[0] & ~std::uint64_t{0xffffffff});
  // What a child took over from its parent stays one text.
  const std::uint64_t* before = parent == kNoRecord ? nullptr : record.words_ + record.parent();
  const auto move_text = [&](std::uint32_t word) {
    if (word < layout.field_begin && before != nullptr && before[word] == from[word]) {
      (*to)[copy + word] = (*to)[parent + word];
      return;
    }
    const std::uint64_t text = AppendBytes(BytesAt(record.words_, from[word]), to);
    (*to)[copy + word] = text;
  };
  if (layout.has_step_key && from[kHeaderWords] != 0) move_text(kHeaderWords);
  for (std::size_t i = 0; i < layout.registers.size(); ++i) {
    const Register& reg = layout.registers[i];
    if (StartsNull(reg.kind) && IsText(reg.type.kind) && !record.NullBit(i)) move_text(reg.word);
  }
  const std::vector<Slot>& slots = layout.fields[step];
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].kept() && IsText(slots[i].type.kind) &&
        !record.NullBit(layout.registers.size() + i))
      move_text(slots[i].word);
  }
  return copy;
}

}  // namespace shrike::nfa
