// Deriver: computes the fields that a stream derives, before any rule sees its events (language.md, section 2).
//
// One a task; one thread.
// Tested by: tests/nfa/deriver_test.cc.
#ifndef SHRIKE_NFA_DERIVER_H_
#define SHRIKE_NFA_DERIVER_H_

#include <deque>
#include <memory>
#include <vector>

#include "base/event.h"
#include "base/value_store.h"
#include "nfa/code.h"
#include "nfa/program.h"

namespace shrike::nfa {

class Deriver {
 public:
  explicit Deriver(std::shared_ptr<const Program> program);

  // Whether some stream derives a field.
  bool empty() const { return empty_; }

  // The event with its stream's derived fields, which borrows its row from this until Clear; the event itself if its
  // stream derives none. Cost: a copy of the row and the expressions.
  Event Derive(const Event& event);

  // Sets the derived fields of a row that the caller owns, of an event of `stream`. Strings live until Clear.
  void Fill(const Event& event, std::vector<Value>* row);

  void Clear();

 private:
  std::shared_ptr<const Program> program_;
  bool empty_ = true;
  std::deque<std::vector<Value>> rows_;  // the first rows_used_ are lent
  std::size_t rows_used_ = 0;
  ValueStore store_;
  Scratch scratch_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_DERIVER_H_
