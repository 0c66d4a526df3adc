#include "nfa/deriver.h"

#include <utility>

#include "nfa/program_data.h"

namespace shrike::nfa {

Deriver::Deriver(std::shared_ptr<const Program> program)
    : program_(std::move(program)), empty_(program_->data().spec.derives.empty()) {}

Event Deriver::Derive(const Event& event) {
  if (program_->data().derives[static_cast<std::size_t>(event.stream)].empty()) return event;
  if (rows_used_ == rows_.size()) rows_.emplace_back();
  std::vector<Value>& row = rows_[rows_used_++];
  row.assign(event.row, event.row + program_->layout().columns.size());
  Event derived = event;
  derived.row = row.data();
  Fill(derived, &row);
  return derived;
}

void Deriver::Fill(const Event& event, std::vector<Value>* row) {
  // A field may use those before it: the row is read and written in turn.
  Scope scope;
  scope.event = &event;
  const ProgramData& data = program_->data();
  for (const DerivedColumn& derived : data.derives[static_cast<std::size_t>(event.stream)]) {
    const Value value = derived.code.Run(scope, data.pool, &scratch_);
    (*row)[static_cast<std::size_t>(derived.column)] = store_.Own(value);
  }
}

void Deriver::Clear() {
  rows_used_ = 0;
  store_.Clear();
}

}  // namespace shrike::nfa
