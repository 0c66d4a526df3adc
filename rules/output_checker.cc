#include "rules/output_checker.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "rules/expression_checker.h"
#include "rules/literals.h"
#include "rules/types.h"

namespace shrike::rules {
namespace {

class OutputChecker {
 public:
  OutputChecker(const RuleFile& file, const RuleNode& rule, const RuleScope& scope)
      : file_(file), rule_(rule), scope_(scope) {}

  void Run() {
    CheckRedact();
    FillRedact();
    if (rule_.suppress) CheckSuppress(*rule_.suppress);
    if (rule_.emit) CheckEmit(*rule_.emit);
  }

 private:
  void Report(std::string_view code, FileSpan span, std::string message,
              std::string suggestion = "") {
    scope_.reporter()->Report(code, {&file_, span}, std::move(message), std::move(suggestion));
  }

  const NamedExpr* FindAlertField(std::string_view name) const {
    const auto found =
        std::find_if(rule_.alert_fields.begin(), rule_.alert_fields.end(),
                     [&](const NamedExpr& field) { return field.name.text == name; });
    return found == rule_.alert_fields.end() ? nullptr : &*found;
  }

  // Key fields and alert fields.
  std::vector<std::string_view> OutputNames() const {
    std::vector<std::string_view> names;
    names.reserve(rule_.alert_fields.size());
    for (const NamedExpr& field : rule_.alert_fields) names.push_back(field.name.text);
    for (const std::vector<std::string>& source : scope_.key_names) {
      names.insert(names.end(), source.begin(), source.end());
    }
    return names;
  }

  // What the rule or one of its streams hides.
  void FillRedact() {
    std::vector<std::string>& redact = scope_.spec().alert.redact;
    const auto add = [&](const std::string& field) {
      if (std::find(redact.begin(), redact.end(), field) == redact.end()) redact.push_back(field);
    };
    for (const TextNode& field : rule_.redact) add(field.text);
    for (const int stream : scope_.from.streams) {
      const StreamSchema& schema = scope_.set().catalog().streams[static_cast<std::size_t>(stream)];
      for (const std::string& field : schema.redact) add(field);
    }
  }

  void CheckRedact() {
    const std::vector<int>& streams = scope_.from.streams;
    for (const TextNode& field : rule_.redact) {
      const FieldLookup lookup = scope_.FindField(streams, field.text);
      // A field of two types is one that may be hidden, too.
      const bool known = lookup.field || lookup.fault == FieldFault::kTwoTypes ||
                         FindAlertField(field.text) || scope_.from.open;
      if (known) continue;
      std::vector<std::string_view> names = OutputNames();
      for (const int stream : streams) scope_.set().AppendFieldNames(stream, &names);
      Report("E0203", field.span, "unknown field " + Quoted(field.text),
             DidYouMean(field.text, names));
    }
  }

  void CheckSuppress(const SuppressNode& suppress) {
    if (suppress.length.value <= 0) {
      Report("E0510", suppress.length.span, "alerts are suppressed for longer than nothing");
    }
    nfa::SuppressSpec spec{suppress.length.value, {}};
    for (const TextNode& field : suppress.by) {
      const std::optional<nfa::SuppressSpec::Part> part = SuppressPart(field);
      if (part) spec.by.push_back(*part);
    }
    if (!suppress.by.empty()) CheckSuppressPartition(suppress);
    for (std::size_t i = 0; suppress.by.empty() && i < scope_.key_types.size(); ++i) {
      spec.by.push_back({false, static_cast<int>(i)});
    }
    scope_.spec().alert.suppress = std::move(spec);
  }

  // A key field, else an alert field.
  std::optional<nfa::SuppressSpec::Part> SuppressPart(const TextNode& name) {
    const int part = scope_.KeyIndex(name.text);
    if (part >= 0) return nfa::SuppressSpec::Part{false, part};
    const std::vector<nfa::AlertField>& fields = scope_.spec().alert.fields;
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& field) { return field.name == name.text; });
    if (found != fields.end()) {
      if (!IsList(found->value.type)) {
        return nfa::SuppressSpec::Part{true, static_cast<int>(found - fields.begin())};
      }
      Report("E0504", name.span, "the alert field " + Quoted(name.text) + " is a list");
    } else if (!FindAlertField(name.text)) {
      std::string suggestion = DidYouMean(name.text, OutputNames());
      if (suggestion.empty()) suggestion = "only key fields and alert fields can be named here";
      Report("E0203", name.span, "unknown field " + Quoted(name.text), std::move(suggestion));
    }
    return std::nullopt;
  }

  // The alerts of one window must come to one worker.
  void CheckSuppressPartition(const SuppressNode& suppress) {
    for (std::size_t i = 0; i < scope_.key_names.size(); ++i) {
      const auto stream = static_cast<std::size_t>(scope_.spec().sources[i].stream);
      for (const std::string& field : scope_.set().catalog().streams[stream].partitioned_by) {
        const int part = scope_.KeyIndex(field);
        const bool named =
            std::any_of(suppress.by.begin(), suppress.by.end(), [&](const TextNode& by) {
              return by.text == field || (part >= 0 && scope_.KeyIndex(by.text) == part);
            });
        if (named) continue;
        Report("E0516", suppress.span,
               "`by` must contain " + Quoted(field) + ", by which the stream is partitioned");
        return;
      }
    }
  }

  void CheckEmit(const EmitNode& emit) {
    const int stream = scope_.set().StreamIndex(emit.stream.text);
    if (stream < 0) {
      std::vector<std::string_view> names;
      for (const StreamSchema& known : scope_.set().catalog().streams) names.push_back(known.name);
      Report("E0201", emit.stream.span, "unknown stream " + Quoted(emit.stream.text),
             DidYouMean(emit.stream.text, names));
    } else {
      const StreamSchema& schema = scope_.set().catalog().streams[static_cast<std::size_t>(stream)];
      CheckEmitStream(emit, schema);
      nfa::EmitSpec spec;
      spec.stream = stream;
      spec.event_type = scope_.set().EventTypeId({stream, 0});
      if (emit.every) spec.every = emit.every->value;
      scope_.spec().emit = std::move(spec);
      for (const FieldSchema& field : schema.fields) {
        if (field.name != schema.type_field) CheckEmitted(emit, field);
      }
    }
    if (emit.every && emit.every->value <= 0) {
      Report("E0510", emit.every->span, "the interval of `every` is longer than nothing");
    }
  }

  void CheckEmitStream(const EmitNode& emit, const StreamSchema& schema) {
    if (!schema.derived) {
      Report("E0517", emit.stream.span,
             "stream " + Quoted(schema.name) + " is not declared as one that rules emit into",
             "write `derived: true` at the stream in the configuration");
    } else if (schema.event_types.size() > 1) {
      Report("E0517", emit.stream.span,
             "stream " + Quoted(schema.name) + " has several event types: which one is emitted?",
             "declare a stream for each");
    }
  }

  // The alert gives each field of the stream, with its type.
  void CheckEmitted(const EmitNode& emit, const FieldSchema& field) {
    const NamedExpr* given = FindAlertField(field.name);
    if (!given) {
      Report("E0515", emit.stream.span,
             "the alert has no field " + Quoted(field.name) + ", which stream " +
                 Quoted(emit.stream.text) + " declares");
      return;
    }
    std::vector<nfa::AlertField>& checked = scope_.spec().alert.fields;
    const auto value = std::find_if(checked.begin(), checked.end(),
                                    [&](const auto& known) { return known.name == field.name; });
    if (value == checked.end()) return;  // It has a mistake of its own.
    AdaptNumber(field.type, &value->value);
    if (CommonType(value->value.type, field.type) == field.type) {
      value->value = Converted(std::move(value->value), field.type);
      return;
    }
    Report("E0515", given->value.source.file,
           "the field is " + WithArticle(value->value.type) + ", but stream " +
               Quoted(emit.stream.text) + " declares " + WithArticle(field.type));
  }

  // A number that is written out takes the field's type, as it takes that of a neighbour.
  static void AdaptNumber(Type type, nfa::Expr* value) {
    const bool number = value->op == nfa::Op::kConstant && IsNumber(value->type);
    if (!number || value->type.kind == Kind::kDecimal || type.kind != Kind::kDecimal) return;
    std::string text;
    if (value->type.kind == Kind::kInt) {
      text = std::to_string(value->constant.integer);
    } else {
      AppendDouble(value->constant.number, &text);
    }
    std::optional<TypedConstant> decimal = NumberConstant(text, type);
    if (!decimal || decimal->type.scale > type.scale) return;
    value->type = decimal->type;
    value->constant = std::move(decimal->constant);
  }

  const RuleFile& file_;
  const RuleNode& rule_;
  const RuleScope& scope_;
};

}  // namespace

void CheckOutput(const RuleFile& file, const RuleNode& rule, const RuleScope& scope) {
  OutputChecker(file, rule, scope).Run();
}

}  // namespace shrike::rules
