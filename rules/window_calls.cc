// Aggregates over windows of events (language.md, 4.5, 4.6). A part of ExpressionChecker.
#include <algorithm>
#include <string>
#include <utility>

#include "base/suggest.h"
#include "rules/expression_checker.h"
#include "rules/from_checker.h"
#include "rules/types.h"

namespace shrike::rules {
namespace {

bool IsTest(WindowFunction function) {
  return function == WindowFunction::kNew || function == WindowFunction::kSeen;
}

// Functions that may take a whole event type.
bool IsCounting(WindowFunction function) {
  return function == WindowFunction::kCount || function == WindowFunction::kRate;
}

// Whether the window's own rule lets the function stand with it.
bool HasRate(WindowKind kind) {
  return kind == WindowKind::kSliding || kind == WindowKind::kTumbling;
}

// Of values of the type; nullopt: not defined for them. Lists are no values: a window would have to hold them whole.
std::optional<Type> ResultType(WindowFunction function, Type value) {
  using nfa::Aggregate;
  if (IsList(value) || IsNull(value)) return std::nullopt;
  switch (function) {
    case WindowFunction::kCount:
      return kIntType;
    case WindowFunction::kSum:
      return AggregateType(Aggregate::kSum, value);
    case WindowFunction::kAvg:
      return AggregateType(Aggregate::kAvg, value);
    case WindowFunction::kMin:
      return AggregateType(Aggregate::kMin, value);
    case WindowFunction::kMax:
      return AggregateType(Aggregate::kMax, value);
    case WindowFunction::kStddev:
    case WindowFunction::kZscore:
      return AggregateType(Aggregate::kStddev, value);
    case WindowFunction::kDistinct:
      return AggregateType(Aggregate::kDistinct, value);
    case WindowFunction::kFirst:
    case WindowFunction::kLast:
      return value;
    case WindowFunction::kRate:
      return IsNumber(value) ? std::optional(kFloatType) : std::nullopt;
    case WindowFunction::kNew:
    case WindowFunction::kSeen:
      return kBoolType;
  }
  return std::nullopt;
}

// These compare the current event with the others, so they are told its values.
bool AsksAboutCurrent(WindowFunction function) {
  return IsTest(function) || function == WindowFunction::kZscore;
}

void AppendColumns(const nfa::Expr& expr, std::vector<int>* columns) {
  if (expr.op == nfa::Op::kField) columns->push_back(expr.column);
  for (const nfa::Expr& arg : expr.args) AppendColumns(arg, columns);
}

bool IsConstantTrue(const nfa::Expr& expr) {
  return expr.op == nfa::Op::kConstant && expr.constant.kind == Kind::kBool &&
         expr.constant.boolean;
}

}  // namespace

// All event types of the streams.
std::vector<int> ExpressionChecker::TypesOf(const std::vector<int>& streams) const {
  std::vector<int> types;
  for (const int stream : streams) {
    for (int i = 0; i < scope_->set().EventTypeCount(stream); ++i) {
      types.push_back(scope_->set().EventTypeId({stream, i}));
    }
  }
  return types;
}

// The event type that `first`, or `first.second`, names; nothing if neither does.
std::optional<ExpressionChecker::WindowScope> ExpressionChecker::ScopeOfType(
    std::string_view first, std::string_view second) const {
  const SetScope& set = scope_->set();
  const std::vector<int>& from = scope_->from.streams;
  if (first == "event") return WindowScope{scope_->from, TypesOf(from), "event.", ""};
  std::vector<int> streams;
  std::vector<int> types;
  for (const EventTypeRef& type : set.EventTypes(first)) {
    if (!std::binary_search(from.begin(), from.end(), type.stream)) continue;
    streams.push_back(type.stream);
    types.push_back(set.EventTypeId(type));
  }
  if (!streams.empty()) {
    const std::string name(first);
    return WindowScope{{streams, "event type " + Quoted(name), false}, types, name + ".", ""};
  }
  const int stream = set.StreamIndex(first);
  if (!std::binary_search(from.begin(), from.end(), stream)) return std::nullopt;
  for (const EventTypeRef& type : set.EventTypes(second)) {
    if (type.stream != stream) continue;
    const std::string name(second);
    return WindowScope{{{stream}, "event type " + Quoted(name), false},
                       {set.EventTypeId(type)},
                       name + ".",
                       std::string(first) + "." + name + "."};
  }
  return std::nullopt;
}

// The event types that names in the expression begin with.
std::vector<ExpressionChecker::WindowScope> ExpressionChecker::TypesNamed(const Expr& expr) const {
  std::vector<WindowScope> types;
  if (expr.kind == ExprKind::kMember || expr.kind == ExprKind::kName) {
    const Chain chain = Flatten(expr);
    if (chain.root->kind == ExprKind::kName && !chain.members.empty()) {
      const std::string full = chain.root->text + "." + chain.Members();
      std::optional<WindowScope> type = ScopeOfType(chain.root->text, chain.members[0]);
      // `network.direction` may be a field of that name, not the field `direction` of the type `network`.
      const bool field = scope_->FindField(scope_->from.streams, full).field.has_value();
      const bool member =
          type && scope_->FindField(type->events.streams, chain.Members()).field.has_value();
      if (type && (member || !field)) types.push_back(std::move(*type));
      return types;
    }
  }
  for (const ExprPtr& operand : expr.operands) {
    for (WindowScope& type : TypesNamed(*operand)) types.push_back(std::move(type));
  }
  return types;
}

// The type that `count(type over ..)` or `rate(type over ..)` names as a whole; nothing if the operand is no type.
std::optional<ExpressionChecker::WindowScope> ExpressionChecker::WholeType(
    const Expr& operand) const {
  const Chain chain = Flatten(operand);
  if (chain.root->kind != ExprKind::kName || chain.members.size() > 1) return std::nullopt;
  const std::string_view second = chain.members.empty() ? "" : chain.members[0];
  std::optional<WindowScope> type = ScopeOfType(chain.root->text, second);
  // txn.amount is a field of txn, payments.txn a type.
  const bool whole = type && (chain.members.empty() || !type->stream_prefix.empty());
  return whole ? type : std::nullopt;
}

void ExpressionChecker::ReportCounted(const Expr& operand) {
  std::vector<std::string_view> types;
  for (const int stream : scope_->from.streams) {
    const StreamSchema& schema = scope_->set().catalog().streams[static_cast<std::size_t>(stream)];
    types.insert(types.end(), schema.event_types.begin(), schema.event_types.end());
  }
  Report("E0202", At(operand.span), "`count` takes an event type, never a field",
         operand.kind == ExprKind::kName ? DidYouMean(operand.text, types)
                                         : "count the others with `distinct`");
}

// The one type that the names in the expression begin with, if any does. Reports several.
bool ExpressionChecker::NamedType(const Expr& operand, std::optional<WindowScope>* scope) {
  std::vector<WindowScope> types = TypesNamed(operand);
  if (types.empty()) return true;
  const bool same = std::all_of(types.begin(), types.end(), [&](const WindowScope& type) {
    return type.type_prefix == types[0].type_prefix &&
           type.events.streams == types[0].events.streams;
  });
  if (!same) Report("E0218", At(operand.span), "an aggregate looks at events of one type");
  *scope = std::move(types[0]);
  return same;
}

// Which events the aggregate sees. Reports why it is unknown.
std::optional<ExpressionChecker::WindowScope> ExpressionChecker::ScopeOfWindow(
    const Expr& expr, WindowFunction function) {
  const Expr* operand = expr.operands.empty() ? nullptr : expr.operands[0].get();
  const std::vector<int>& from = scope_->from.streams;
  std::optional<WindowScope> scope;
  if (operand && IsCounting(function)) scope = WholeType(*operand);
  if (scope) return scope;
  if (operand && function == WindowFunction::kCount) {
    ReportCounted(*operand);
    return std::nullopt;
  }
  if (operand && !NamedType(*operand, &scope)) return std::nullopt;
  if (scope) return scope;
  if (site_->site == Site::kStep || site_->site == Site::kUnless) {
    const auto step = static_cast<std::size_t>(site_->step);
    return WindowScope{site_->events, scope_->spec().steps[step].event_types, "", ""};
  }
  if (site_->site == Site::kUntil) return WindowScope{site_->events, TypesOf(from), "", ""};
  // max(feature over 7d) looks at the feature's value at every event.
  const SharedName* shared =
      operand && operand->kind == ExprKind::kName ? scope_->Find(operand->text) : nullptr;
  std::vector<int> types = TypesOf(from);
  const bool all = (shared && shared->feature) || types.size() == 1;
  if (all) return WindowScope{scope_->from, std::move(types), "", ""};
  Report("E0218", At(expr.span),
         "outside of steps an aggregate names its event type, because `from` has several",
         "write " + expr.text + "(type.field over ..), or count(type over ..)");
  return std::nullopt;
}

// The values that the operand stands for, into window->values, and the type of the result.
std::optional<Type> ExpressionChecker::WindowValues(const Expr& expr, nfa::WindowSpec* window) {
  const Expr& operand = *expr.operands[0];
  // new([f, g] over W) tests the tuple; its parts need no common type.
  const bool tuple = IsTest(window->function) && operand.kind == ExprKind::kList;
  std::vector<const Expr*> parts{&operand};
  if (tuple) {
    parts.clear();
    for (const ExprPtr& part : operand.operands) parts.push_back(part.get());
    if (parts.empty()) Report("E0317", At(operand.span), "the tuple is empty");
  }
  std::optional<Type> result;
  bool good = true;
  for (const Expr* part : parts) {
    Checked value = Check(*part);
    Settle(&value);
    good &= !value.bad;
    if (value.bad) continue;
    result = ResultType(window->function, value.type());
    if (!result) {
      Report("E0317", value.place,
             Quoted(expr.text) + " cannot be taken of values of type " + FormatType(value.type()));
      good = false;
    }
    window->values.push_back(std::move(value.expr));
  }
  return good ? result : std::nullopt;
}

// Kind and size of the window.
void ExpressionChecker::CheckWindowSize(const Window& written, nfa::WindowSpec* window) {
  const Place place = At(written.span);
  window->kind = written.kind;
  const bool by_count = written.kind == WindowKind::kLastEvents;
  (by_count ? window->events : window->length) = by_count ? written.events : written.length;
  if (window->function == WindowFunction::kRate && !HasRate(written.kind)) {
    Report("E0319", place, "`rate` needs a window of a fixed length",
           "not `session` and not `last n events`");
  }
  const std::int64_t most = scope_->set().limits().window_events;
  if (window->events <= 0 && window->length <= 0) {
    Report("E0319", place, "a window is longer than nothing");
  } else if (window->events > most) {
    Report("E0319", place,
           "the window holds " + std::to_string(window->events) +
               " events, above the limit window_events of " + std::to_string(most));
  }
}

// The column of a `by` field, which the aggregated event and the current one have; nothing and reported if one has not.
std::optional<int> ExpressionChecker::WindowKey(const Path& path, const WindowScope& scope) {
  const std::string name = PathText(path);
  std::optional<int> column;
  for (const EventScope* events : {&scope.events, &site_->events}) {
    if (events->streams.empty()) continue;
    const FieldLookup lookup = scope_->FindField(events->streams, name);
    if (!lookup.field) {
      ReportField(lookup.fault, At(path.span), name, *events);
      return std::nullopt;
    }
    if (column && *column != lookup.field->column) {
      Report("E0216", At(path.span),
             "field " + Quoted(name) + " is of another type in " + events->text +
                 " than in the aggregated events");
      return std::nullopt;
    }
    column = lookup.field->column;
  }
  return column;
}

// where, by, excluding current.
void ExpressionChecker::CheckWindowClauses(const Window& written, const WindowScope& scope,
                                           nfa::WindowSpec* window) {
  if (written.where) {
    Checked condition = Check(*written.where);
    // `where true` says that all are meant, as no `where` does.
    if (RequireBool(&condition, "what stands behind `where`") && !IsConstantTrue(condition.expr)) {
      window->filter = std::move(condition.expr);
    }
  }
  window->excluding_current = written.excluding_current || AsksAboutCurrent(window->function);
  if (!written.by) return;
  for (const Path& path : written.by->paths) {
    const std::optional<int> column = WindowKey(path, scope);
    if (column) window->by.push_back(*column);
  }
}

// The current event must have the fields that it is asked for: login.ip of a payment means nothing.
bool ExpressionChecker::CurrentHas(const std::vector<nfa::Expr>& values, const EventScope& events,
                                   const Place& place) {
  if (events.streams.empty() || events.open) return true;
  std::vector<int> columns;
  for (const nfa::Expr& value : values) AppendColumns(value, &columns);
  for (const int column : columns) {
    if (column == nfa::kTimeColumn) continue;
    const std::string& name = scope_->set().ColumnName(column);
    const FieldLookup lookup = scope_->FindField(events.streams, name);
    if (lookup.field && lookup.field->column == column) continue;
    Report("E0203", place,
           "unknown field " + Quoted(name) + " of " + events.text +
               ", whose value is looked for in the window");
    return false;
  }
  return true;
}

nfa::Expr ExpressionChecker::FieldOfCurrent(int column) const {
  nfa::Expr field;
  field.op = nfa::Op::kField;
  field.column = column;
  field.type = column == nfa::kTimeColumn ? kTimestampType : scope_->set().ColumnType(column);
  return field;
}

// Turns fields of the current event into what they are at this site: outside of steps, parts of the key and fields of
// the last bound event.
nfa::Expr ExpressionChecker::OfCurrent(nfa::Expr expr) {
  if (window_ || (site_->site != Site::kWhere && site_->site != Site::kAlert)) return expr;
  if (expr.op == nfa::Op::kField) {
    const bool time = expr.column == nfa::kTimeColumn;
    const std::string name = time ? "ts" : scope_->set().ColumnName(expr.column);
    const int key = scope_->KeyIndex(name);
    expr.op = key >= 0 ? nfa::Op::kKey : nfa::Op::kBoundField;
    expr.index = std::max(key, 0);
    if (key >= 0) {
      expr.column = 0;
    } else {
      scope_->MentionAll(name, expr.column);
    }
  }
  for (nfa::Expr& arg : expr.args) arg = OfCurrent(std::move(arg));
  return expr;
}

// What names the window at this site.
ExpressionChecker::Checked ExpressionChecker::ReadWindow(const Expr& expr, nfa::WindowSpec window) {
  Checked result = Make(expr, nfa::Op::kWindow, window.type);
  std::vector<nfa::Expr> args;
  for (const int column : window.by) {
    args.push_back(FieldOfCurrent(column));
    if (site_->site == Site::kStep && column != nfa::kTimeColumn) {
      scope_->Mention(site_->step, scope_->set().ColumnName(column), column);
    }
  }
  if (AsksAboutCurrent(window.function)) {
    args.insert(args.end(), window.values.begin(), window.values.end());
  }
  window.sources = scope_->spec().sources;
  std::sort(window.sources.begin(), window.sources.end(),
            [](const auto& a, const auto& b) { return a.stream < b.stream; });
  window.exceptions = scope_->spec().exceptions;
  result.expr.index = scope_->set().windows().Add(std::move(window));
  for (nfa::Expr& arg : args) result.expr.args.push_back(OfCurrent(std::move(arg)));
  return result;
}

ExpressionChecker::Checked ExpressionChecker::CheckWindowCall(const Expr& expr) {
  const std::optional<WindowFunction> function = FindWindowFunction(expr.text);
  if (!function) {
    for (const ExprPtr& operand : expr.operands) Check(*operand);
    std::vector<std::string_view> names{"count",  "sum",      "avg",   "min",  "max",
                                        "stddev", "distinct", "first", "last", "rate",
                                        "zscore", "new",      "seen"};
    Report("E0205", At(expr.name_span), "no aggregate over a window is called " + Quoted(expr.text),
           DidYouMean(expr.text, names));
    return Bad(expr);
  }
  if (window_) {
    Report("E0320", At(expr.span), "aggregates do not nest", "make the inner one a feature");
    return Bad(expr);
  }
  if (site_->site == Site::kException || site_->site == Site::kDerive) {
    const bool exception = site_->site == Site::kException;
    Report("E0212", At(expr.span),
           std::string(exception ? "an exception" : "a derived field") + " cannot use aggregates",
           "it looks at one event");
    return Bad(expr);
  }
  if (expr.operands.empty() && !IsCounting(*function)) {
    Report("E0316", At(expr.span),
           Quoted(expr.text) + " takes a field: " + expr.text + "(field over ..)");
    return Bad(expr);
  }
  const std::optional<WindowScope> scope = ScopeOfWindow(expr, *function);
  if (!scope) return Bad(expr);
  LintWindow(expr);
  const int errors = reporter_->error_count();
  std::optional<nfa::WindowSpec> window = WindowOf(expr, *scope, *function);
  const bool asks = window && AsksAboutCurrent(*function);
  if (!window || (asks && !CurrentHas(window->values, site_->events, At(expr.span))))
    return Bad(expr);
  if (reporter_->error_count() != errors) return Bad(expr);
  return ReadWindow(expr, std::move(*window));
}

// The aggregate without its streams and exceptions; nothing if it has no type.
std::optional<nfa::WindowSpec> ExpressionChecker::WindowOf(const Expr& expr,
                                                           const WindowScope& scope,
                                                           WindowFunction function) {
  nfa::WindowSpec window;
  window.function = function;
  window.event_types = scope.types;
  std::sort(window.event_types.begin(), window.event_types.end());
  // rate(txn over 1h) counts events, rate(amount over 1h) sums values.
  const bool counts =
      IsCounting(function) && (expr.operands.empty() || WholeType(*expr.operands[0]));
  window_ = &scope;
  std::optional<Type> type = function == WindowFunction::kCount ? kIntType : kFloatType;
  if (!counts) type = WindowValues(expr, &window);
  CheckWindowSize(*expr.window, &window);
  CheckWindowClauses(*expr.window, scope, &window);
  window_ = nullptr;
  if (!type) return std::nullopt;
  window.type = *type;
  return window;
}

// The aggregate is not filtered by the step's other conditions: `txn[declined and count(over 1h) > 8]` counts every txn.
void ExpressionChecker::LintWindow(const Expr& expr) {
  const bool own_type = site_->site == Site::kStep && TypesNamed(expr).empty();
  if (!own_type || expr.window->where || !plain_condition_) return;
  Report("W0302", At(expr.span),
         "the aggregate counts all events of the step's type: the step's other conditions do not "
         "filter it",
         "repeat them in a `where`, or write `where true` if all are meant");
}

// Whether some part of the condition looks at the current event alone, outside of aggregates.
bool ExpressionChecker::HasPlainPart(const Expr& condition) {
  const Expr* expr = &condition;
  while (expr->kind == ExprKind::kParen) expr = expr->operands[0].get();
  if (expr->kind != ExprKind::kAnd) return false;
  return std::any_of(expr->operands.begin(), expr->operands.end(),
                     [](const ExprPtr& part) { return !HasWindow(*part); });
}

bool ExpressionChecker::HasWindow(const Expr& expr) {
  if (expr.window) return true;
  return std::any_of(expr.operands.begin(), expr.operands.end(),
                     [](const ExprPtr& child) { return HasWindow(*child); });
}

}  // namespace shrike::rules
