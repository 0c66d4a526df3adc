#include "rules/pattern_checker.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/suggest.h"
#include "rules/abstract_truth.h"
#include "rules/from_checker.h"

namespace shrike::rules {
namespace {

nfa::LinkKind LinkOf(LinkKind kind) {
  switch (kind) {
    case LinkKind::kThen:
      return nfa::LinkKind::kThen;
    case LinkKind::kThenEvery:
      return nfa::LinkKind::kThenEvery;
    case LinkKind::kNext:
      return nfa::LinkKind::kNext;
  }
  return nfa::LinkKind::kThen;
}

nfa::Contiguity ContiguityOf(Contiguity contiguity) {
  switch (contiguity) {
    case Contiguity::kRelaxed:
      return nfa::Contiguity::kRelaxed;
    case Contiguity::kConsecutive:
      return nfa::Contiguity::kConsecutive;
    case Contiguity::kCombinations:
      return nfa::Contiguity::kCombinations;
  }
  return nfa::Contiguity::kRelaxed;
}

nfa::SkipKind SkipOf(SkipKind kind) {
  switch (kind) {
    case SkipKind::kNone:
      return nfa::SkipKind::kNone;
    case SkipKind::kPastLast:
      return nfa::SkipKind::kPastLast;
    case SkipKind::kToNext:
      return nfa::SkipKind::kToNext;
    case SkipKind::kToFirst:
      return nfa::SkipKind::kToFirst;
    case SkipKind::kToLast:
      return nfa::SkipKind::kToLast;
  }
  return nfa::SkipKind::kPastLast;
}

nfa::ElementSpec::Kind KindOf(Element::Kind kind) {
  switch (kind) {
    case Element::Kind::kStep:
      return nfa::ElementSpec::Kind::kStep;
    case Element::Kind::kGroup:
      return nfa::ElementSpec::Kind::kGroup;
    case Element::Kind::kChoice:
      return nfa::ElementSpec::Kind::kChoice;
    case Element::Kind::kAll:
      return nfa::ElementSpec::Kind::kAll;
    case Element::Kind::kNot:
      return nfa::ElementSpec::Kind::kNot;
  }
  return nfa::ElementSpec::Kind::kStep;
}

nfa::QuantifierSpec QuantifierOf(const Quantifier& quantifier) {
  nfa::QuantifierSpec spec;
  spec.min = quantifier.min;
  spec.max = quantifier.max.value_or(-1);
  spec.contiguity = ContiguityOf(quantifier.contiguity);
  spec.greedy = quantifier.greedy;
  return spec;
}

std::string TypeText(const Step& step) {
  return step.stream ? step.stream->text + "." + step.type.text : step.type.text;
}

EventScope Union(const std::vector<StepFacts>& steps, const std::vector<int>& indices,
                 std::string text) {
  EventScope events{{}, std::move(text), false};
  for (const int index : indices) {
    const EventScope& step = steps[static_cast<std::size_t>(index)].events;
    const std::vector<int>& streams = step.streams;
    events.open |= step.open;
    events.streams.insert(events.streams.end(), streams.begin(), streams.end());
  }
  std::sort(events.streams.begin(), events.streams.end());
  events.streams.erase(std::unique(events.streams.begin(), events.streams.end()),
                       events.streams.end());
  return events;
}

// The last step inside an element, or -1.
int LastStep(const nfa::ElementSpec& spec) {
  if (!spec.steps.empty()) return spec.steps.back();
  int last = -1;
  for (const nfa::ElementSpec& inner : spec.group) last = std::max(last, LastStep(inner));
  return last;
}

}  // namespace

bool PatternChecker::Declare() {
  const Pattern& pattern = in_.pattern;
  nfa::RuleSpec& spec = in_.scope->spec();
  CheckSources(in_.source, pattern.sources, in_.scope);
  for (const int stream : in_.scope->from.streams) {
    // A clash is reported at the list, macro or feature.
    (void)in_.scope->set().CheckStreamNames(stream);
  }
  spec.elements = DeclareSequence(pattern.sequence);
  if (pattern.unless) spec.unless = DeclareStep(*pattern.unless, false);
  if (too_many_steps_) {
    Report("E0401", pattern.sequence.span,
           "the pattern has more than " + std::to_string(kStepsPerRuleMax) + " steps");
    return false;
  }
  SetBound();
  spec.alert.step_fields.resize(spec.steps.size());
  return true;
}

void PatternChecker::Check() {
  MentionKeys();
  CheckSequence(in_.pattern.sequence, &in_.scope->spec().elements);
  CheckClauses();
}

std::vector<nfa::ElementSpec> PatternChecker::DeclareSequence(const Sequence& sequence) {
  std::vector<nfa::ElementSpec> specs;
  for (const Element& element : sequence.elements) {
    if (too_many_steps_) break;
    specs.push_back(DeclareElement(element));
  }
  return specs;
}

nfa::ElementSpec PatternChecker::DeclareElement(const Element& element) {
  nfa::ElementSpec spec;
  spec.kind = KindOf(element.kind);
  spec.link = {LinkOf(element.link.kind), element.link.within};
  if (element.quantifier) spec.quantifier = QuantifierOf(*element.quantifier);
  if (element.group) spec.group = DeclareSequence(*element.group);
  const bool positive = element.kind != Element::Kind::kNot;
  const int first_step = static_cast<int>(in_.scope->steps.size());
  if (element.name) spec.choice_label = element.name->text;
  for (const Step& step : element.steps) {
    if (too_many_steps_) return spec;
    spec.steps.push_back(DeclareStep(step, positive));
  }
  if (element.name && !spec.steps.empty()) {
    NamedSteps named;
    named.index = positive ? static_cast<int>(in_.scope->spec().names.size()) : -1;
    named.first_step = first_step;
    named.last_step = spec.steps.back();
    named.choice = true;
    named.events = Union(in_.scope->steps, spec.steps, "the choice " + Quoted(element.name->text));
    DeclareName(*element.name, std::move(named));
  }
  return spec;
}

int PatternChecker::DeclareStep(const Step& step, bool positive) {
  RuleScope& scope = *in_.scope;
  const int index = static_cast<int>(scope.steps.size());
  if (index >= kStepsPerRuleMax) {
    too_many_steps_ = true;
    return index - 1;
  }
  nfa::StepSpec spec;
  StepFacts facts;
  facts.positive = positive;
  if (!ResolveType(step, &spec, &facts.events)) {
    // No type to go by: what is no field of any stream may still be one of what is meant.
    if (facts.events.streams.empty()) SetAllTypes(&spec, &facts.events);
    facts.events.open = true;
  }
  std::sort(spec.event_types.begin(), spec.event_types.end());
  SetLabel(step, positive, &spec);
  if (step.name) {
    spec.name = step.name->text;
    NamedSteps named;
    named.index = positive ? static_cast<int>(scope.spec().names.size()) : -1;
    named.first_step = index;
    named.last_step = index;
    named.events = facts.events;
    if (!positive) {
      Report("E0402", step.name->span, "a step of `not` or `unless` has no name: it is never bound",
             "leave out " + Quoted(step.name->text + ":"));
    }
    scope.steps.push_back(std::move(facts));
    DeclareName(*step.name, std::move(named));
  } else {
    scope.steps.push_back(std::move(facts));
  }
  scope.spec().steps.push_back(std::move(spec));
  return index;
}

void PatternChecker::DeclareName(const Name& name, NamedSteps named) {
  RuleScope& scope = *in_.scope;
  const std::vector<int>& streams = scope.from.streams;
  const auto field = std::find_if(streams.begin(), streams.end(), [&](int stream) {
    return scope.set().BeginsField(stream, name.text);
  });
  const SharedName* shared = scope.set().Find(name.text);
  if (field != streams.end() || name.text == "ts") {
    Report("E0206", name.span, "step " + Quoted(name.text) + " has the name of a field",
           "give the step another name");
  } else if (shared) {
    Report("E0206", name.span,
           "step " + Quoted(name.text) + " has the name of a " + shared->KindText() + " at " +
               PlaceText(shared->place()),
           "give the step another name");
  }
  const int index = named.index;
  std::vector<int> steps(static_cast<std::size_t>(named.last_step - named.first_step + 1));
  std::iota(steps.begin(), steps.end(), named.first_step);
  if (!scope.AddName(name.text, std::move(named))) {
    Report("E0207", name.span, "two steps have the name " + Quoted(name.text));
    return;
  }
  if (index >= 0) scope.spec().names.push_back({name.text, std::move(steps)});
}

void PatternChecker::SetAllTypes(nfa::StepSpec* spec, EventScope* events) const {
  *events = in_.scope->from;
  for (const int stream : events->streams) AddTypes(stream, spec);
}

void PatternChecker::AddTypes(int stream, nfa::StepSpec* spec) const {
  const SetScope& set = in_.scope->set();
  for (int i = 0; i < set.EventTypeCount(stream); ++i) {
    spec->event_types.push_back(set.EventTypeId({stream, i}));
  }
}

bool PatternChecker::ResolveType(const Step& step, nfa::StepSpec* spec, EventScope* events) {
  if (step.stream) return ResolveQualified(step, spec, events);
  if (step.type.text == "event" && !step.type.quoted) {
    SetAllTypes(spec, events);
    return true;
  }
  return ResolveUnqualified(step, spec, events);
}

bool PatternChecker::ResolveQualified(const Step& step, nfa::StepSpec* spec, EventScope* events) {
  const SetScope& set = in_.scope->set();
  const std::vector<int>& from = in_.scope->from.streams;
  const int stream = set.StreamIndex(step.stream->text);
  if (stream < 0 || !std::binary_search(from.begin(), from.end(), stream)) {
    if (in_.scope->from.open) return false;
    std::vector<std::string_view> names;
    names.reserve(from.size());
    for (const int known : from) {
      names.push_back(set.catalog().streams[static_cast<std::size_t>(known)].name);
    }
    Report(
        "E0201", step.stream->span,
        "stream " + Quoted(step.stream->text) + (stream < 0 ? " is unknown" : " is not in `from`"),
        DidYouMean(step.stream->text, names));
    return false;
  }
  for (const EventTypeRef& type : set.EventTypes(step.type.text)) {
    if (type.stream != stream) continue;
    spec->event_types.push_back(set.EventTypeId(type));
    *events = {{stream}, "event type " + Quoted(TypeText(step)), false};
    return true;
  }
  std::vector<std::string_view> names;
  for (const std::string& text :
       set.catalog().streams[static_cast<std::size_t>(stream)].event_types) {
    names.push_back(text);
  }
  Report("E0202", step.type.span,
         "unknown event type " + Quoted(step.type.text) + " of stream " + Quoted(step.stream->text),
         DidYouMean(step.type.text, names));
  return false;
}

bool PatternChecker::ResolveUnqualified(const Step& step, nfa::StepSpec* spec, EventScope* events) {
  const SetScope& set = in_.scope->set();
  const std::vector<int>& from = in_.scope->from.streams;
  std::vector<EventTypeRef> found;
  for (const EventTypeRef& type : set.EventTypes(step.type.text)) {
    if (std::binary_search(from.begin(), from.end(), type.stream)) found.push_back(type);
  }
  const auto stream_name = [&](const EventTypeRef& type) -> const std::string& {
    return set.catalog().streams[static_cast<std::size_t>(type.stream)].name;
  };
  if (found.size() == 1) {
    spec->event_types.push_back(set.EventTypeId(found[0]));
    *events = {{found[0].stream}, "event type " + Quoted(step.type.text), false};
    return true;
  }
  if (found.size() > 1) {
    const std::string first = stream_name(found[0]) + "." + step.type.text;
    const std::string second = stream_name(found[1]) + "." + step.type.text;
    Report("E0204", step.type.span,
           "event type " + Quoted(step.type.text) + " is in more than one stream of `from`",
           "write " + Quoted(first) + " or " + Quoted(second));
    return false;
  }
  if (in_.scope->from.open) return false;
  ReportUnknownType(step, spec, events);
  return !events->streams.empty();
}

// Goes on with the type that is most likely meant, so that mistakes in the step's fields are found too.
void PatternChecker::ReportUnknownType(const Step& step, nfa::StepSpec* spec, EventScope* events) {
  const SetScope& set = in_.scope->set();
  const std::vector<EventTypeRef>& elsewhere = set.EventTypes(step.type.text);
  if (!elsewhere.empty()) {
    const int stream = elsewhere[0].stream;
    Report("E0202", step.type.span, "unknown event type " + Quoted(step.type.text),
           "it is an event type of stream " +
               Quoted(set.catalog().streams[static_cast<std::size_t>(stream)].name) +
               ", which is not in `from`");
    *events = {{stream}, "event type " + Quoted(step.type.text), false};
    return;
  }
  Report("E0202", step.type.span, "unknown event type " + Quoted(step.type.text),
         DidYouMean(step.type.text, TypeNames()));
  const std::string_view nearest = Nearest(step.type.text, TypeNames());
  const std::vector<int>& from = in_.scope->from.streams;
  for (const EventTypeRef& type : set.EventTypes(nearest)) {
    if (!std::binary_search(from.begin(), from.end(), type.stream)) continue;
    *events = {{type.stream}, "event type " + Quoted(nearest), false};
    spec->event_types.push_back(set.EventTypeId(type));
    return;
  }
  if (nearest == "event") SetAllTypes(spec, events);
}

std::vector<std::string_view> PatternChecker::TypeNames() const {
  std::vector<std::string_view> names;
  for (const int stream : in_.scope->from.streams) {
    const auto index = static_cast<std::size_t>(stream);
    for (const std::string& text : in_.scope->set().catalog().streams[index].event_types) {
      names.push_back(text);
    }
  }
  names.push_back("event");
  return names;
}

void PatternChecker::SetLabel(const Step& step, bool positive, nfa::StepSpec* spec) {
  const std::string text = step.name ? step.name->text : TypeText(step);
  spec->label = text;
  // Only steps that an alert shows are counted.
  if (step.name || !positive) return;
  const int count = ++label_counts_[text];
  if (count > 1) spec->label += "#" + std::to_string(count);
}

void PatternChecker::SetBound() {
  std::vector<int> positive;
  for (std::size_t i = 0; i < in_.scope->steps.size(); ++i) {
    if (in_.scope->steps[i].positive) positive.push_back(static_cast<int>(i));
  }
  EventScope bound = Union(in_.scope->steps, positive, "");
  bound.text = StreamsText(in_.scope->set().catalog(), bound.streams);
  bound.open |= in_.scope->from.open;
  in_.scope->bound = std::move(bound);
}

void PatternChecker::MentionKeys() {
  RuleScope& scope = *in_.scope;
  for (std::size_t i = 0; i < scope.spec().sources.size(); ++i) {
    const nfa::SourceSpec& source = scope.spec().sources[i];
    // With a mistake in a key there are fewer columns than names; the rule is not used then.
    const std::size_t count = std::min(source.key.size(), scope.key_names[i].size());
    for (std::size_t step = 0; step < scope.steps.size(); ++step) {
      const std::vector<int>& streams = scope.steps[step].events.streams;
      if (!std::binary_search(streams.begin(), streams.end(), source.stream)) continue;
      for (std::size_t part = 0; part < count; ++part) {
        scope.Mention(static_cast<int>(step), scope.key_names[i][part], source.key[part]);
      }
    }
  }
}

void PatternChecker::CheckSequence(const Sequence& sequence, std::vector<nfa::ElementSpec>* specs) {
  for (std::size_t i = 0; i < specs->size(); ++i) {
    const Element& element = sequence.elements[i];
    nfa::ElementSpec& spec = (*specs)[i];
    if (element.group) CheckSequence(*element.group, &spec.group);
    for (std::size_t j = 0; j < spec.steps.size(); ++j) CheckStep(element.steps[j], spec.steps[j]);
    if (element.kind == Element::Kind::kChoice && element.name) CheckEmptyChoice(element, spec);
    if (element.quantifier && element.quantifier->until) CheckUntil(element, &spec);
  }
}

void PatternChecker::CheckStep(const Step& step, int index) {
  RuleScope& scope = *in_.scope;
  nfa::StepSpec& spec = scope.spec().steps[static_cast<std::size_t>(index)];
  in_.reporter->set_step(spec.label);
  if (step.by) CheckStepKeys(step, index);
  if (step.condition) {
    const bool unless = scope.spec().unless == index;
    ExprSite site{unless ? Site::kUnless : Site::kStep, index,
                  scope.steps[static_cast<std::size_t>(index)].events};
    spec.condition = in_.expressions->Condition(in_.source, *step.condition, site);
    if (spec.condition) CheckEmptyStep(step, index);
  }
  in_.reporter->set_step("");
}

void PatternChecker::CheckStepKeys(const Step& step, int index) {
  RuleScope& scope = *in_.scope;
  const EventScope& events = scope.steps[static_cast<std::size_t>(index)].events;
  KeyColumns keys = CheckKeys(in_.source, *step.by, events, scope);
  if (!keys.good) return;
  if (!has_step_keys_) {
    has_step_keys_ = true;
    step_key_types_ = keys.types;
  } else if (!SameKeyTypes(step_key_types_, keys.types)) {
    Report("E0503", step.by->span,
           "the `by` of all steps needs the same count and types of fields");
  }
  for (std::size_t i = 0; i < keys.columns.size(); ++i) {
    scope.Mention(index, keys.names[i], keys.columns[i]);
  }
  scope.spec().steps[static_cast<std::size_t>(index)].by = std::move(keys.columns);
}

void PatternChecker::CheckEmptyStep(const Step& step, int index) {
  if (!step.name) return;
  const NamedSteps* named = in_.scope->FindName(step.name->text);
  if (!named || named->index < 0 || named->first_step != index) return;
  const nfa::Expr& condition = *in_.scope->spec().steps[static_cast<std::size_t>(index)].condition;
  if (CanHold(condition, {named->index})) return;
  if (!NamesAny(condition, {named->index})) return;
  const std::string& name = step.name->text;
  Report("E0403", step.condition->span,
         "the condition of step " + Quoted(name) +
             " cannot hold for its first event: it asks for earlier ones",
         "write `count(" + name + ") == 0 or ..`");
}

// As CheckEmptyStep, for the name of a choice: one alternative may fill what the others ask for.
void PatternChecker::CheckEmptyChoice(const Element& element, const nfa::ElementSpec& spec) {
  const NamedSteps* named = in_.scope->FindName(element.name->text);
  if (!named || named->index < 0 || named->first_step != spec.steps.front()) return;
  bool asks = false;
  for (const int step : spec.steps) {
    const std::optional<nfa::Expr>& condition =
        in_.scope->spec().steps[static_cast<std::size_t>(step)].condition;
    if (!condition || CanHold(*condition, {named->index})) return;
    asks |= NamesAny(*condition, {named->index});
  }
  if (!asks) return;
  const std::string& name = element.name->text;
  Report("E0403", element.name->span,
         "no alternative of " + Quoted(name) +
             " can hold for its first event: all ask for earlier ones",
         "write `count(" + name + ") == 0 or ..`");
}

void PatternChecker::CheckUntil(const Element& element, nfa::ElementSpec* spec) {
  const ExprSite site{Site::kUntil, LastStep(*spec), in_.scope->from};
  spec->quantifier->until =
      in_.expressions->Condition(in_.source, *element.quantifier->until, site);
}

void PatternChecker::CheckClauses() {
  const Pattern& pattern = in_.pattern;
  nfa::RuleSpec& spec = in_.scope->spec();
  if (pattern.unless && spec.unless) CheckStep(*pattern.unless, *spec.unless);
  if (pattern.where) {
    const ExprSite site{Site::kWhere, -1, in_.scope->bound};
    spec.where = in_.expressions->Condition(in_.source, *pattern.where, site);
  }
  spec.within = pattern.within;
  CheckSkip();
}

void PatternChecker::CheckSkip() {
  if (!in_.pattern.skip) return;
  nfa::RuleSpec& spec = in_.scope->spec();
  const Skip& skip = *in_.pattern.skip;
  spec.skip = SkipOf(skip.kind);
  if (!skip.name) return;
  const NamedSteps* named = in_.scope->FindName(skip.name->text);
  if (named && named->index >= 0) {
    spec.skip_name = named->index;
    return;
  }
  if (named) {
    Report("E0209", skip.name->span,
           "step " + Quoted(skip.name->text) + " is never bound: it stands in `not` or `unless`");
    return;
  }
  const std::vector<std::string>& known = in_.scope->names();
  const std::vector<std::string_view> names(known.begin(), known.end());
  Report("E0208", skip.name->span, "there is no step " + Quoted(skip.name->text),
         DidYouMean(skip.name->text, names));
}

}  // namespace shrike::rules
