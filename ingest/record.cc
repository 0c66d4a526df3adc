#include "ingest/record.h"

#include <utility>

#include "base/check.h"

namespace shrike::ingest {
namespace {

// A rare huge record must not keep its memory for ever.
constexpr std::size_t kKeptBytesMax = 1u << 16;

void Trim(Record* record) {
  if (record->bytes.capacity() > kKeptBytesMax) {
    std::string().swap(record->bytes);
  }
  if (record->text.capacity() > kKeptBytesMax) {
    std::string().swap(record->text);
  }
  if (record->items.capacity() * sizeof(Value) > kKeptBytesMax) {
    std::vector<Value>().swap(record->items);
  }
}

}  // namespace

void RecordReturn::operator()(Record* record) const {
  Trim(record);
  --pool->in_use_;
  pool->free_.emplace_back(record);
}

RecordPool::~RecordPool() { SHRIKE_CHECK(in_use_ == 0); }

RecordPtr RecordPool::Acquire() {
  ++in_use_;
  if (free_.empty()) {
    return RecordPtr(new Record, RecordReturn{this});
  }
  Record* record = free_.back().release();
  free_.pop_back();
  return RecordPtr(record, RecordReturn{this});
}

}  // namespace shrike::ingest
