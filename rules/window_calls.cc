// Aggregates over windows of events (language.md, 4.5, 4.6). A part of ExpressionChecker. They are checked, so that
// mistakes in them are found, and then refused: this version does not evaluate them.
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

std::optional<Type> ResultType(WindowFunction function, Type value) {
  using nfa::Aggregate;
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
      return IsList(value) ? std::nullopt : std::optional(kBoolType);
  }
  return std::nullopt;
}

}  // namespace

// The event type that `first`, or `first.second`, names; nothing if neither does.
std::optional<ExpressionChecker::WindowScope> ExpressionChecker::ScopeOfType(
    std::string_view first, std::string_view second) const {
  const SetScope& set = scope_->set();
  const std::vector<int>& from = scope_->from.streams;
  if (first == "event") return WindowScope{scope_->from, "", ""};
  std::vector<int> streams;
  for (const EventTypeRef& type : set.EventTypes(first)) {
    if (std::binary_search(from.begin(), from.end(), type.stream)) streams.push_back(type.stream);
  }
  if (!streams.empty()) {
    const std::string name(first);
    return WindowScope{{streams, "event type " + Quoted(name), false}, name + ".", ""};
  }
  const int stream = set.StreamIndex(first);
  if (!std::binary_search(from.begin(), from.end(), stream)) return std::nullopt;
  for (const EventTypeRef& type : set.EventTypes(second)) {
    if (type.stream != stream) continue;
    const std::string name(second);
    return WindowScope{{{stream}, "event type " + Quoted(name), false},
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
  std::optional<WindowScope> scope;
  if (operand && IsCounting(function)) scope = WholeType(*operand);
  if (scope) return scope;
  if (operand && function == WindowFunction::kCount) {
    ReportCounted(*operand);
    return std::nullopt;
  }
  if (operand && !NamedType(*operand, &scope)) return std::nullopt;
  if (scope) return scope;
  const bool own =
      site_->site == Site::kStep || site_->site == Site::kUntil || site_->site == Site::kUnless;
  if (own) return WindowScope{site_->events, "", ""};
  // max(feature over 7d) looks at the feature's value at every event.
  const SharedName* shared =
      operand && operand->kind == ExprKind::kName ? scope_->set().Find(operand->text) : nullptr;
  if (shared && shared->feature) return WindowScope{scope_->from, "", ""};
  int type_count = 0;
  for (const int stream : scope_->from.streams) type_count += scope_->set().EventTypeCount(stream);
  if (type_count == 1) return WindowScope{scope_->from, "", ""};
  Report("E0218", At(expr.span),
         "outside of steps an aggregate names its event type, because `from` has several",
         "write " + expr.text + "(type.field over ..), or count(type over ..)");
  return std::nullopt;
}

std::optional<Type> ExpressionChecker::WindowValueType(const Expr& expr, WindowFunction function) {
  const Expr& operand = *expr.operands[0];
  // new([f, g] over W) tests the tuple; its parts need no common type.
  if (IsTest(function) && operand.kind == ExprKind::kList) {
    bool good = true;
    for (const ExprPtr& part : operand.operands) {
      const Checked checked = Check(*part);
      good &= !checked.bad;
      if (checked.bad || !IsList(checked.type())) continue;
      Report("E0317", checked.place, "a part of the tuple is " + WithArticle(checked.type()));
      good = false;
    }
    return good ? std::optional(kBoolType) : std::nullopt;
  }
  Checked value = Check(operand);
  Settle(&value);
  if (value.bad) return std::nullopt;
  const std::optional<Type> type = ResultType(function, value.type());
  if (!type) {
    Report("E0317", value.place,
           Quoted(expr.text) + " cannot be taken of values of type " + FormatType(value.type()));
  }
  return type;
}

void ExpressionChecker::CheckWindowClauses(const Expr& expr, const WindowScope& scope,
                                           WindowFunction function) {
  const Window& window = *expr.window;
  const Place place = At(window.span);
  if (function == WindowFunction::kRate && !HasRate(window.kind)) {
    Report("E0319", place, "`rate` needs a window of a fixed length",
           "not `session` and not `last n events`");
  }
  const bool empty =
      window.kind == WindowKind::kLastEvents ? window.events <= 0 : window.length <= 0;
  if (empty) Report("E0319", place, "a window is longer than nothing");
  if (window.kind == WindowKind::kLastEvents &&
      window.events > scope_->set().limits().window_events) {
    Report("E0319", place,
           "the window holds " + std::to_string(window.events) +
               " events, above the limit window_events of " +
               std::to_string(scope_->set().limits().window_events));
  }
  if (window.where) {
    Checked condition = Check(*window.where);
    RequireBool(&condition, "what stands behind `where`");
  }
  if (!window.by) return;
  for (const Path& path : window.by->paths) {
    const std::string name = PathText(path);
    // The current event and the aggregated one must both have it.
    for (const EventScope* events : {&scope.events, &site_->events}) {
      if (events->streams.empty()) continue;
      const FieldLookup lookup = scope_->FindField(events->streams, name);
      if (lookup.field) continue;
      ReportField(lookup.fault, At(path.span), name, *events);
      break;
    }
  }
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
  if (site_->site == Site::kException) {
    Report("E0212", At(expr.span), "an exception cannot use aggregates");
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
  // rate(txn over 1h) counts events, rate(amount over 1h) sums values.
  const bool counts =
      IsCounting(*function) && (expr.operands.empty() || WholeType(*expr.operands[0]));
  window_ = &*scope;
  std::optional<Type> type = *function == WindowFunction::kCount ? kIntType : kFloatType;
  if (!counts) type = WindowValueType(expr, *function);
  CheckWindowClauses(expr, *scope, *function);
  window_ = nullptr;
  if (!type) return Bad(expr);
  return Unsupported(expr, *type, "aggregates over windows");
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

// The feature has streams and a key of its own, so it is checked in a scope of its own.
FeatureFacts ReadFeature(const SharedName& feature, const RuleScope& outer) {
  const FeatureNode& node = *feature.feature;
  nfa::RuleSpec spec;
  RuleScope scope(&outer.set(), &spec, outer.reporter());
  const int errors = outer.reporter()->error_count();
  CheckSources({feature.file, &node.from_source}, node.from, &scope);
  if (!node.value.expr || outer.reporter()->error_count() != errors) return {};
  FeatureFacts facts;
  if (!scope.key_names.empty()) facts.key = scope.key_names.front();
  ExpressionChecker checker(&scope);
  const ExprSite site{Site::kFeature, -1, {{}, scope.from.text, scope.from.open}};
  facts.type = checker.TypeOf({feature.file, &node.value.source}, *node.value.expr, site);
  return facts;
}

}  // namespace shrike::rules
