// Features: named aggregates that rules and other features read (language.md, 4.11). A part of ExpressionChecker.
#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "rules/expression_checker.h"
#include "rules/from_checker.h"
#include "rules/types.h"

namespace shrike::rules {
namespace {

// Puts the parts of the scope's key in another order.
void Reorder(const std::vector<int>& order, RuleScope* scope) {
  const auto permute = [&](auto* parts) {
    auto permuted = *parts;
    for (std::size_t i = 0; i < order.size(); ++i) {
      permuted[i] = (*parts)[static_cast<std::size_t>(order[i])];
    }
    *parts = std::move(permuted);
  };
  for (nfa::SourceSpec& source : scope->spec().sources) permute(&source.key);
  for (std::vector<std::string>& names : scope->key_names) permute(&names);
  permute(&scope->key_types);
}

int Depth(const nfa::Expr& expr) {
  int depth = 0;
  for (const nfa::Expr& arg : expr.args) depth = std::max(depth, Depth(arg));
  return depth + 1;
}

}  // namespace

// The feature has streams and a key of its own, so it is checked in a scope of its own.
std::shared_ptr<const CheckedFeature> ReadFeature(const SharedName& feature, const RuleScope& outer,
                                                  const std::vector<int>& order) {
  const FeatureNode& node = *feature.feature;
  SetScope& set = outer.set();
  if (auto known = set.FindFeature(&node, order)) return known;
  auto checked = std::make_shared<CheckedFeature>();
  nfa::RuleSpec spec;
  Reporter* reporter = outer.reporter();
  RuleScope scope(&set, &spec, reporter);
  const ScalarSource from{feature.file, &node.from_source};
  const int errors = reporter->error_count();
  CheckSources(from, node.from, &scope);
  CheckPartitioning(from, node.from, scope);
  if (node.value.expr && reporter->error_count() == errors) {
    if (!order.empty()) Reorder(order, &scope);
    ExpressionChecker checker(&scope);
    const ExprSite site{Site::kFeature, -1, {{}, scope.from.text, scope.from.open}};
    ++set.open_features;
    checked->value = checker.Value({feature.file, &node.value.source}, *node.value.expr, site);
    --set.open_features;
    checked->depth = checker.feature_depth() + 1;
    checked->sources = spec.sources;
    checked->key_names = scope.key_names;
    checked->key_types = scope.key_types;
  }
  set.AddFeature(&node, order, checked);
  return checked;
}

// The part of the reader's key that is this part of the feature's, or -1. Where both have a stream its columns decide,
// otherwise names do.
int ExpressionChecker::ReaderPart(const CheckedFeature& feature, std::size_t part) const {
  for (const nfa::SourceSpec& source : feature.sources) {
    for (const nfa::SourceSpec& own : scope_->spec().sources) {
      if (own.stream != source.stream) continue;
      const auto found = std::find(own.key.begin(), own.key.end(), source.key[part]);
      return found == own.key.end() ? -1 : static_cast<int>(found - own.key.begin());
    }
  }
  for (const std::vector<std::string>& names : feature.key_names) {
    const int index = scope_->KeyIndex(names[part]);
    if (index >= 0) return index;
  }
  return -1;
}

// For each part of the reader's key the part of the feature's; nothing if the keys differ. Empty: the same order.
std::optional<std::vector<int>> ExpressionChecker::FeatureOrder(
    const CheckedFeature& feature) const {
  const std::size_t parts = feature.key_types.size();
  if (parts != scope_->key_types.size()) return std::nullopt;
  std::vector<int> order(parts, -1);
  for (std::size_t part = 0; part < parts; ++part) {
    const int reader = ReaderPart(feature, part);
    const auto index = static_cast<std::size_t>(reader);
    if (reader < 0 || order[index] >= 0) return std::nullopt;
    if (scope_->key_types[index].kind != feature.key_types[part].kind) return std::nullopt;
    order[index] = static_cast<int>(part);
  }
  std::vector<int> same(parts);
  std::iota(same.begin(), same.end(), 0);
  return order == same ? std::vector<int>() : order;
}

ExpressionChecker::Checked ExpressionChecker::CheckFeature(const Expr& expr,
                                                           const SharedName& shared) {
  if (shared.cyclic) return Bad(expr);
  std::shared_ptr<const CheckedFeature> feature;
  if (scope_->set().open_features < kNestingMax) feature = ReadFeature(shared, *scope_, {});
  const bool nested = site_->site == Site::kFeature;
  if (!feature || (nested && feature->depth >= kNestingMax)) {
    Report("E0215", At(expr.span),
           "features read each other deeper than " + std::to_string(kNestingMax));
    return Bad(expr);
  }
  // What is wrong with the feature itself was reported there.
  if (!feature->value || scope_->from.open) {
    reporter_->CountSilent();
    return Bad(expr);
  }
  const std::optional<std::vector<int>> order = FeatureOrder(*feature);
  if (!order) {
    Report("E0219", At(expr.span),
           "the feature " + Quoted(shared.name->text) + " has another key than " +
               (site_->site == Site::kFeature ? "this one" : "the rule"),
           "a feature is read by the key that it is kept for");
    return Bad(expr);
  }
  if (!order->empty()) feature = ReadFeature(shared, *scope_, *order);
  if (!feature->value || !TakeNodes(NodeCount(*feature->value), At(expr.span))) return Bad(expr);
  if (!CurrentHas({*feature->value}, CurrentEvents(), At(expr.span))) return Bad(expr);
  if (depth_ + Depth(*feature->value) > kExpressionDepthMax) {
    Report("E0215", At(expr.span),
           "the expression is nested deeper than " + std::to_string(kExpressionDepthMax) +
               " when its features are expanded");
    return Bad(expr);
  }
  feature_depth_ = std::max(feature_depth_, feature->depth);
  Checked result = Make(expr, nfa::Op::kConstant, feature->value->type);
  result.expr = OfCurrent(*feature->value);
  return result;
}

}  // namespace shrike::rules
