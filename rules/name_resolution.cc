// Names in expressions (language.md, 4.2 to 4.4, 4.11, 4.14). A part of ExpressionChecker.
#include <algorithm>
#include <utility>

#include "base/suggest.h"
#include "rules/expression_checker.h"
#include "rules/literals.h"
#include "rules/types.h"

namespace shrike::rules {
namespace {

using nfa::Op;

std::string Suggest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  return DidYouMean(word, views);
}

// The text after `prefix`, or nothing if `text` does not begin with it.
std::optional<std::string_view> After(std::string_view text, std::string_view prefix) {
  if (prefix.empty() || !text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

}  // namespace

std::string ExpressionChecker::Chain::Members(std::size_t from) const {
  std::string text;
  for (std::size_t i = from; i < members.size(); ++i) {
    if (i > from) text += '.';
    text += members[i];
  }
  return text;
}

ExpressionChecker::Chain ExpressionChecker::Flatten(const Expr& expr) {
  Chain chain;
  const Expr* at = &expr;
  while (at->kind == ExprKind::kMember) {
    chain.members.push_back(at->text);
    chain.members_span = {at->name_span.begin, expr.span.end};
    at = at->operands[0].get();
  }
  std::reverse(chain.members.begin(), chain.members.end());
  chain.root = at;
  return chain;
}

int ExpressionChecker::ParameterIndex(const Frame& frame, std::string_view name) const {
  if (!frame.macro || !frame.arguments) return -1;
  const std::vector<std::string>& parameters = frame.macro->parameters;
  const auto found = std::find(parameters.begin(), parameters.end(), name);
  if (found == parameters.end()) return -1;
  const auto index = found - parameters.begin();
  return static_cast<std::size_t>(index) < frame.arguments->size() ? static_cast<int>(index) : -1;
}

std::pair<const ExpressionChecker::Frame*, const Expr*> ExpressionChecker::Behind(
    const Frame* frame, const Expr* expr) {
  // Bounded: each turn descends the tree, leaves a macro's body for its caller, or enters a macro, and those are not
  // cyclic; an expansion too long for the depth limit is looked at where it is checked.
  for (int turn = 0; turn < kExpressionDepthMax; ++turn) {
    if (expr->kind == ExprKind::kParen) {
      expr = expr->operands[0].get();
      continue;
    }
    if (expr->kind != ExprKind::kName) break;
    const int parameter = ParameterIndex(*frame, expr->text);
    if (parameter >= 0) {
      expr = (*frame->arguments)[static_cast<std::size_t>(parameter)].get();
      frame = frame->caller;
      continue;
    }
    const SharedName* shared = scope_->Find(expr->text);
    const bool plain = shared && shared->macro && shared->macro->parameters.empty() &&
                       !shared->cyclic && shared->macro->body.expr;
    if (!plain) break;
    frames_.push_back({{shared->file, &shared->macro->body.source}, shared->macro, nullptr, frame});
    frame = &frames_.back();
    expr = shared->macro->body.expr.get();
  }
  return {frame, expr};
}

bool ExpressionChecker::StepsAllowed() const {
  const bool alone = site_->site == Site::kException || site_->site == Site::kFeature ||
                     site_->site == Site::kDerive;
  return !alone && !window_ && !frame_->macro;
}

const NamedSteps* ExpressionChecker::UsableName(std::string_view text, const Place& name) {
  const NamedSteps* named = scope_->FindName(text);
  if (!named) {
    std::vector<std::string> candidates;
    if (StepsAllowed()) candidates = scope_->names();
    Report("E0208", name, "there is no step " + Quoted(text), Suggest(text, candidates));
    return nullptr;
  }
  if (frame_->macro) {
    Report("E0212", name,
           "the macro " + Quoted(frame_->macro->macro) + " names the step " + Quoted(text),
           "give the macro a parameter for the value");
    return nullptr;
  }
  if (window_) {
    Report("E0212", name, "an aggregate over a window cannot name the step " + Quoted(text));
    return nullptr;
  }
  if (!StepsAllowed()) {
    Report("E0212", name, "steps cannot be named here: " + Quoted(text),
           "an exception looks at one event, before any step");
    return nullptr;
  }
  if (named->index < 0) {
    Report("E0209", name,
           "step " + Quoted(text) + " is never bound: it stands in `not` or `unless`");
    return nullptr;
  }
  const bool limited = site_->site == Site::kStep || site_->site == Site::kUntil;
  if (limited && named->first_step > site_->step) {
    Report("E0210", name, "step " + Quoted(text) + " stands further right and is not bound yet",
           "write the condition at the later step");
    return nullptr;
  }
  return named;
}

ExpressionChecker::Checked ExpressionChecker::CheckName(const Expr& expr) {
  const Chain chain = Flatten(expr);
  switch (chain.root->kind) {
    case ExprKind::kName:
      return CheckBareName(expr, chain);
    case ExprKind::kIndex:
      return CheckIndexed(expr, chain);
    case ExprKind::kCall:
      return CheckSelected(expr, chain);
    default:
      break;
  }
  Check(*chain.root);
  Report("E0213", At(expr.span), "only a step has fields: `step.field`");
  return Bad(expr);
}

ExpressionChecker::Checked ExpressionChecker::CheckBareName(const Expr& expr, const Chain& chain) {
  const std::string& first = chain.root->text;
  const int parameter = ParameterIndex(*frame_, first);
  if (parameter >= 0) return CheckParameter(expr, chain, parameter);
  const std::string full = chain.members.empty() ? first : first + "." + chain.Members();
  // Inside `over`, type.f is a field of that type, even if a step has the type's name.
  if (window_) {
    std::optional<Checked> field = CheckWindowField(expr, full);
    if (field) return std::move(*field);
  }
  if (scope_->FindName(first)) {
    const NamedSteps* named = UsableName(first, At(chain.root->span));
    if (!named) return Bad(expr);
    if (chain.members.empty()) {
      Report("E0213", At(expr.span), "the step " + Quoted(first) + " is not a value",
             "name one of its fields, or count(" + first + ")");
      return Bad(expr);
    }
    nfa::Expr bound;
    bound.op = Op::kBoundField;
    bound.select = nfa::Select::kLast;
    return CheckStepField(expr, chain, *named, std::move(bound));
  }
  std::optional<Checked> field = CheckField(expr, full);
  if (field) return std::move(*field);
  const SharedName* shared = scope_->Find(first);
  if (shared) return CheckShared(expr, chain, *shared);
  return UnknownName(expr, chain);
}

ExpressionChecker::Checked ExpressionChecker::CheckParameter(const Expr& expr, const Chain& chain,
                                                             int index) {
  if (!chain.members.empty()) {
    Report("E0213", At(expr.span),
           "the parameter " + Quoted(chain.root->text) + " is a value and has no fields");
    return Bad(expr);
  }
  const Frame& frame = *frame_;
  return CheckIn(*frame.caller, *(*frame.arguments)[static_cast<std::size_t>(index)]);
}

ExpressionChecker::Checked ExpressionChecker::CheckIndexed(const Expr& expr, const Chain& chain) {
  const Expr& base = *chain.root->operands[0];
  const Expr& index = *chain.root->operands[1];
  if (base.kind != ExprKind::kName || chain.members.empty()) {
    Report("E0213", At(expr.span), "only a step can be indexed: `step[0].field`");
    return Bad(expr);
  }
  const NamedSteps* named = UsableName(base.text, At(base.span));
  const std::optional<TypedConstant> number =
      index.kind == ExprKind::kNumber ? NumberConstant(index.text, kIntType) : std::nullopt;
  if (!number || number->type.kind != Kind::kInt) {
    Report("E0311", At(index.span), "an index is a whole number from 0 on, written out");
    return Bad(expr);
  }
  if (!named) return Bad(expr);
  nfa::Expr bound;
  bound.op = Op::kBoundField;
  bound.select = nfa::Select::kIndex;
  bound.index = number->constant.integer;
  return CheckStepField(expr, chain, *named, std::move(bound));
}

ExpressionChecker::Checked ExpressionChecker::CheckSelected(const Expr& expr, const Chain& chain) {
  const Expr& call = *chain.root;
  const bool first = call.text == "first";
  if (call.text == "lookup" && !call.window) return CheckLookup(call, chain);
  if ((!first && call.text != "last") || call.window) {
    Check(call);
    Report("E0213", At(expr.span), "the result of " + Quoted(call.text) + " has no fields",
           "fields stand behind first(step), last(step) and a step's name");
    return Bad(expr);
  }
  if (call.operands.size() != 1 || call.operands[0]->kind != ExprKind::kName) {
    Report("E0213", At(call.span), Quoted(call.text) + " takes the name of one step",
           "write " + call.text + "(step).field");
    return Bad(expr);
  }
  const Expr& name = *call.operands[0];
  const NamedSteps* named = UsableName(name.text, At(name.span));
  if (!named) return Bad(expr);
  nfa::Expr bound;
  bound.op = Op::kBoundField;
  bound.select = first ? nfa::Select::kFirst : nfa::Select::kLast;
  return CheckStepField(expr, chain, *named, std::move(bound));
}

std::vector<std::string_view> ExpressionChecker::FieldNames(const std::vector<int>& streams) const {
  std::vector<std::string_view> names;
  for (const int stream : streams) scope_->set().AppendFieldNames(stream, &names);
  names.push_back("ts");
  return names;
}

ExpressionChecker::Checked ExpressionChecker::CheckStepField(const Expr& expr, const Chain& chain,
                                                             const NamedSteps& named,
                                                             nfa::Expr bound) {
  const std::string field = chain.Members();
  const FieldLookup lookup = scope_->FindField(named.events.streams, field);
  if (!lookup.field) {
    ReportField(lookup.fault, At(chain.members_span), field, named.events);
    return Bad(expr);
  }
  Checked checked = Make(expr, Op::kBoundField, lookup.field->type);
  bound.type = lookup.field->type;
  bound.column = lookup.field->column;
  bound.name = named.index;
  checked.expr = std::move(bound);
  for (const int step : scope_->spec().names[static_cast<std::size_t>(named.index)].steps) {
    scope_->Mention(step, field, lookup.field->column);
  }
  return checked;
}

std::optional<ExpressionChecker::Checked> ExpressionChecker::CheckField(const Expr& expr,
                                                                        std::string_view name) {
  if (window_) return std::nullopt;  // The event is the aggregated one: CheckWindowField.
  if (site_->site == Site::kFeature) {
    if (!scope_->FindField(scope_->from.streams, name).field) return std::nullopt;
    Report("E0218", At(expr.span), "a feature has no current event, only windows",
           "write sum(" + std::string(name) + " over 1h)");
    return Bad(expr);
  }
  const bool match = site_->site == Site::kWhere || site_->site == Site::kAlert;
  const int key = match ? scope_->KeyIndex(name) : -1;
  if (key >= 0) {
    Checked checked = Make(expr, Op::kKey, scope_->key_types[static_cast<std::size_t>(key)]);
    checked.expr.index = key;
    return checked;
  }
  const FieldLookup lookup = scope_->FindField(site_->events.streams, name);
  if (!lookup.field) {
    if (lookup.fault == FieldFault::kUnknown) return std::nullopt;
    ReportField(lookup.fault, At(expr.span), name, site_->events);
    return Bad(expr);
  }
  Checked checked = Make(expr, match ? Op::kBoundField : Op::kField, lookup.field->type);
  checked.expr.column = lookup.field->column;
  if (match) {
    scope_->MentionAll(name, lookup.field->column);
  } else if (site_->site == Site::kStep) {
    scope_->Mention(site_->step, name, lookup.field->column);
  }
  return checked;
}

std::optional<ExpressionChecker::Checked> ExpressionChecker::CheckWindowField(
    const Expr& expr, std::string_view name) {
  std::string_view field = name;
  for (const std::string& prefix : {window_->stream_prefix, window_->type_prefix}) {
    const std::optional<std::string_view> rest = After(name, prefix);
    if (!rest) continue;
    field = *rest;
    break;
  }
  FieldLookup lookup = scope_->FindField(window_->events.streams, field);
  // `network.direction` may be a field of that name of the type `network`.
  if (!lookup.field && field != name) lookup = scope_->FindField(window_->events.streams, name);
  if (lookup.field) {
    Checked checked = Make(expr, Op::kField, lookup.field->type);
    checked.expr.column = lookup.field->column;
    const bool own = window_->type_prefix.empty() && site_->site == Site::kStep;
    if (own) scope_->Mention(site_->step, field, lookup.field->column);
    return checked;
  }
  if (field == name && lookup.fault == FieldFault::kUnknown) return std::nullopt;
  ReportField(lookup.fault, At(expr.span), field, window_->events);
  return Bad(expr);
}

ExpressionChecker::Checked ExpressionChecker::CheckShared(const Expr& expr, const Chain& chain,
                                                          const SharedName& shared) {
  if (!chain.members.empty()) {
    Report("E0213", At(expr.span),
           "the " + std::string(shared.KindText()) + " " + Quoted(chain.root->text) +
               " has no fields");
    return Bad(expr);
  }
  if (shared.macro) return ExpandMacro(expr, shared, nullptr);
  if (shared.feature) return CheckFeature(expr, shared);
  Report("E0213", At(expr.span), "the list " + Quoted(chain.root->text) + " is not a value",
         "ask with `in`, `like` or `matches`");
  return Bad(expr);
}

ExpressionChecker::Checked ExpressionChecker::ExpandMacro(const Expr& expr,
                                                          const SharedName& shared,
                                                          const std::vector<ExprPtr>* arguments) {
  const MacroNode& macro = *shared.macro;
  const std::size_t count = arguments ? arguments->size() : 0;
  if (count != macro.parameters.size()) {
    const std::size_t parameters = macro.parameters.size();
    Report("E0217", At(expr.span),
           "the macro " + Quoted(macro.macro) + " has " + std::to_string(parameters) +
               (parameters == 1 ? " parameter" : " parameters") + ", but gets " +
               std::to_string(count),
           "it is declared as " + Quoted(macro.name.text));
    return Bad(expr);
  }
  // What is wrong with the macro itself was reported at the macro; the rule that uses it has failed with it.
  if (shared.cyclic || !macro.body.expr) {
    for (std::size_t i = 0; i < count; ++i) Check(*(*arguments)[i]);
    return Bad(expr);
  }
  const Frame frame{{shared.file, &macro.body.source}, &macro, arguments, frame_};
  Checked result = CheckIn(frame, *macro.body.expr);
  if (result.literal == Literal::kNone) result.place = At(expr.span);
  return result;
}

std::vector<std::string> ExpressionChecker::KnownNames(const Chain& chain) const {
  std::vector<std::string> names;
  for (const std::string_view name : FieldNames(CurrentEvents().streams)) {
    names.emplace_back(name);
  }
  if (frame_->macro) {
    for (const std::string& parameter : frame_->macro->parameters) names.push_back(parameter);
  }
  if (StepsAllowed() && !chain.members.empty()) {
    for (const std::string& step : scope_->names()) {
      const NamedSteps* named = scope_->FindName(step);
      const std::string member = chain.Members();
      if (named->index >= 0 && scope_->FindField(named->events.streams, member).field) {
        names.push_back(step);
        names.back().append(".").append(member);
      }
    }
  }
  for (const SharedName* shared : scope_->shared_names()) {
    const bool value = shared->feature || (shared->macro && shared->macro->parameters.empty());
    if (value) names.push_back(shared->macro ? shared->macro->macro : shared->name->text);
  }
  return names;
}

void ExpressionChecker::ReportField(FieldFault fault, const Place& place, std::string_view field,
                                    const EventScope& events) {
  if (fault == FieldFault::kTwoTypes) {
    Report("E0216", place, "field " + Quoted(field) + " has not one type in " + events.text,
           "name the event type in place of `event`");
  } else if (events.open) {
    reporter_->CountSilent();
  } else {
    Report("E0203", place, "unknown field " + Quoted(field) + " of " + events.text,
           DidYouMean(field, FieldNames(events.streams)));
  }
}

// `device`: its fields are `device.os`, `device.id`.
std::string ExpressionChecker::LongerNames(std::string_view name) const {
  const std::string prefix = std::string(name) + ".";
  std::string text;
  for (const std::string_view field : FieldNames(CurrentEvents().streams)) {
    if (field.starts_with(prefix)) text += (text.empty() ? "" : ", ") + Quoted(field);
  }
  return text.empty() ? "" : "there is " + text;
}

const EventScope& ExpressionChecker::CurrentEvents() const {
  return window_ ? window_->events : site_->events;
}

ExpressionChecker::Checked ExpressionChecker::UnknownName(const Expr& expr, const Chain& chain) {
  if (CurrentEvents().open) {
    reporter_->CountSilent();
    return Bad(expr);
  }
  const std::string& first = chain.root->text;
  const std::string full = chain.members.empty() ? first : first + "." + chain.Members();
  std::string suggestion = Suggest(full, KnownNames(chain));
  if (suggestion.empty()) suggestion = LongerNames(full);
  if (suggestion.empty() && !chain.members.empty() &&
      ScopeOfType(first, chain.members[0]).has_value()) {
    suggestion = "before the dot stands a step; an event type stands there only with `over`";
  }
  Report("E0203", At(expr.span), "unknown field " + Quoted(full) + " of " + CurrentEvents().text,
         std::move(suggestion));
  return Bad(expr);
}

}  // namespace shrike::rules
