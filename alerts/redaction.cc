#include "alerts/redaction.h"

#include <algorithm>

#include "nfa/program_data.h"

namespace shrike::alerts {
namespace {

using nfa::Expr;
using nfa::Op;
using nfa::WindowFunction;
using nfa::WindowSpec;

// Its value is a number of events, or whether there was one.
bool OnlyCounts(const WindowSpec& window) {
  return window.values.empty() || window.function == WindowFunction::kDistinct ||
         window.function == WindowFunction::kNew || window.function == WindowFunction::kSeen;
}

bool OnlyCounts(const Expr& expr) {
  return expr.op == Op::kAggregate &&
         (expr.aggregate == nfa::Aggregate::kCount || expr.aggregate == nfa::Aggregate::kDistinct);
}

}  // namespace

// Recursion follows `emit` from rule to rule, which is free of cycles (checked).
Redaction::Redaction(  // NOLINT(misc-no-recursion)
    const nfa::Program& program, const nfa::RuleSpec& rule)
    : program_(program), rule_(rule) {
  for (const shrike::Column& column : program.layout().columns) {
    columns_.push_back(Name(column.name));
  }
  for (const nfa::RuleSpec& other : program.rules()) {
    if (other.emit && Reads(other.emit->stream)) {
      AddEmitted(other);
    }
  }
  // A derived field may be made of those before it.
  for (const nfa::DeriveSpec& derive : program.data().spec.derives) {
    if (Expression(derive.value)) {
      columns_[static_cast<std::size_t>(derive.column)] = true;
    }
  }
  if (std::find(columns_.begin(), columns_.end(), true) == columns_.end()) {
    columns_.clear();
  }
}

bool Redaction::Reads(int stream) const {
  return std::any_of(rule_.sources.begin(), rule_.sources.end(),
                     [&](const nfa::SourceSpec& source) { return source.stream == stream; });
}

void Redaction::AddEmitted(const nfa::RuleSpec& other) {  // NOLINT(misc-no-recursion)
  const std::vector<bool> redacted = Redaction(program_, other).Fields();
  for (const nfa::EmitSpec::Field& field : other.emit->fields) {
    if (redacted[static_cast<std::size_t>(field.field)]) {
      columns_[static_cast<std::size_t>(field.column)] = true;
    }
  }
}

bool Redaction::Name(const std::string& name) const {
  const std::vector<std::string>& names = rule_.alert.redact;
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Redaction::Column(int column) const {
  return column >= 0 && !columns_.empty() && columns_[static_cast<std::size_t>(column)];
}

bool Redaction::Expression(const Expr& root) const {
  if (columns_.empty()) {
    return false;
  }
  std::vector<const Expr*> open = {&root};
  while (!open.empty()) {
    const Expr& expr = *open.back();
    open.pop_back();
    if (Tells(expr)) {
      return true;
    }
    PushParts(expr, &open);
  }
  return false;
}

bool Redaction::Tells(const Expr& expr) const {
  switch (expr.op) {
    case Op::kField:
    case Op::kBoundField:
      return Column(expr.column);
    case Op::kAggregate:
      return !OnlyCounts(expr) && Column(expr.column);
    case Op::kKey:
      return Key().at(static_cast<std::size_t>(expr.index));
    default:
      return false;
  }
}

void Redaction::PushParts(const Expr& expr, std::vector<const Expr*>* open) const {
  // A window's arguments choose it, its values make it.
  const bool window = expr.op == Op::kWindow;
  if (window && OnlyCounts(program_.data().spec.windows.at(static_cast<std::size_t>(expr.index)))) {
    return;
  }
  const std::vector<Expr>& parts =
      window ? program_.data().spec.windows[static_cast<std::size_t>(expr.index)].values
             : expr.args;
  for (const Expr& part : parts) {
    open->push_back(&part);
  }
}

std::vector<bool> Redaction::Key() const {
  std::vector<bool> redacted;
  for (std::size_t part = 0; part < rule_.alert.key_names.size(); ++part) {
    redacted.push_back(
        Name(rule_.alert.key_names[part]) ||
        std::any_of(rule_.sources.begin(), rule_.sources.end(), [&](const nfa::SourceSpec& source) {
          return part < source.key.size() && Column(source.key[part]);
        }));
  }
  return redacted;
}

std::vector<bool> Redaction::Fields() const {
  std::vector<bool> redacted;
  for (const nfa::AlertField& field : rule_.alert.fields) {
    redacted.push_back(Name(field.name) || Expression(field.value));
  }
  return redacted;
}

std::vector<bool> Redaction::Message() const {
  std::vector<bool> redacted;
  for (const nfa::MessagePart& part : rule_.alert.message) {
    if (part.value) {
      redacted.push_back(Expression(*part.value));
    }
  }
  return redacted;
}

}  // namespace shrike::alerts
