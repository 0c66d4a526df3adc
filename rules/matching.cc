// `in`, `like`, `ilike`, `matches` (language.md, 4.9). A part of ExpressionChecker.
#include <algorithm>
#include <utility>

#include <re2/re2.h>

#include "base/suggest.h"
#include "rules/expression_checker.h"
#include "rules/literals.h"
#include "rules/types.h"

namespace shrike::rules {
namespace {

using nfa::Op;

const char* PatternOpText(Op op) {
  if (op == Op::kLike) return "`like`";
  return op == Op::kILike ? "`ilike`" : "`matches`";
}

// A list that is used as what it is not has as many faults as items: the first ones tell.
constexpr int kListFaultsMax = 20;

nfa::Expr ConstantList(Type element) {
  nfa::Expr list;
  list.op = Op::kConstant;
  list.type = ListType(element);
  list.constant.kind = Kind::kList;
  return list;
}

// The ints among a list's numbers become floats.
void MakeFloats(nfa::Expr* list) {
  for (nfa::Constant& item : list->constant.items) {
    if (item.kind != Kind::kInt) continue;
    item.kind = Kind::kFloat;
    item.number = static_cast<double>(item.integer);
  }
}

nfa::Constant TextConstant(std::string text) {
  nfa::Constant constant;
  constant.kind = Kind::kString;
  constant.text = std::move(text);
  return constant;
}

// What one item of the left side is.
Type ItemType(Type left) { return IsList(left) ? ElementType(left) : left; }

}  // namespace

const SharedName* ExpressionChecker::FindList(const Frame& frame, const Expr& expr) const {
  if (expr.kind != ExprKind::kName || ParameterIndex(frame, expr.text) >= 0) return nullptr;
  if (scope_->FindName(expr.text)) return nullptr;
  const SharedName* shared = scope_->Find(expr.text);
  return shared && shared->list ? shared : nullptr;
}

// The list's items and where they stand; nothing if its file could not be read, which was reported.
std::optional<ExpressionChecker::ListItems> ExpressionChecker::ItemsOf(const SharedName& shared) {
  if (shared.list->form != ListNode::Form::kFile) {
    return ListItems{shared.file, &shared.list->items};
  }
  const ListFile* list = scope_->set().FindListFile(*shared.list);
  if (list) return ListItems{&list->file, &list->items};
  reporter_->CountSilent();
  return std::nullopt;
}

ExpressionChecker::Checked ExpressionChecker::CheckMatch(const Expr& expr) {
  const Operator op = expr.operators[0];
  Checked result = op == Operator::kIn      ? CheckMembership(expr)
                   : op == Operator::kLike  ? CheckPattern(expr, Op::kLike)
                   : op == Operator::kILike ? CheckPattern(expr, Op::kILike)
                                            : CheckPattern(expr, Op::kMatches);
  if (!expr.negated) return result;
  Checked negated = Make(expr, Op::kNot, kBoolType);
  negated.bad = result.bad;
  negated.expr.args.push_back(std::move(result.expr));
  return negated;
}

// Whether the operand is a name that stands for nothing; then it is reported, with the lists that may be meant.
bool ExpressionChecker::IsUnknownList(const Frame& frame, const Expr& expr) {
  const bool name = expr.kind == ExprKind::kName && ParameterIndex(frame, expr.text) < 0;
  if (!name || scope_->FindName(expr.text) || scope_->Find(expr.text)) return false;
  const std::vector<int>& streams = CurrentEvents().streams;
  const FieldLookup lookup = scope_->FindField(streams, expr.text);
  if (lookup.field || lookup.fault == FieldFault::kTwoTypes || CurrentEvents().open) return false;
  std::vector<std::string_view> names = FieldNames(streams);
  for (const SharedName* shared : scope_->shared_names()) {
    if (shared->list) names.push_back(shared->name->text);
  }
  Report("E0203", frame.source.At(expr.span), "unknown list or field " + Quoted(expr.text),
         DidYouMean(expr.text, names));
  return true;
}

ExpressionChecker::Checked ExpressionChecker::CheckMembership(const Expr& expr) {
  Checked left = Check(*expr.operands[0]);
  const auto [frame, operand] = Behind(frame_, expr.operands[1].get());
  if (IsUnknownList(*frame, *operand)) return Bad(expr);
  const SharedName* shared = FindList(*frame, *operand);
  std::optional<nfa::Expr> list;
  if (shared) {
    Settle(&left);
    if (left.bad) return Bad(expr);
    list = ListOperand(*shared, ItemType(left.type()), At(expr.operands[1]->span));
  } else if (operand->kind == ExprKind::kList) {
    list = ItemsOperand(&left, *frame, *operand);
  } else {
    list = ValueOperand(&left, *frame, *operand);
  }
  if (!list || left.bad) return Bad(expr);
  Checked result = Make(expr, Op::kIn, kBoolType);
  result.expr.args.push_back(std::move(left.expr));
  result.expr.args.push_back(std::move(*list));
  return result;
}

// [a, b, c] written out: each item takes the type of the left side.
std::optional<nfa::Expr> ExpressionChecker::ItemsOperand(Checked* left, const Frame& frame,
                                                         const Expr& list) {
  std::vector<Checked> items;
  items.reserve(list.operands.size());
  for (const ExprPtr& child : list.operands) items.push_back(CheckIn(frame, *child));
  for (const Checked& item : items) {
    if (item.literal == Literal::kNone && !item.bad) Adapt(left, item.type());
  }
  Settle(left);
  const Type wanted = ItemType(left->type());
  Type common = kNullType;
  bool good = !left->bad;
  for (Checked& item : items) {
    if (left->literal == Literal::kNone) Adapt(&item, wanted);
    Settle(&item);
    good &= !item.bad;
    if (!good) continue;
    if (!AreComparable(wanted, item.type())) {
      Report("E0301", item.place,
             "an item of type " + FormatType(item.type()) + " is never equal to " +
                 WithArticle(wanted));
      good = false;
      continue;
    }
    common = CommonType(common, item.type()).value_or(common);
  }
  if (!good) return std::nullopt;
  const bool constant = std::all_of(items.begin(), items.end(), [](const Checked& item) {
    return item.expr.op == Op::kConstant;
  });
  nfa::Expr result = ConstantList(common);
  if (!constant) {
    result.op = Op::kList;
    result.constant = {};
  }
  for (Checked& item : items) {
    Adapt(&item, common);
    if (constant) {
      result.constant.items.push_back(std::move(item.expr.constant));
    } else {
      result.args.push_back(std::move(item.expr));
    }
  }
  return result;
}

// An expression whose value is a list.
std::optional<nfa::Expr> ExpressionChecker::ValueOperand(Checked* left, const Frame& frame,
                                                         const Expr& list) {
  Checked right = CheckIn(frame, list);
  if (left->bad || right.bad) return std::nullopt;
  if (!IsList(right.type())) {
    Report("E0306", right.place,
           "right of `in` stands a list, this is of type " + FormatType(right.type()),
           "write `==`, or put it in brackets");
    return std::nullopt;
  }
  const Type element = ElementType(right.type());
  Adapt(left, element);
  Settle(left);
  if (left->bad) return std::nullopt;
  if (!AreComparable(ItemType(left->type()), element)) {
    Report("E0301", left->place,
           WithArticle(ItemType(left->type())) + " is never in a " + FormatType(right.type()));
    return std::nullopt;
  }
  return std::move(right.expr);
}

// A list of the rule file, its items read as the type of the left side.
std::optional<nfa::Expr> ExpressionChecker::ListOperand(const SharedName& shared, Type element,
                                                        const Place& use) {
  const ListNode& list = *shared.list;
  const bool from_file = list.form == ListNode::Form::kFile;
  // A file says nothing of what it holds: for an ip, addresses and networks.
  const bool networks = from_file && element.kind == Kind::kIp;
  if (list.form == ListNode::Form::kCidr || networks) return NetworkList(shared, element, use);
  const std::optional<ListItems> items = ItemsOf(shared);
  // A list in a file has a bound of its own.
  if (!items || (!from_file && !TakeNodes(items->items->size(), use))) return std::nullopt;
  nfa::Expr result = ConstantList(element);
  int faults = 0;
  for (const TextNode& item : *items->items) {
    std::optional<TypedConstant> constant = IsNull(element) ? StringConstant(item.text, kStringType)
                                                            : ListItemConstant(item.text, element);
    if (!constant) {
      Report("E0312", {items->file, item.span},
             "item " + Quoted(item.text) + " of the list " + Quoted(list.name.text) + " is no " +
                 FormatType(element) + ", as which the list is used",
             "used at " + PlaceText(use));
      if (++faults == kListFaultsMax) break;
      continue;
    }
    result.type.scale = std::max(result.type.scale, constant->type.scale);
    // 2.5 in a list for an int is a float: the items of one list have one type.
    if (element.kind == Kind::kInt && constant->type.kind == Kind::kFloat) {
      result.type = ListType(kFloatType);
    }
    result.constant.items.push_back(std::move(constant->constant));
  }
  if (faults > 0) return std::nullopt;
  if (element.kind == Kind::kInt && result.type.element == Kind::kFloat) MakeFloats(&result);
  return result;
}

std::optional<nfa::Expr> ExpressionChecker::NetworkList(const SharedName& shared, Type element,
                                                        const Place& use) {
  if (element.kind != Kind::kIp && !IsNull(element)) {
    Report("E0301", use,
           "the list " + Quoted(shared.list->name.text) + " holds networks, but the left side is " +
               WithArticle(element));
    return std::nullopt;
  }
  const std::optional<ListItems> items = ItemsOf(shared);
  if (!items) return std::nullopt;
  nfa::Expr result = ConstantList(kStringType);
  int faults = 0;
  for (const TextNode& item : *items->items) {
    std::optional<std::string> network = NormalCidr(item.text);
    if (!network) {
      Report("E0312", {items->file, item.span}, "no network: " + Quoted(item.text),
             "write address/length: 10.0.0.0/8");
      if (++faults == kListFaultsMax) break;
      continue;
    }
    result.constant.items.push_back(TextConstant(std::move(*network)));
  }
  return faults == 0 ? std::optional(std::move(result)) : std::nullopt;
}

ExpressionChecker::Checked ExpressionChecker::CheckPattern(const Expr& expr, Op op) {
  Checked left = Check(*expr.operands[0]);
  Settle(&left);
  const Type type = ItemType(left.type());
  if (!left.bad && type.kind != Kind::kString && !IsNull(type)) {
    Report("E0313", left.place,
           "left of " + std::string(PatternOpText(op)) +
               " stands a string or a list of strings, "
               "this is of type " +
               FormatType(left.type()));
    left.bad = true;
  }
  std::optional<nfa::Expr> pattern = PatternOperand(*expr.operands[1], op);
  Checked result = Make(expr, op, kBoolType);
  result.bad = left.bad || !pattern;
  if (result.bad) return result;
  result.expr.args.push_back(std::move(left.expr));
  result.expr.args.push_back(std::move(*pattern));
  return result;
}

std::optional<nfa::Expr> ExpressionChecker::PatternOperand(const Expr& expr, Op op) {
  const auto [frame, operand] = Behind(frame_, &expr);
  if (IsUnknownList(*frame, *operand)) return std::nullopt;
  const SharedName* shared = FindList(*frame, *operand);
  if (shared) return PatternsOf(*shared, At(expr.span), op);
  if (operand->kind != ExprKind::kList) {
    std::optional<nfa::Constant> pattern = OnePattern(*frame, *operand, op);
    if (!pattern) return std::nullopt;
    nfa::Expr result;
    result.type = kStringType;
    result.constant = std::move(*pattern);
    return result;
  }
  nfa::Expr result = ConstantList(kStringType);
  bool good = true;
  for (const ExprPtr& child : operand->operands) {
    const auto [item_frame, item] = Behind(frame, child.get());
    std::optional<nfa::Constant> pattern = OnePattern(*item_frame, *item, op);
    good &= pattern.has_value();
    if (pattern) result.constant.items.push_back(std::move(*pattern));
  }
  return good ? std::optional(std::move(result)) : std::nullopt;
}

std::optional<nfa::Expr> ExpressionChecker::PatternsOf(const SharedName& shared, const Place& use,
                                                       Op op) {
  const ListNode& list = *shared.list;
  if (list.form == ListNode::Form::kCidr) {
    Report("E0314", use, "the list " + Quoted(list.name.text) + " holds networks, not patterns",
           "ask with `in`");
    return std::nullopt;
  }
  const std::optional<ListItems> items = ItemsOf(shared);
  if (!items) return std::nullopt;
  nfa::Expr result = ConstantList(kStringType);
  int faults = 0;
  for (const TextNode& item : *items->items) {
    std::optional<nfa::Constant> pattern = PatternText(item.text, {items->file, item.span}, op);
    if (!pattern && ++faults == kListFaultsMax) break;
    if (pattern) result.constant.items.push_back(std::move(*pattern));
  }
  return faults == 0 ? std::optional(std::move(result)) : std::nullopt;
}

// A string, or behind `matches` a regular expression.
std::optional<nfa::Constant> ExpressionChecker::OnePattern(const Frame& frame, const Expr& expr,
                                                           Op op) {
  const Place place = frame.source.At(expr.span);
  if (expr.kind == ExprKind::kString) return PatternText(expr.text, place, op);
  if (expr.kind == ExprKind::kRegex && op == Op::kMatches) {
    return PatternText((expr.ignore_case ? "(?i)" : "") + expr.text, place, op);
  }
  if (expr.kind == ExprKind::kRegex) {
    Report("E0307", place, "a regular expression can only stand right of `matches`");
    return std::nullopt;
  }
  const int errors = reporter_->error_count();
  CheckIn(frame, expr);
  if (reporter_->error_count() == errors) {
    Report("E0314", place,
           "right of " + std::string(PatternOpText(op)) +
               " stands a text written out, or a list "
               "of them",
           "to compare two values write `==`, contains(a, b) or starts_with(a, b)");
  }
  return std::nullopt;
}

std::optional<nfa::Constant> ExpressionChecker::PatternText(std::string text, const Place& place,
                                                            Op op) {
  if (op == Op::kMatches) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    const re2::RE2 regex(text, options);
    if (!regex.ok()) {
      Report("E0315", place, "the regular expression is refused: " + regex.error(),
             "the syntax is RE2's: it has no look-around and no back-references");
      return std::nullopt;
    }
  }
  return TextConstant(std::move(text));
}

}  // namespace shrike::rules
