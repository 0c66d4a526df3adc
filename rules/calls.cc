// Calls of functions and of aggregates over steps (language.md, 4.3, 4.10). A part of ExpressionChecker.
#include <algorithm>
#include <string>
#include <utility>

#include "base/suggest.h"
#include "rules/expression_checker.h"
#include "rules/literals.h"
#include "rules/time_zone.h"
#include "rules/types.h"

namespace shrike::rules {
namespace {

using nfa::Op;

std::string ParameterText(Parameter parameter) {
  switch (parameter) {
    case Parameter::kNumber:
      return "a number";
    case Parameter::kNumberOrDuration:
      return "a number or a duration";
    case Parameter::kInt:
      return "an int";
    case Parameter::kString:
      return "a string";
    case Parameter::kStringOrList:
      return "a string or a list";
    case Parameter::kTimestamp:
      return "a timestamp";
    case Parameter::kIp:
      return "an ip";
    case Parameter::kScalar:
      return "a value that is no list";
    case Parameter::kZone:
      return "a time zone written out, as \"Europe/Berlin\"";
    case Parameter::kNetwork:
      return "a network written out, as \"10.0.0.0/8\"";
  }
  return "";
}

bool Takes(Parameter parameter, Type type) {
  if (IsNull(type)) return parameter != Parameter::kZone && parameter != Parameter::kNetwork;
  switch (parameter) {
    case Parameter::kNumber:
      return IsNumber(type);
    case Parameter::kNumberOrDuration:
      return IsNumber(type) || type.kind == Kind::kDuration;
    case Parameter::kInt:
      return type.kind == Kind::kInt;
    case Parameter::kStringOrList:
      return type.kind == Kind::kString || IsList(type);
    case Parameter::kTimestamp:
      return type.kind == Kind::kTimestamp;
    case Parameter::kIp:
      return type.kind == Kind::kIp;
    case Parameter::kScalar:
      return !IsList(type);
    case Parameter::kString:
    case Parameter::kZone:
    case Parameter::kNetwork:
      return type.kind == Kind::kString;
  }
  return false;
}

Type ResultType(ResultRule rule, const std::vector<Type>& arguments) {
  switch (rule) {
    case ResultRule::kBool:
      return kBoolType;
    case ResultRule::kInt:
      return kIntType;
    case ResultRule::kFloat:
      return kFloatType;
    case ResultRule::kString:
      return kStringType;
    case ResultRule::kStrings:
      return ListType(kStringType);
    case ResultRule::kFirst:
      return arguments[0];
    case ResultRule::kIntOrFirst:
      return arguments.size() == 1 ? kIntType : arguments[0];
  }
  return kNullType;
}

// "1 argument", "2 or 3 arguments", "at least 2 arguments".
std::string CountText(std::size_t least, std::size_t most) {
  if (least == most) return std::to_string(least) + (least == 1 ? " argument" : " arguments");
  if (most == SIZE_MAX) {
    return "at least " + std::to_string(least) + (least == 1 ? " argument" : " arguments");
  }
  const char* joint = most == least + 1 ? " or " : " to ";
  return std::to_string(least) + joint + std::to_string(most) + " arguments";
}

// What may have been meant by an aggregate of something that is no step.
std::string AggregateHint(std::string_view aggregate, const std::string& value) {
  if (aggregate == "min") return "the smallest of several values is least(a, b)";
  if (aggregate == "max") return "the largest of several values is greatest(a, b)";
  const std::string name(aggregate);
  return "write " + name + "(step." + value + ") or " + name + "(" + value + " over 1h)";
}

}  // namespace

ExpressionChecker::Checked ExpressionChecker::CheckCall(const Expr& expr) {
  const SharedName* shared = scope_->Find(expr.text);
  if (shared && shared->macro && !expr.window) {
    return ExpandMacro(expr, *shared, &expr.operands);
  }
  if (expr.window) return CheckWindowCall(expr);
  const std::optional<nfa::Aggregate> aggregate = FindStepAggregate(expr.text);
  if (aggregate) return CheckStepAggregate(expr, *aggregate);
  const FunctionRule* rule = FindFunction(expr.text);
  if (rule) return CheckFunction(expr, *rule);
  if (expr.text == "if") return CheckIf(expr);
  if (expr.text == "coalesce") {
    return CheckArgumentCount(expr, 1, SIZE_MAX) ? CheckCoalesce(expr) : Bad(expr);
  }
  if (expr.text == "least") return CheckCommon(expr, nfa::Function::kLeast);
  if (expr.text == "greatest") return CheckCommon(expr, nfa::Function::kGreatest);
  if (expr.text == "risk") return CheckRisk(expr);
  if (expr.text == "lookup") return CheckLookup(expr, Flatten(expr));
  return UnknownFunction(expr);
}

ExpressionChecker::Checked ExpressionChecker::UnknownFunction(const Expr& expr) {
  for (const ExprPtr& operand : expr.operands) Check(*operand);
  if (expr.text == "first" || expr.text == "last") {
    Report("E0213", At(expr.span), "name a field: " + expr.text + "(step).field");
    return Bad(expr);
  }
  if (FindWindowFunction(expr.text)) {
    Report("E0318", At(expr.span), Quoted(expr.text) + " needs a window",
           "write " + expr.text + "(field over 1h)");
    return Bad(expr);
  }
  std::vector<std::string_view> names(FunctionNames().begin(), FunctionNames().end());
  for (const SharedName* shared : scope_->shared_names()) {
    if (shared->macro && !shared->macro->parameters.empty()) names.push_back(shared->macro->macro);
  }
  Report("E0205", At(expr.name_span), "unknown function " + Quoted(expr.text),
         DidYouMean(expr.text, names));
  return Bad(expr);
}

bool ExpressionChecker::CheckArgumentCount(const Expr& expr, std::size_t least, std::size_t most) {
  if (expr.operands.size() >= least && expr.operands.size() <= most) return true;
  for (const ExprPtr& operand : expr.operands) Check(*operand);
  Report("E0316", At(expr.span),
         Quoted(expr.text) + " takes " + CountText(least, most) + ", not " +
             std::to_string(expr.operands.size()));
  return false;
}

bool ExpressionChecker::CheckArgument(Checked* argument, Parameter parameter,
                                      std::string_view function) {
  if (argument->bad) return false;
  if (parameter == Parameter::kTimestamp) Adapt(argument, kTimestampType);
  if (parameter == Parameter::kIp) Adapt(argument, kIpType);
  Settle(argument);
  if (argument->bad) return false;
  const bool written = parameter == Parameter::kZone || parameter == Parameter::kNetwork;
  bool good = Takes(parameter, argument->type());
  if (good && written) {
    nfa::Constant& constant = argument->expr.constant;
    good = argument->expr.op == Op::kConstant && constant.kind == Kind::kString;
    if (good && parameter == Parameter::kZone) good = IsTimeZone(constant.text);
    if (good && parameter == Parameter::kNetwork) {
      const std::optional<std::string> network = NormalCidr(constant.text);
      good = network.has_value();
      constant.text = network.value_or("");
    }
  }
  if (good) return true;
  const bool text = written && argument->type().kind == Kind::kString;
  Report("E0317", argument->place,
         Quoted(function) + " takes " + ParameterText(parameter) + " here, " +
             (text ? "this is none" : "not " + WithArticle(argument->type())));
  argument->bad = true;
  return false;
}

ExpressionChecker::Checked ExpressionChecker::CheckFunction(const Expr& expr,
                                                            const FunctionRule& rule) {
  const std::size_t most = rule.repeated ? SIZE_MAX : rule.parameters.size();
  if (!CheckArgumentCount(expr, rule.required, most)) return Bad(expr);
  Checked result = Make(expr, Op::kCall, kNullType);
  result.expr.function = rule.function;
  std::vector<Type> types;
  for (std::size_t i = 0; i < expr.operands.size(); ++i) {
    Checked argument = Check(*expr.operands[i]);
    const Parameter parameter = rule.parameters[std::min(i, rule.parameters.size() - 1)];
    if (!CheckArgument(&argument, parameter, rule.name)) result.bad = true;
    const bool literal = argument.literal == Literal::kNumber;
    if (literal && rule.function == nfa::Function::kAbs && !argument.bad) {
      // abs(0.5) is as much a literal as -0.5: it takes its neighbour's type.
      if (!argument.number.starts_with('-')) return argument;
      argument.number.erase(0, 1);
      Adapt(&argument, argument.type());
      return argument;
    }
    types.push_back(argument.type());
    result.expr.args.push_back(std::move(argument.expr));
  }
  result.expr.type = ResultType(rule.result, types);
  return result;
}

ExpressionChecker::Checked ExpressionChecker::CheckCommon(const Expr& expr,
                                                          nfa::Function function) {
  if (!CheckArgumentCount(expr, 2, SIZE_MAX)) return Bad(expr);
  std::vector<Checked> arguments;
  for (const ExprPtr& operand : expr.operands) {
    arguments.push_back(Check(*operand));
    Checked& argument = arguments.back();
    if (argument.bad || IsOrdered(argument.type())) continue;
    Report("E0317", argument.place,
           Quoted(expr.text) + " takes values that have an order, not " +
               WithArticle(argument.type()));
    argument.bad = true;
  }
  const std::optional<Type> common =
      Unite(&arguments, At(expr.span), "the arguments of " + Quoted(expr.text));
  if (!common) return Bad(expr);
  Checked result = Make(expr, Op::kCall, *common);
  result.expr.function = function;
  for (Checked& argument : arguments) result.expr.args.push_back(std::move(argument.expr));
  return result;
}

ExpressionChecker::Checked ExpressionChecker::CheckIf(const Expr& expr) {
  if (!CheckArgumentCount(expr, 3, 3)) return Bad(expr);
  Checked condition = Check(*expr.operands[0]);
  RequireBool(&condition, "the first argument of `if`");
  std::vector<Checked> values;
  values.push_back(Check(*expr.operands[1]));
  values.push_back(Check(*expr.operands[2]));
  const std::optional<Type> common = Unite(&values, At(expr.span), "the values of `if`");
  if (!common || condition.bad) return Bad(expr);
  Checked result = Make(expr, Op::kCall, *common);
  result.expr.function = nfa::Function::kIf;
  result.expr.args.push_back(std::move(condition.expr));
  for (Checked& value : values) result.expr.args.push_back(std::move(value.expr));
  return result;
}

// risk(key): `key` is a word here, not a name.
ExpressionChecker::Checked ExpressionChecker::CheckRisk(const Expr& expr) {
  if (!CheckArgumentCount(expr, 1, 1)) return Bad(expr);
  const Expr& operand = *expr.operands[0];
  if (operand.kind != ExprKind::kName || operand.text != "key") {
    Report("E0317", At(operand.span), "`risk` is of the rule's key", "write risk(key)");
    return Bad(expr);
  }
  const Site site = site_->site;
  const bool alone = site == Site::kException || site == Site::kFeature || site == Site::kDerive;
  if (window_ || alone) {
    Report("E0212", At(expr.span), "a score of the rule's key cannot be asked for here",
           "risk(key) stands in conditions of steps, in the pattern's `where` and in alerts");
    return Bad(expr);
  }
  return Make(expr, Op::kRisk, kFloatType);
}

// lookup(table, key).field
ExpressionChecker::Checked ExpressionChecker::CheckLookup(const Expr& expr, const Chain& chain) {
  if (!CheckArgumentCount(expr, 2, 2)) return Bad(expr);
  Checked key = Check(*expr.operands[1]);
  const Expr& name = *expr.operands[0];
  const SetScope& set = scope_->set();
  const int index = name.kind == ExprKind::kName ? set.TableIndex(name.text) : -1;
  if (index < 0) {
    Report("E0519", At(name.span),
           name.kind == ExprKind::kName ? "unknown table " + Quoted(name.text)
                                        : "the first argument of `lookup` is a table's name",
           name.kind == ExprKind::kName ? DidYouMean(name.text, set.TableNames()) : "");
    return Bad(expr);
  }
  const TableSchema& table = set.tables()[static_cast<std::size_t>(index)]->schema();
  std::vector<std::string_view> fields;
  fields.reserve(table.fields.size());
  for (const FieldSchema& field : table.fields) fields.push_back(field.name);
  if (chain.members.empty()) {
    const std::string first = fields.empty() ? "field" : std::string(fields.front());
    Report("E0213", At(expr.span), "a row is not a value: name one of its fields",
           "write lookup(" + name.text + ", ..)." + first);
    return Bad(expr);
  }
  const std::string member = chain.Members();
  const int field = table.FieldIndex(member);
  if (field < 0) {
    Report("E0203", At(chain.members_span),
           "unknown field " + Quoted(member) + " of table " + Quoted(table.name),
           DidYouMean(member, fields));
    return Bad(expr);
  }
  if (!TurnTo(&key, table.key.type, "the key of table " + Quoted(table.name))) return Bad(expr);
  Checked result = Make(expr, Op::kLookup, table.fields[static_cast<std::size_t>(field)].type);
  result.expr.index = index;
  result.expr.column = field;
  result.expr.args.push_back(std::move(key.expr));
  return result;
}

// Makes the operand one of exactly this type, if that loses nothing; else it is reported.
bool ExpressionChecker::TurnTo(Checked* operand, Type type, const std::string& what) {
  if (operand->bad) return false;
  Adapt(operand, type);
  Settle(operand);
  if (operand->bad) return false;
  if (CommonType(operand->type(), type) != type) {
    Report("E0301", operand->place,
           what + " is " + WithArticle(type) + ", this is " + WithArticle(operand->type()));
    return false;
  }
  operand->expr = Converted(std::move(operand->expr), type);
  return true;
}

// The step that the aggregate's argument names; nullptr and reported if it names none.
const NamedSteps* ExpressionChecker::AggregatedStep(const Expr& expr, const Chain& chain) {
  const Expr& operand = *expr.operands[0];
  const bool count = expr.text == "count";
  const bool name =
      chain.root->kind == ExprKind::kName && ParameterIndex(*frame_, chain.root->text) < 0;
  const bool bare = chain.members.empty();
  const bool known = name && scope_->FindName(chain.root->text);
  if ((known || (count && name)) && count == bare) {
    return UsableName(chain.root->text, At(chain.root->span));
  }
  const int errors = reporter_->error_count();
  if (!known) Check(operand);
  if (reporter_->error_count() != errors) return nullptr;
  if (count) {
    Report("E0318", At(operand.span), "`count` takes the name of a step",
           "write count(step) or count(over 1h)");
  } else if (known) {
    Report("E0318", At(operand.span), Quoted(expr.text) + " takes a field of the step",
           "write " + expr.text + "(" + chain.root->text + ".field)");
  } else {
    Report("E0318", At(operand.span), Quoted(expr.text) + " takes a field of a step, or a window",
           AggregateHint(expr.text, bare && name ? chain.root->text : "field"));
  }
  return nullptr;
}

ExpressionChecker::Checked ExpressionChecker::CheckStepAggregate(const Expr& expr,
                                                                 nfa::Aggregate aggregate) {
  if (expr.operands.size() != 1) {
    for (const ExprPtr& operand : expr.operands) Check(*operand);
    Report("E0316", At(expr.span), Quoted(expr.text) + " takes one argument",
           AggregateHint(expr.text, "field"));
    return Bad(expr);
  }
  const Expr& operand = *expr.operands[0];
  const Chain chain = Flatten(operand);
  const NamedSteps* named = AggregatedStep(expr, chain);
  if (!named) return Bad(expr);
  Checked result = Make(expr, Op::kAggregate, kIntType);
  result.expr.aggregate = aggregate;
  result.expr.name = named->index;
  if (aggregate == nfa::Aggregate::kCount) return result;
  nfa::Expr bound;
  bound.op = Op::kBoundField;
  const Checked field = CheckStepField(operand, chain, *named, std::move(bound));
  if (field.bad) return Bad(expr);
  const std::optional<Type> type = AggregateType(aggregate, field.type());
  if (!type) {
    Report("E0317", At(operand.span),
           Quoted(expr.text) + " cannot be taken of values of type " + FormatType(field.type()));
    return Bad(expr);
  }
  result.expr.type = *type;
  result.expr.column = field.expr.column;
  return result;
}

}  // namespace shrike::rules
