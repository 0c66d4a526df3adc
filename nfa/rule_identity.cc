// Tested by: tests/nfa/key_state_test.cc.
#include "nfa/rule_identity.h"

namespace shrike::nfa {
namespace {

class Writer {
 public:
  Writer(const RowLayout& layout, const IdentityNames& names) : layout_(layout), names_(names) {}

  void Number(std::int64_t n) { out_ += std::to_string(n) + " "; }
  void Bound(const std::optional<DurationMs>& d) { Number(d.value_or(-1)); }
  void Text(std::string_view text) {
    Number(static_cast<std::int64_t>(text.size()));
    out_ += text;
  }
  void Expression(const Expr& e) { Text(CanonicalText(e, layout_, names_.shared)); }
  void Optional(const std::optional<Expr>& e) {
    Number(e ? 1 : 0);
    if (e) Expression(*e);
  }
  void Columns(const std::vector<int>& columns) {
    Number(static_cast<std::int64_t>(columns.size()));
    for (const int column : columns) {
      Expr field;
      field.op = Op::kField;
      field.column = column;
      Expression(field);
    }
  }
  void EventType(int type) { Text(names_.event_types[static_cast<std::size_t>(type)]); }
  std::string Take() { return std::move(out_); }

 private:
  const RowLayout& layout_;
  const IdentityNames& names_;
  std::string out_;
};

void WriteElements(const std::vector<ElementSpec>& elements, Writer* w) {
  w->Number(static_cast<std::int64_t>(elements.size()));
  for (const ElementSpec& e : elements) {
    w->Number(static_cast<int>(e.kind));
    w->Number(static_cast<int>(e.link.kind));
    w->Bound(e.link.within);
    w->Number(static_cast<std::int64_t>(e.steps.size()));
    for (const int step : e.steps) w->Number(step);
    WriteElements(e.group, w);
    w->Number(e.quantifier ? 1 : 0);
    if (!e.quantifier) continue;
    w->Number(e.quantifier->min);
    w->Number(e.quantifier->max);
    w->Number(static_cast<int>(e.quantifier->contiguity));
    w->Number(e.quantifier->greedy ? 1 : 0);
    w->Optional(e.quantifier->until);
  }
}

void WriteAlert(const AlertSpec& alert, Writer* w) {
  for (const AlertField& field : alert.fields) w->Expression(field.value);
  for (const MessagePart& part : alert.message) w->Optional(part.value);
  for (const std::vector<int>& columns : alert.step_fields) w->Columns(columns);
}

}  // namespace

std::string RuleIdentity(const RuleSpec& rule, const RowLayout& layout,
                         const IdentityNames& names) {
  Writer w(layout, names);
  w.Text(rule.id);
  w.Number(rule.version);
  for (const SourceSpec& source : rule.sources) w.Columns(source.key);
  for (const StepSpec& step : rule.steps) {
    w.Number(static_cast<std::int64_t>(step.event_types.size()));
    for (const int type : step.event_types) w.EventType(type);
    w.Columns(step.by);
    w.Optional(step.condition);
  }
  for (const BindingName& name : rule.names) {
    w.Number(static_cast<std::int64_t>(name.steps.size()));
    for (const int step : name.steps) w.Number(step);
  }
  WriteElements(rule.elements, &w);
  w.Number(rule.unless.value_or(-1));
  w.Optional(rule.where);
  w.Bound(rule.within);
  w.Number(static_cast<int>(rule.skip));
  w.Number(rule.skip_name);
  for (const Expr& exception : rule.exceptions) w.Expression(exception);
  w.Number(rule.timeout_alerts ? 1 : 0);
  WriteAlert(rule.alert, &w);
  return w.Take();
}

}  // namespace shrike::nfa
