#include "ingest/json_cursor.h"

namespace shrike::ingest {

bool JsonCursor::TakeName(std::string_view* name) {
  std::string_view raw;
  if (!TakeString(&raw) || !Take(':')) {
    return false;
  }
  if (!HasEscape(raw)) {
    *name = raw;
    return true;
  }
  name_buffer_.clear();
  if (!Unescape(raw, &name_buffer_)) {
    return false;
  }
  *name = name_buffer_;
  return true;
}

bool JsonCursor::CheckName() {
  std::string_view name;
  return TakeName(&name);
}

bool JsonCursor::CheckScalar() {
  switch (Peek()) {
    case '"': {
      std::string_view raw;
      return TakeString(&raw) && (!HasEscape(raw) || Unescape(raw, nullptr));
    }
    case 't':
      return TakeWord("true");
    case 'f':
      return TakeWord("false");
    case 'n':
      return TakeWord("null");
    default:
      break;
  }
  NumberToken number;
  return TakeNumber(&number);
}

bool JsonCursor::CheckValue() {
  OpenContainers open;
  for (;;) {
    bool complete = false;
    if (!CheckOpening(&open, &complete)) {
      return false;
    }
    if (!complete) {
      continue;  // at the first value of a container
    }
    while (open.count > 0 && Take(open.closing())) {
      --open.count;
    }
    if (open.count == 0) {
      return true;
    }
    if (!Take(',') || (open.closing() == '}' && !CheckName())) {
      return false;
    }
  }
}

// A scalar, or the beginning of a container; *complete: no value follows in it.
bool JsonCursor::CheckOpening(OpenContainers* open, bool* complete) {
  const bool object = Take('{');
  if (!object && !Take('[')) {
    *complete = true;
    return CheckScalar();
  }
  if (depth_ + open->count == kRecordDepthMax) {
    too_deep_ = true;
    return false;
  }
  open->Push(object ? '}' : ']');
  *complete = NextIs(open->closing());
  return *complete || !object || CheckName();
}

}  // namespace shrike::ingest
