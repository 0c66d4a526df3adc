// ExpressionChecker: syntax tree of an expression -> typed nfa::Expr (language.md, section 4).
//
// Macros are expanded here, as trees: a stack of frames says in which macro's body the checker is and what its
// parameters stand for. A mistake in a body is reported at the body. An operand with a mistake is `bad` and silences
// whatever depends on it. The methods stand in six files by what they check: expression_checker.cc (operators,
// literals), name_resolution.cc, matching.cc (in, like, matches), calls.cc (functions), window_calls.cc, features.cc.
// One rule at a time. Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_EXPRESSION_CHECKER_H_
#define SHRIKE_RULES_EXPRESSION_CHECKER_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nfa/expr.h"
#include "rules/ast.h"
#include "rules/function_table.h"
#include "rules/report.h"
#include "rules/rule_scope.h"

namespace shrike::rules {

// Where an expression stands; it decides which names it may use.
enum class Site : std::uint8_t {
  kStep,  // condition of a step; sees steps up to its own
  kUntil,
  kUnless,     // sees all steps
  kException,  // fields, lists, macros only
  kWhere,      // the whole match: bare names are key fields, else fields of the last bound event
  kAlert,      // the same
  kFeature,    // window aggregates only: there is no current event
  kDerive,     // a derived field: fields of the event, tables
};

struct ExprSite {
  Site site = Site::kStep;
  int step = -1;  // kStep: the step; kUntil: the last step of the loop: names up to it may be used
  EventScope events;  // of the current event
};

// Checks a feature by itself, once, and reports its mistakes. outer: of the set that it belongs to. order: for each part
// of the reader's key the part of the feature's that it is; empty: as the feature declares them.
std::shared_ptr<const CheckedFeature> ReadFeature(const SharedName& feature, const RuleScope& outer,
                                                  const std::vector<int>& order);

std::size_t NodeCount(const nfa::Expr& expr);

// The value as one of `type`, which it can be turned into (CommonType).
nfa::Expr Converted(nfa::Expr expr, Type type);

class ExpressionChecker {
 public:
  // scope: borrowed.
  explicit ExpressionChecker(RuleScope* scope);

  // nullopt: it has mistakes, which were reported. source: the scalar that `expr` was parsed from.
  std::optional<nfa::Expr> Condition(ScalarSource source, const Expr& expr, const ExprSite& site);
  std::optional<nfa::Expr> Value(ScalarSource source, const Expr& expr, const ExprSite& site);
  // How deep features read each other in what was checked so far; 0: it names none.
  int feature_depth() const { return feature_depth_; }

 private:
  // Whose text is being read: the rule's own, or a macro's body with what its parameters stand for.
  struct Frame {
    ScalarSource source;
    const MacroNode* macro = nullptr;
    const std::vector<ExprPtr>* arguments = nullptr;  // nullptr: a macro without parameters
    const Frame* caller = nullptr;                    // in which the arguments are read
  };

  enum class Literal : std::uint8_t { kNone, kNumber, kString, kNull };

  // A checked operand.
  struct Checked {
    nfa::Expr expr;
    Literal literal = Literal::kNone;  // still takes its neighbour's type
    std::string number;                // kNumber: text with sign
    bool too_large = false;            // kNumber: as what it is, an int or a float
    Place place;
    bool bad = false;

    Type type() const { return expr.type; }
  };

  // A name with what follows its dots: a.b.c, first(a).b, a[0].b.
  struct Chain {
    const Expr* root = nullptr;
    std::vector<std::string_view> members;
    Span members_span;  // from the first member on

    std::string Members(std::size_t from = 0) const;  // b.c
  };

  // Inside `over`: the event that is aggregated.
  struct WindowScope {
    EventScope events;
    std::vector<int> types;     // Catalog::EventTypeId
    std::string type_prefix;    // txn. or payments.txn. may stand before its fields; empty: not
    std::string stream_prefix;  // payments.txn. when type_prefix is txn.
  };

  // expression_checker.cc
  Checked Run(ScalarSource source, const Expr& expr, const ExprSite& site);
  Checked Check(const Expr& expr);
  Checked CheckKind(const Expr& expr);
  Checked CheckIn(const Frame& frame, const Expr& expr);
  Checked CheckNumber(const Expr& expr);
  Checked CheckNegate(const Expr& expr);
  Checked CheckNot(const Expr& expr);
  Checked CheckLogic(const Expr& expr, nfa::Op op);
  Checked CheckChain(const Expr& expr);
  Checked CheckCompare(const Expr& expr);
  Checked CheckBetween(const Expr& expr);
  Checked CheckIsNull(const Expr& expr);
  Checked CheckListLiteral(const Expr& expr);
  Checked CheckCoalesce(const Expr& expr);
  Checked Arithmetic(nfa::Op op, Checked left, Checked right, const Place& place);
  // What a comparison is called and where it stands.
  struct ComparisonText {
    std::string_view text;
    Place place;
  };
  Checked Comparison(nfa::Op op, Checked left, Checked right, const ComparisonText& at);
  // The common type of the operands, all turned towards it; nullopt and reported if there is none.
  std::optional<Type> Unite(std::vector<Checked>* operands, const Place& place,
                            std::string_view what);
  bool Join(Checked* operand, Type* common, const Place& place, std::string_view what);
  void Unify(Checked* left, Checked* right);
  void Adapt(Checked* operand, Type type);
  void Settle(Checked* operand);
  bool RequireBool(Checked* operand, std::string_view what);
  Checked Make(const Expr& expr, nfa::Op op, Type type) const;
  Checked Bad(const Expr& expr) const;
  bool TakeNodes(std::size_t count, const Place& place);
  Place At(Span span) const { return frame_->source.At(span); }
  void Report(std::string_view code, const Place& place, std::string message,
              std::string suggestion = "") {
    reporter_->Report(code, place, std::move(message), std::move(suggestion));
  }

  // name_resolution.cc
  static Chain Flatten(const Expr& expr);
  // Looks through parentheses, parameters and macros without parameters to what stands behind them.
  std::pair<const Frame*, const Expr*> Behind(const Frame* frame, const Expr* expr);
  int ParameterIndex(const Frame& frame, std::string_view name) const;
  Checked CheckName(const Expr& expr);
  Checked CheckBareName(const Expr& expr, const Chain& chain);
  Checked CheckIndexed(const Expr& expr, const Chain& chain);
  Checked CheckSelected(const Expr& expr, const Chain& chain);
  Checked CheckParameter(const Expr& expr, const Chain& chain, int index);
  Checked CheckStepField(const Expr& expr, const Chain& chain, const NamedSteps& named,
                         nfa::Expr bound);
  Checked CheckShared(const Expr& expr, const Chain& chain, const SharedName& shared);
  Checked ExpandMacro(const Expr& expr, const SharedName& shared,
                      const std::vector<ExprPtr>* arguments);
  std::optional<Checked> CheckField(const Expr& expr, std::string_view name);
  std::optional<Checked> CheckWindowField(const Expr& expr, std::string_view name);
  Checked UnknownName(const Expr& expr, const Chain& chain);
  // No such field, or not one type; silent if the events may be others than are known.
  void ReportField(FieldFault fault, const Place& place, std::string_view field,
                   const EventScope& events);
  bool StepsAllowed() const;
  // The step or choice of that name if it may be named here; reports why not. name: its place.
  const NamedSteps* UsableName(std::string_view text, const Place& name);
  std::vector<std::string_view> FieldNames(const std::vector<int>& streams) const;
  std::vector<std::string> KnownNames(const Chain& chain) const;
  std::string LongerNames(std::string_view name) const;
  const EventScope& CurrentEvents() const;

  // matching.cc
  struct ListItems {
    const SourceFile* file;
    const std::vector<TextNode>* items;
  };
  std::optional<ListItems> ItemsOf(const SharedName& shared);
  Checked CheckMatch(const Expr& expr);
  Checked CheckMembership(const Expr& expr);
  std::optional<nfa::Expr> ItemsOperand(Checked* left, const Frame& frame, const Expr& list);
  std::optional<nfa::Expr> ValueOperand(Checked* left, const Frame& frame, const Expr& list);
  Checked CheckPattern(const Expr& expr, nfa::Op op);
  std::optional<nfa::Expr> ListOperand(const SharedName& shared, Type element, const Place& use);
  std::optional<nfa::Expr> NetworkList(const SharedName& shared, Type element, const Place& use);
  std::optional<nfa::Constant> OnePattern(const Frame& frame, const Expr& expr, nfa::Op op);
  std::optional<nfa::Constant> PatternText(std::string text, const Place& place, nfa::Op op);
  std::optional<nfa::Expr> PatternOperand(const Expr& expr, nfa::Op op);
  std::optional<nfa::Expr> PatternsOf(const SharedName& shared, const Place& use, nfa::Op op);
  bool IsUnknownList(const Frame& frame, const Expr& expr);
  const SharedName* FindList(const Frame& frame, const Expr& expr) const;

  // calls.cc
  Checked CheckCall(const Expr& expr);
  Checked CheckStepAggregate(const Expr& expr, nfa::Aggregate aggregate);
  const NamedSteps* AggregatedStep(const Expr& expr, const Chain& chain);
  Checked CheckFunction(const Expr& expr, const FunctionRule& rule);
  Checked CheckCommon(const Expr& expr, nfa::Function function);
  Checked CheckIf(const Expr& expr);
  Checked CheckRisk(const Expr& expr);
  Checked CheckLookup(const Expr& expr, const Chain& chain);
  bool TurnTo(Checked* operand, Type type, const std::string& what);
  bool CheckArgument(Checked* argument, Parameter parameter, std::string_view function);
  bool CheckArgumentCount(const Expr& expr, std::size_t least, std::size_t most);
  Checked UnknownFunction(const Expr& expr);

  // features.cc
  Checked CheckFeature(const Expr& expr, const SharedName& shared);
  std::optional<std::vector<int>> FeatureOrder(const CheckedFeature& feature) const;
  int ReaderPart(const CheckedFeature& feature, std::size_t part) const;

  // window_calls.cc
  Checked CheckWindowCall(const Expr& expr);
  std::optional<WindowScope> WholeType(const Expr& operand) const;
  void ReportCounted(const Expr& operand);
  bool NamedType(const Expr& operand, std::optional<WindowScope>* scope);
  std::optional<WindowScope> ScopeOfWindow(const Expr& expr, WindowFunction function);
  std::optional<WindowScope> ScopeOfType(std::string_view first, std::string_view second) const;
  std::vector<WindowScope> TypesNamed(const Expr& expr) const;
  std::vector<int> TypesOf(const std::vector<int>& streams) const;
  std::optional<Type> WindowValues(const Expr& expr, nfa::WindowSpec* window);
  void CheckWindowSize(const Window& written, nfa::WindowSpec* window);
  std::optional<int> WindowKey(const Path& path, const WindowScope& scope);
  void CheckWindowClauses(const Window& written, const WindowScope& scope, nfa::WindowSpec* window);
  std::optional<nfa::WindowSpec> WindowOf(const Expr& expr, const WindowScope& scope,
                                          WindowFunction function);
  bool CurrentHas(const std::vector<nfa::Expr>& values, const EventScope& events,
                  const Place& place);
  nfa::Expr FieldOfCurrent(int column) const;
  nfa::Expr OfCurrent(nfa::Expr expr);
  Checked ReadWindow(const Expr& expr, nfa::WindowSpec window);
  void LintWindow(const Expr& expr);
  static bool HasPlainPart(const Expr& condition);
  static bool HasWindow(const Expr& expr);

  RuleScope* scope_;
  Reporter* reporter_;
  const ExprSite* site_ = nullptr;
  const Frame* frame_ = nullptr;
  const WindowScope* window_ = nullptr;  // inside `over`
  bool plain_condition_ = false;         // the step's condition has parts outside of aggregates
  std::deque<Frame> frames_;             // of the expression being checked
  int depth_ = 0;
  int feature_depth_ = 0;
  std::size_t nodes_ = 0;  // of all expressions so far, macros expanded
  bool nodes_reported_ = false;
  bool depth_reported_ = false;
};

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_EXPRESSION_CHECKER_H_
