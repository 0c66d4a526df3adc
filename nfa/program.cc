// Build: each rule's graph, records and conditions; predicates of all rules numbered together.
//
// Tested by: tests/nfa/program_test.cc.
#include "nfa/program.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "nfa/canonical.h"
#include "nfa/describe.h"
#include "nfa/plan.h"
#include "nfa/program_data.h"
#include "nfa/rule_identity.h"
#include "nfa/shared_use.h"
#include "nfa/window_groups.h"

namespace shrike::nfa {
namespace {

// What must hold together, macros that are conjunctions themselves included. Depth: kExpressionDepthMax.
void AppendConjuncts(const Expr& expr, std::vector<const Expr*>* out) {
  if (expr.op != Op::kAnd) {
    out->push_back(&expr);
    return;
  }
  for (const Expr& arg : expr.args) AppendConjuncts(arg, out);
}

class ProgramBuilder {
 public:
  ProgramBuilder(RuleSetSpec spec, const Catalog& catalog, Limits limits)
      : data_(std::make_unique<ProgramData>()) {
    data_->spec = std::move(spec);
    data_->limits = limits;
    data_->routes.resize(catalog.streams.size());
    for (std::size_t i = 0; i < catalog.streams.size(); ++i) {
      data_->streams.push_back(catalog.streams[i].name);
      for (const std::string& type : catalog.streams[i].event_types) {
        data_->event_types.push_back(catalog.streams[i].name + "." + type);
        data_->stream_of_type.push_back(static_cast<int>(i));
      }
    }
  }

  Result<std::unique_ptr<const ProgramData>> Build() {
    data_->pool.SetTables(data_->spec.tables);
    PlanWindows();
    for (std::size_t i = 0; i < data_->spec.rules.size(); ++i) {
      SHRIKE_TRY_VOID(AddRule(static_cast<int>(i)));
    }
    for (std::size_t i = 0; i < data_->spec.rules.size(); ++i) AddStarts(static_cast<int>(i));
    BuildStarts();
    data_->derives.resize(data_->streams.size());
    for (const DeriveSpec& derive : data_->spec.derives) {
      data_->derives[static_cast<std::size_t>(derive.stream)].push_back(
          {derive.column, Code::Compile(derive.value, nullptr, &data_->pool)});
    }
    data_->pool.CompilePatternSets();
    NoteNodes();
    for (const RouteData& route : data_->route_data)
      data_->routes[static_cast<std::size_t>(route.stream)].push_back(route.route);
    return std::unique_ptr<const ProgramData>(std::move(data_));
  }

 private:
  void NoteNodes() {
    for (std::size_t rule = 0; rule < data_->rules.size(); ++rule) {
      const CompiledRule& compiled = data_->rules[rule];
      for (std::size_t node = 0; node < compiled.graph.nodes.size(); ++node) {
        data_->nodes_by_hash[NodeHash(compiled, static_cast<int>(node))] = {
            static_cast<std::int32_t>(rule), static_cast<std::int16_t>(node)};
      }
    }
  }

  void PlanWindows() {
    RuleSetSpec& spec = data_->spec;
    std::vector<int> rule_groups;
    for (const RuleSpec& rule : spec.rules) rule_groups.push_back(GroupOf(rule.sources));
    const std::vector<int> groups = SplitWindows(rule_groups, &spec);
    std::vector<WindowUse> uses;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const WindowSpec& window = spec.windows[i];
      WindowUse use;
      use.group = groups[i];
      use.routes.assign(data_->routes.size(), -1);
      for (const SourceSpec& source : window.sources)
        use.routes[static_cast<std::size_t>(source.stream)] = RouteOf(use.group, source);
      uses.push_back(std::move(use));
    }
    for (const RuleSpec& rule : spec.rules) {
      if (!EndsInThePast(rule)) continue;
      for (const int window : WindowsAtTheEnd(rule))
        uses[static_cast<std::size_t>(window)].leaves_out_past = true;
    }
    data_->windows = WindowPlan::Build({&spec, &uses, &data_->event_types, &data_->stream_of_type},
                                       &data_->pool);
    data_->window_rules.resize(spec.windows.size());
  }

  // Which windows the rule reads, and whether it reads risk.
  void NoteShared(int index, KeyGroup* group) {
    const SharedUse use =
        SharedUseOf(data_->spec.rules[static_cast<std::size_t>(index)], data_->spec.windows);
    for (const int window : use.windows)
      data_->window_rules[static_cast<std::size_t>(window)].push_back(index);
    if (use.risk) group->risk_rules.push_back(index);
  }

  Result<void> AddRule(int index) {
    const RuleSpec& spec = data_->spec.rules[static_cast<std::size_t>(index)];
    Result<Graph> graph = BuildGraph(spec);
    if (!graph) return Fail(graph.error().code, "rule " + spec.id + ": " + graph.error().message);
    CompiledRule rule;
    rule.graph = std::move(*graph);
    rule.layout = PlanRecords(spec, rule.graph, data_->spec.layout);
    rule.group = GroupOf(spec.sources);
    rule.routes.assign(data_->routes.size(), -1);
    for (const SourceSpec& source : spec.sources)
      rule.routes[static_cast<std::size_t>(source.stream)] = RouteOf(rule.group, source);
    rule.within = spec.within.value_or(kNoBound);
    for (const StepSpec& step : spec.steps) {
      CompiledStep compiled;
      compiled.by = step.by;
      compiled.condition =
          Split(step.condition ? &*step.condition : nullptr, TypesOf(step), rule.layout, index);
      rule.steps.push_back(std::move(compiled));
    }
    const std::vector<bool> any(data_->event_types.size(), true);
    for (const Expr* until : rule.graph.untils)
      rule.untils.push_back(Split(until, any, rule.layout, index));
    for (const Expr& exception : spec.exceptions) {
      rule.exceptions.push_back(Split(&exception, any, rule.layout, index));
    }
    rule.unless = spec.unless;
    rule.timeout_alerts = spec.timeout_alerts;
    for (const int route : rule.routes) {
      if (route >= 0 && route < 64) rule.seen_routes |= std::uint64_t{1} << route;
    }
    AddWatches(rule);
    data_->start_conditions.push_back(StartConditionOf(rule));
    CompileAlert(spec, &rule);
    rule.content_hash =
        Hash64(RuleIdentity(spec, data_->spec.layout, {data_->event_types, data_->windows.names}));
    KeyGroup& group = data_->groups[static_cast<std::size_t>(rule.group)];
    group.rules.push_back(index);
    NoteShared(index, &group);
    data_->rules.push_back(std::move(rule));
    return {};
  }

  void AddWatches(const CompiledRule& rule) {
    data_->first_nodes.push_back(static_cast<std::int32_t>(data_->node_watches.size()));
    for (const Node& node : rule.graph.nodes) {
      NodeWatch watch = WatchOf(rule, node);
      const auto [at, added] = watches_.try_emplace(
          {watch.any_event, watch.predicates}, static_cast<std::int32_t>(data_->watches.size()));
      if (added) data_->watches.push_back(std::move(watch));
      data_->node_watches.push_back(at->second);
    }
  }

  static int StartConditionOf(const CompiledRule& rule) {
    if (rule.graph.start.size() != 1 || rule.graph.start.front().target == kEndNode) return -1;
    const Branch& start = rule.graph.start.front();
    const std::vector<int>& steps = rule.graph.nodes[static_cast<std::size_t>(start.target)].steps;
    return steps.size() == 1 ? rule.steps[static_cast<std::size_t>(steps.front())].condition.of_key
                             : -1;
  }

  static NodeWatch WatchOf(const CompiledRule& rule, const Node& node) {
    NodeWatch watch;
    std::set<int> predicates;
    const auto add_steps = [&](const std::vector<int>& steps) {
      for (const int step : steps)
        predicates.insert(rule.steps[static_cast<std::size_t>(step)].condition.predicate);
    };
    if (rule.unless) add_steps({*rule.unless});
    for (const Condition& until : rule.untils) predicates.insert(until.predicate);
    for (const std::vector<Branch>* branches : {&node.branches, &node.rest}) {
      for (const Branch& branch : *branches) {
        watch.any_event = watch.any_event || branch.link == LinkKind::kNext;
        if (branch.target != kEndNode)
          add_steps(rule.graph.nodes[static_cast<std::size_t>(branch.target)].steps);
        for (const Guard& guard : branch.guards) {
          watch.any_event = watch.any_event || guard.next;
          add_steps(guard.steps);
        }
      }
    }
    watch.predicates.assign(predicates.begin(), predicates.end());
    return watch;
  }

  void CompileAlert(const RuleSpec& spec, CompiledRule* rule) {
    if (spec.where) rule->where = Code::Compile(*spec.where, &rule->layout, &data_->pool);
    for (const AlertField& field : spec.alert.fields) {
      rule->fields.push_back(Code::Compile(field.value, &rule->layout, &data_->pool));
    }
    for (const MessagePart& part : spec.alert.message) {
      if (part.value)
        rule->message.push_back(Code::Compile(*part.value, &rule->layout, &data_->pool));
    }
  }

  // The key fields are called as the first source calls them.
  int GroupOf(const std::vector<SourceSpec>& sources) {
    const std::vector<int>& key = sources.front().key;
    const auto known = std::find_if(data_->groups.begin(), data_->groups.end(),
                                    [&](const KeyGroup& group) { return group.key == key; });
    if (known == data_->groups.end()) {
      data_->groups.push_back({key, HashOfKey(key), {}, {}});
      return static_cast<int>(data_->groups.size()) - 1;
    }
    return static_cast<int>(known - data_->groups.begin());
  }

  std::uint64_t HashOfKey(const std::vector<int>& key) const {
    std::string text;
    for (const int column : key) {
      const Column& field = data_->spec.layout.columns[static_cast<std::size_t>(column)];
      text += FormatType(field.type);
      text.push_back(' ');
      text += field.name;
      text.push_back('\0');
    }
    return Hash64(text);
  }

  int RouteOf(int group, const SourceSpec& source) {
    std::vector<RouteData>& routes = data_->route_data;
    const auto known = std::find_if(routes.begin(), routes.end(), [&](const RouteData& data) {
      return data.route.group == group && data.stream == source.stream &&
             data.route.columns == source.key;
    });
    if (known != routes.end()) return known->route.id;
    RouteData added;
    added.route = {static_cast<int>(routes.size()), group, source.key};
    added.stream = source.stream;
    for (RouteData& other : routes) {
      if (other.route.group != group || other.stream != source.stream) continue;
      other.others.push_back(added.route.id);
      added.others.push_back(other.route.id);
    }
    added.starts.resize(data_->event_types.size());
    start_builders_.emplace_back(data_->event_types.size());
    routes.push_back(std::move(added));
    return routes.back().route.id;
  }

  std::vector<bool> TypesOf(const StepSpec& step) const {
    std::vector<bool> types(data_->event_types.size(), false);
    for (const int type : step.event_types) types[static_cast<std::size_t>(type)] = true;
    return types;
  }

  // The part of a conjunction that looks at the event alone becomes the predicate, what looks at its key too a condition
  // that rules share; the rest stays with the step.
  Condition Split(const Expr* condition, const std::vector<bool>& types, const RecordLayout& layout,
                  int rule) {
    Expr alone;
    alone.op = Op::kAnd;
    alone.type = {Kind::kBool, 0, Kind::kNull};
    Expr of_key = alone;
    Expr rest = alone;
    std::vector<const Expr*> conjuncts;
    if (condition != nullptr) AppendConjuncts(*condition, &conjuncts);
    for (const Expr* conjunct : conjuncts)
      (OverEventOnly(*conjunct) ? alone
       : OverKeyOnly(*conjunct) ? of_key
                                : rest)
          .args.push_back(*conjunct);
    Condition out;
    out.predicate = Intern(alone, types, rule);
    if (!of_key.args.empty())
      out.of_key = InternKeyCondition(of_key.args.size() == 1 ? of_key.args.front() : of_key);
    if (!rest.args.empty()) {
      out.rest =
          Code::Compile(rest.args.size() == 1 ? rest.args.front() : rest, &layout, &data_->pool);
    }
    return out;
  }

  std::string Canonical(const Expr& expr) const {
    return CanonicalText(expr, data_->spec.layout, data_->windows.names);
  }

  int Intern(const Expr& alone, const std::vector<bool>& types, int rule) {
    std::string text;
    for (const bool type : types) text.push_back(type ? '1' : '0');
    // The order of conjuncts does not change what holds: rules that differ only in it share the predicate.
    std::vector<std::string> parts;
    for (const Expr& arg : alone.args) parts.push_back(Canonical(arg));
    std::sort(parts.begin(), parts.end());
    for (const std::string& part : parts) text += part;
    const auto [at, added] =
        predicates_.try_emplace(text, static_cast<int>(data_->predicates.size()));
    if (added) {
      Predicate predicate;
      predicate.types = types;
      predicate.text = std::move(text);
      predicate.shown = Shown(alone, types);
      for (const Expr& conjunct : alone.args)
        predicate.conjuncts.push_back(InternConjunct(conjunct));
      AddTest(predicate);
      data_->predicates.push_back(std::move(predicate));
    }
    std::vector<int>& rules = data_->predicates[static_cast<std::size_t>(at->second)].rules;
    if (rules.empty() || rules.back() != rule) rules.push_back(rule);
    return at->second;
  }

  void AddTest(const Predicate& predicate) {
    PredicateTest test;
    for (std::size_t type = 0; type < std::min<std::size_t>(predicate.types.size(), 64); ++type) {
      if (predicate.types[type]) test.types |= std::uint64_t{1} << type;
    }
    std::vector<int>& conjuncts = data_->test_conjuncts;
    test.conjuncts_begin = static_cast<std::uint32_t>(conjuncts.size());
    conjuncts.insert(conjuncts.end(), predicate.conjuncts.begin(), predicate.conjuncts.end());
    test.conjuncts_end = static_cast<std::uint32_t>(conjuncts.size());
    data_->tests.push_back(test);
  }

  int InternConjunct(const Expr& conjunct) {
    const auto [at, added] =
        conjuncts_.try_emplace(Canonical(conjunct), static_cast<int>(data_->conjuncts.size()));
    if (added) {
      data_->conjuncts.push_back(Code::Compile(conjunct, nullptr, &data_->pool));
      conjunct_exprs_.push_back(conjunct);
    }
    return at->second;
  }

  int InternKeyCondition(const Expr& condition) {
    const auto [at, added] = key_conditions_.try_emplace(
        Canonical(condition), static_cast<int>(data_->key_conditions.size()));
    if (added) data_->key_conditions.push_back(Code::Compile(condition, nullptr, &data_->pool));
    return at->second;
  }

  std::string Shown(const Expr& alone, const std::vector<bool>& types) const {
    std::string out;
    const bool any = std::find(types.begin(), types.end(), false) == types.end();
    for (std::size_t type = 0; type < types.size() && !any; ++type) {
      if (types[type]) out += (out.empty() ? "" : ", ") + data_->event_types[type];
    }
    if (any) out = "any event";
    if (alone.args.empty()) return out;
    const Expr& shown = alone.args.size() == 1 ? alone.args.front() : alone;
    return out + " [" + DescribeExpr(shown, data_->spec.layout, {}) + "]";
  }

  void AddStarts(int index) {
    const CompiledRule& rule = data_->rules[static_cast<std::size_t>(index)];
    std::set<int> starts;  // predicates of the steps that may come first
    for (const Branch& branch : rule.graph.start) {
      if (branch.target == kEndNode) continue;
      for (const int step : rule.graph.nodes[static_cast<std::size_t>(branch.target)].steps)
        starts.insert(rule.steps[static_cast<std::size_t>(step)].condition.predicate);
    }
    for (std::size_t type = 0; type < data_->event_types.size(); ++type) {
      const int route = rule.routes[static_cast<std::size_t>(data_->stream_of_type[type])];
      if (route < 0) continue;
      for (const int p : starts) {
        const Predicate& predicate = data_->predicates[static_cast<std::size_t>(p)];
        if (!predicate.types[type]) continue;
        std::vector<const Expr*> conjuncts;
        for (const int conjunct : predicate.conjuncts)
          conjuncts.push_back(&conjunct_exprs_[static_cast<std::size_t>(conjunct)]);
        start_builders_[static_cast<std::size_t>(route)][type].Add(
            {index, p, !rule.exceptions.empty()}, std::move(conjuncts));
      }
    }
  }

  void BuildStarts() {
    for (std::size_t route = 0; route < start_builders_.size(); ++route) {
      for (std::size_t type = 0; type < start_builders_[route].size(); ++type) {
        data_->route_data[route].starts[type] =
            start_builders_[route][type].Build(data_->spec.layout, &data_->pool);
      }
    }
  }

  std::unique_ptr<ProgramData> data_;
  boost::unordered_flat_map<std::string, int> conjuncts_;       // by canonical text
  boost::unordered_flat_map<std::string, int> key_conditions_;  // the same
  std::map<std::pair<bool, std::vector<int>>, std::int32_t> watches_;
  std::deque<Expr> conjunct_exprs_;                             // [ProgramData::conjuncts]
  std::vector<std::vector<StartIndexBuilder>> start_builders_;  // [routes][event types]
  boost::unordered_flat_map<std::string, int> predicates_;
};

}  // namespace

std::uint64_t NodeHash(const CompiledRule& rule, int node) {
  return Hash64(std::to_string(node), rule.content_hash);
}

Result<std::shared_ptr<const Program>> Program::Build(RuleSetSpec spec, const Catalog& catalog,
                                                      Limits limits) {
  SHRIKE_TRY(std::unique_ptr<const ProgramData> data,
             ProgramBuilder(std::move(spec), catalog, limits).Build());
  return std::shared_ptr<const Program>(new Program(std::move(data)));
}

Program::Program(std::unique_ptr<const ProgramData> data) : data_(std::move(data)) {}
Program::~Program() = default;

const std::vector<RuleSpec>& Program::rules() const { return data_->spec.rules; }
const RowLayout& Program::layout() const { return data_->spec.layout; }
const Limits& Program::limits() const { return data_->limits; }
std::uint64_t Program::group_hash(int group) const {
  return data_->groups[static_cast<std::size_t>(group)].hash;
}

int Program::FindGroup(std::uint64_t hash) const {
  const auto found = std::find_if(data_->groups.begin(), data_->groups.end(),
                                  [hash](const KeyGroup& group) { return group.hash == hash; });
  return found == data_->groups.end() ? -1 : static_cast<int>(found - data_->groups.begin());
}

int Program::group_count() const { return static_cast<int>(data_->groups.size()); }
const std::vector<std::string>& Program::stream_names() const { return data_->streams; }
int Program::stream_count() const { return static_cast<int>(data_->routes.size()); }
const std::vector<KeyRoute>& Program::routes(int stream) const {
  return data_->routes[static_cast<std::size_t>(stream)];
}

}  // namespace shrike::nfa
