#include "tests/rules/spec_dump.h"

#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"

namespace shrike::testing {
namespace {

using nfa::Constant;
using nfa::Expr;
using nfa::Op;

constexpr std::string_view kOps[] = {
    "constant", "field",   "key",  "bound", "aggregate", "not",     "and",   "or",
    "==",       "!=",      "<",    "<=",    ">",         ">=",      "+",     "-",
    "*",        "/",       "%",    "neg",   "??",        "is-null", "in",    "like",
    "ilike",    "matches", "list", "call",  "window",    "risk",    "lookup"};
constexpr std::string_view kFunctions[] = {
    "abs",   "round",  "floor",  "ceil",     "sqrt",        "log",       "least",       "greatest",
    "lower", "upper",  "length", "contains", "starts_with", "ends_with", "split",       "concat",
    "cidr",  "geo_km", "hour",   "weekday",  "date",        "hash",      "levenshtein", "if"};
constexpr std::string_view kAggregates[] = {"count", "sum",    "avg",      "min",
                                            "max",   "stddev", "distinct", "values"};

template <typename T>
std::string_view NameOf(const T& names, auto value) {
  return names[static_cast<std::size_t>(value)];
}

std::string ConstantText(const Constant& constant) {
  std::string text;
  switch (constant.kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return constant.boolean ? "true" : "false";
    case Kind::kInt:
      return std::to_string(constant.integer);
    case Kind::kFloat:
      AppendDouble(constant.number, &text);
      return text;
    case Kind::kDecimal:
      return FormatDecimal(constant.decimal);
    case Kind::kString:
      AppendJsonString(constant.text, &text);
      return text;
    case Kind::kTimestamp:
      return FormatRfc3339(constant.integer);
    case Kind::kDuration:
      return FormatDuration(constant.integer);
    case Kind::kIp:
      return FormatIp(constant.ip);
    case Kind::kList:
      break;
  }
  text = "[";
  for (const Constant& item : constant.items) {
    if (text.size() > 1) text += ' ';
    text += ConstantText(item);
  }
  return text + "]";
}

std::string ColumnText(int column, const RowLayout& layout) {
  return column == nfa::kTimeColumn ? "ts" : layout.columns[static_cast<std::size_t>(column)].name;
}

std::string BoundText(const Expr& expr, const nfa::RuleSpec& rule) {
  if (expr.name < 0) return "last-event";
  const std::string& name = rule.names[static_cast<std::size_t>(expr.name)].text;
  if (expr.op == Op::kAggregate) return name;
  if (expr.select == nfa::Select::kIndex) return name + "[" + std::to_string(expr.index) + "]";
  return (expr.select == nfa::Select::kFirst ? "first(" : "last(") + name + ")";
}

template <typename T>
std::string Numbers(const T& numbers) {
  std::string text;
  for (const auto number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

std::string ColumnsText(const std::vector<int>& columns, const RowLayout& layout) {
  std::string text;
  for (const int column : columns) text += (text.empty() ? "" : ",") + ColumnText(column, layout);
  return text;
}

std::string LinkText(const nfa::LinkSpec& link) {
  constexpr std::string_view kLinks[] = {"then", "then-every", "next"};
  std::string text(NameOf(kLinks, link.kind));
  if (link.within) text += " within " + FormatDuration(*link.within);
  return text;
}

class Dumper {
 public:
  Dumper(const nfa::RuleSpec& rule, const RowLayout& layout) : rule_(rule), layout_(layout) {}

  std::string Run() {
    Add("rule " + rule_.id + " version " + std::to_string(rule_.version));
    for (const nfa::SourceSpec& source : rule_.sources) {
      Add("source " + std::to_string(source.stream) + " key " + ColumnsText(source.key, layout_));
    }
    Elements(rule_.elements, 0);
    for (std::size_t i = 0; i < rule_.steps.size(); ++i) Step(i);
    for (const nfa::BindingName& name : rule_.names) {
      Add("name " + name.text + " steps " + Numbers(name.steps));
    }
    Clauses();
    Alert();
    return text_;
  }

 private:
  void Add(const std::string& line) { text_ += line + "\n"; }
  std::string Text(const Expr& expr) const { return ExprText(expr, rule_, layout_); }

  void Elements(const std::vector<nfa::ElementSpec>& elements, int depth) {
    constexpr std::string_view kKinds[] = {"step", "group", "choice", "all", "not"};
    constexpr std::string_view kContiguities[] = {"", " consecutive", " combinations"};
    for (const nfa::ElementSpec& element : elements) {
      std::string line(static_cast<std::size_t>(depth) * 2, ' ');
      line += std::string(NameOf(kKinds, element.kind)) + " " + Numbers(element.steps);
      line += " (" + LinkText(element.link) + ")";
      if (!element.choice_label.empty()) line += " label " + element.choice_label;
      if (element.quantifier) {
        const nfa::QuantifierSpec& loop = *element.quantifier;
        line += " {" + std::to_string(loop.min) + "," + std::to_string(loop.max) + "}";
        line += NameOf(kContiguities, loop.contiguity);
        if (loop.greedy) line += " greedy";
        if (loop.until) line += " until " + Text(*loop.until);
      }
      Add(line);
      Elements(element.group, depth + 1);
    }
  }

  void Step(std::size_t index) {
    const nfa::StepSpec& step = rule_.steps[index];
    std::string line =
        "step " + std::to_string(index) + " " + step.label + " types " + Numbers(step.event_types);
    if (!step.by.empty()) line += " by " + ColumnsText(step.by, layout_);
    line += " shows " + ColumnsText(rule_.alert.step_fields[index], layout_);
    if (step.condition) line += " if " + Text(*step.condition);
    Add(line);
  }

  void Clauses() {
    constexpr std::string_view kSkips[] = {"none", "past-last", "to-next", "to-first", "to-last"};
    if (rule_.unless) Add("unless " + std::to_string(*rule_.unless));
    if (rule_.where) Add("where " + Text(*rule_.where));
    if (rule_.within) Add("within " + FormatDuration(*rule_.within));
    std::string skip = "skip " + std::string(NameOf(kSkips, rule_.skip));
    if (rule_.skip_name >= 0) skip += " " + std::to_string(rule_.skip_name);
    Add(skip);
    for (const Expr& exception : rule_.exceptions) Add("exception " + Text(exception));
    if (rule_.timeout_alerts) Add("timeouts alert");
    constexpr std::string_view kModes[] = {"live", "shadow", "off"};
    if (rule_.mode != nfa::RuleMode::kLive) Add("mode " + std::string(NameOf(kModes, rule_.mode)));
    if (rule_.learn) Add("learn " + FormatDuration(*rule_.learn));
  }

  void Alert() {
    const nfa::AlertSpec& alert = rule_.alert;
    Add("alert " + alert.title + " severity " + std::to_string(static_cast<int>(alert.severity)) +
        " keys " + Join(alert.key_names));
    if (alert.score) Add("score " + std::to_string(*alert.score));
    if (!alert.tags.empty()) Add("tags " + Join(alert.tags));
    for (const nfa::MessagePart& part : alert.message) {
      Add("message " + (part.value ? Text(*part.value) : "`" + part.text + "`"));
    }
    for (const nfa::AlertField& field : alert.fields) {
      Add("field " + field.name + " " + Text(field.value));
    }
    if (!alert.redact.empty()) Add("redact " + Join(alert.redact));
    if (alert.suppress) {
      std::string line = "suppress " + FormatDuration(alert.suppress->length);
      for (const nfa::SuppressSpec::Part& part : alert.suppress->by) {
        line += (part.is_field ? " field#" : " key#") + std::to_string(part.index);
      }
      Add(line);
    }
    if (rule_.emit) Emit(*rule_.emit);
  }

  void Emit(const nfa::EmitSpec& emit) {
    std::string line =
        "emit stream " + std::to_string(emit.stream) + " type " + std::to_string(emit.event_type);
    if (emit.every > 0) line += " every " + FormatDuration(emit.every);
    for (const nfa::EmitSpec::Field& field : emit.fields) {
      line += " " + ColumnText(field.column, layout_) + "=field#" + std::to_string(field.field);
    }
    Add(line);
  }

  static std::string Join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
  }

  const nfa::RuleSpec& rule_;
  const RowLayout& layout_;
  std::string text_;
};

std::string WindowText(const nfa::WindowSpec& window, const RowLayout& layout) {
  constexpr std::string_view kWindowFunctions[] = {"count",  "sum",      "avg",   "min",  "max",
                                                   "stddev", "distinct", "first", "last", "rate",
                                                   "zscore", "new",      "seen"};
  constexpr std::string_view kWindowKinds[] = {"sliding ", "tumbling ", "session ", "last "};
  const nfa::RuleSpec no_rule;
  std::string text(NameOf(kWindowFunctions, window.function));
  for (const Expr& value : window.values) text += " " + ExprText(value, no_rule, layout);
  text += " over ";
  text += NameOf(kWindowKinds, window.kind);
  text += window.kind == nfa::WindowKind::kLastEvents ? std::to_string(window.events)
                                                      : FormatDuration(window.length);
  if (!window.by.empty()) text += " by " + ColumnsText(window.by, layout);
  if (window.filter) text += " where " + ExprText(*window.filter, no_rule, layout);
  if (window.excluding_current) text += " excluding-current";
  text += " types " + Numbers(window.event_types);
  for (const nfa::SourceSpec& source : window.sources) {
    text += " source " + std::to_string(source.stream) + " key " + ColumnsText(source.key, layout);
  }
  for (const Expr& exception : window.exceptions) {
    text += " exception " + ExprText(exception, no_rule, layout);
  }
  return text + " :" + FormatType(window.type);
}

}  // namespace

std::string WindowsText(const nfa::RuleSetSpec& set) {
  std::string text;
  for (std::size_t i = 0; i < set.windows.size(); ++i) {
    text += "window#" + std::to_string(i) + " " + WindowText(set.windows[i], set.layout) + "\n";
  }
  return text;
}

std::string DerivesText(const nfa::RuleSetSpec& set) {
  const nfa::RuleSpec no_rule;
  std::string text;
  for (const nfa::DeriveSpec& derive : set.derives) {
    text += "derive stream " + std::to_string(derive.stream) + " " +
            ColumnText(derive.column, set.layout) + " = " +
            ExprText(derive.value, no_rule, set.layout) + "\n";
  }
  return text;
}

std::string ExprText(const Expr& expr, const nfa::RuleSpec& rule, const RowLayout& layout) {
  const std::string type = ":" + FormatType(expr.type);
  switch (expr.op) {
    case Op::kConstant:
      return ConstantText(expr.constant) + type;
    case Op::kField:
      return ColumnText(expr.column, layout) + type;
    case Op::kKey:
      return "key[" + std::to_string(expr.index) + "]" + type;
    case Op::kBoundField:
      return BoundText(expr, rule) + "." + ColumnText(expr.column, layout) + type;
    case Op::kAggregate: {
      std::string inner = BoundText(expr, rule);
      const bool count = expr.aggregate == nfa::Aggregate::kCount;
      if (!count) inner += "." + ColumnText(expr.column, layout);
      return std::string(NameOf(kAggregates, expr.aggregate)) + "(" + inner + ")" + type;
    }
    default:
      break;
  }
  std::string text = "(";
  text += expr.op == Op::kCall ? NameOf(kFunctions, expr.function) : NameOf(kOps, expr.op);
  if (expr.op == Op::kWindow) text += "#" + std::to_string(expr.index);
  if (expr.op == Op::kLookup) {
    text += "#" + std::to_string(expr.index) + "." + std::to_string(expr.column);
  }
  for (const Expr& arg : expr.args) text += " " + ExprText(arg, rule, layout);
  text += ")";
  return expr.type.kind == Kind::kBool ? text : text + type;
}

std::string SpecText(const nfa::RuleSpec& rule, const RowLayout& layout) {
  return Dumper(rule, layout).Run();
}

}  // namespace shrike::testing
