#include "rules/derived_fields.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>

#include "base/yaml_tree.h"
#include "rules/expression_checker.h"
#include "rules/parser.h"
#include "rules/types.h"

namespace shrike::rules {
namespace {

// streams: { STREAM: { derive: { NAME: expression } } }
const YamlNode* FindNode(const YamlNode* root, const std::string& stream, const std::string& name) {
  const YamlNode* node = root;
  for (const std::string_view key : {std::string_view("streams"), std::string_view(stream),
                                     std::string_view("derive"), std::string_view(name)}) {
    if (node == nullptr || node->kind != YamlNode::Kind::kMap) return nullptr;
    node = node->Find(key);
  }
  return node;
}

// Where the expression stands; at the file's start if that is not known, at the scalar's start if its text is not what
// the file says (`${..}` was replaced).
SourceText Locate(std::string_view content, const YamlNode* node, const std::string& expression) {
  if (node != nullptr && node->text == expression) return MapSource(content, *node);
  SourceText source;
  source.text = expression;
  if (node != nullptr) source.file = node->span;
  for (std::uint32_t i = 0; i < expression.size(); ++i) {
    source.segments.push_back({i, source.file.begin});
  }
  return source;
}

}  // namespace

DerivedFields::DerivedFields(const SourceFile* config, SetScope* set, Reporter* reporter)
    : no_config_{"shrike.yaml", ""},
      config_(config ? config : &no_config_),
      set_(set),
      reporter_(reporter) {}

void DerivedFields::Declare() {
  const std::vector<StreamSchema>& streams = set_->catalog().streams;
  const bool any = std::any_of(streams.begin(), streams.end(),
                               [](const StreamSchema& stream) { return !stream.derive.empty(); });
  if (!any) return;
  // What is wrong with the file as YAML was said when the configuration was read.
  std::vector<Diagnostic> ignored;
  const std::optional<YamlNode> root = ReadYaml(config_->path, config_->content, &ignored);
  for (std::size_t stream = 0; stream < streams.size(); ++stream) {
    for (const DerivedField& derived : streams[stream].derive) {
      const YamlNode* node = root ? FindNode(&*root, streams[stream].name, derived.name) : nullptr;
      Field field{static_cast<int>(stream), derived.name, {}, kNullType};
      field.value.source = Locate(config_->content, node, derived.expression);
      auto parsed = ParseExpression(field.value.source.text);
      if (parsed.error) {
        const Place place = ScalarSource{config_, &field.value.source}.At(parsed.error->span);
        reporter_->Report(parsed.error->code, place, parsed.error->message,
                          parsed.error->suggestion);
      }
      field.value.expr = std::move(parsed.value);
      fields_.push_back(std::move(field));
      const std::optional<nfa::Expr> value = Check(fields_.back());
      if (value) fields_.back().type = value->type;
      set_->AddField(static_cast<int>(stream), derived.name, fields_.back().type);
    }
  }
  set_->ClearColumns();
}

std::optional<nfa::Expr> DerivedFields::Check(const Field& field) {
  if (!field.value.expr) return std::nullopt;
  nfa::RuleSpec spec;
  spec.sources.push_back({field.stream, {}});
  RuleScope scope(set_, &spec, reporter_);
  scope.HideSharedNames();
  scope.from = {{field.stream}, StreamsText(set_->catalog(), {field.stream}), false};
  const ScalarSource source{config_, &field.value.source};
  std::optional<nfa::Expr> value =
      ExpressionChecker(&scope).Value(source, *field.value.expr, {Site::kDerive, -1, scope.from});
  if (!value || !IsNull(value->type)) return value;
  reporter_->Report("E0304", source.At(field.value.expr->span),
                    "the derived field " + Quoted(field.name) + " is always null");
  return std::nullopt;
}

void DerivedFields::Fill(std::vector<nfa::DeriveSpec>* derives) {
  std::vector<nfa::DeriveSpec> last_first;
  // A field's expression may name the ones before it, which are then used too.
  for (const Field& field : fields_ | std::views::reverse) {
    const std::optional<int> column = set_->FindColumn(field.name, field.type);
    if (!column || IsNull(field.type)) continue;
    std::optional<nfa::Expr> value = Check(field);
    if (value) last_first.push_back({field.stream, *column, std::move(*value)});
  }
  derives->insert(derives->end(), std::make_move_iterator(last_first.rbegin()),
                  std::make_move_iterator(last_first.rend()));
}

}  // namespace shrike::rules
