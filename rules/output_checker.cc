#include "rules/output_checker.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "rules/types.h"

namespace shrike::rules {
namespace {

class OutputChecker {
 public:
  OutputChecker(const RuleFile& file, const RuleNode& rule, const RuleScope& scope)
      : file_(file), rule_(rule), scope_(scope) {}

  void Run() {
    CheckRedact();
    if (rule_.suppress) CheckSuppress(*rule_.suppress);
    if (rule_.emit) CheckEmit(*rule_.emit);
  }

 private:
  void Report(std::string_view code, FileSpan span, std::string message,
              std::string suggestion = "") {
    scope_.reporter()->Report(code, {&file_, span}, std::move(message), std::move(suggestion));
  }
  void Unsupported(FileSpan span, std::string_view what) {
    Report("E0901", span, Quoted(what) + " is not yet supported");
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

  void CheckRedact() {
    if (rule_.redact.empty()) return;
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
    Unsupported(rule_.redact.front().span, "redact");
  }

  void CheckSuppress(const SuppressNode& suppress) {
    if (suppress.length.value <= 0) {
      Report("E0510", suppress.length.span, "alerts are suppressed for longer than nothing");
    }
    for (const TextNode& field : suppress.by) {
      if (scope_.KeyIndex(field.text) >= 0 || FindAlertField(field.text)) continue;
      std::string suggestion = DidYouMean(field.text, OutputNames());
      if (suggestion.empty()) suggestion = "only key fields and alert fields can be named here";
      Report("E0203", field.span, "unknown field " + Quoted(field.text), std::move(suggestion));
    }
    if (!suppress.by.empty()) CheckSuppressPartition(suppress);
    Unsupported(suppress.length.span, "suppress");
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
      const auto index = static_cast<std::size_t>(stream);
      for (const FieldSchema& field : scope_.set().catalog().streams[index].fields) {
        CheckEmitted(emit, field);
      }
    }
    Unsupported(emit.stream.span, "emit");
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
    const std::vector<nfa::AlertField>& checked = scope_.spec().alert.fields;
    const auto value = std::find_if(checked.begin(), checked.end(),
                                    [&](const auto& known) { return known.name == field.name; });
    if (value == checked.end()) return;  // It has a mistake of its own.
    if (CommonType(value->value.type, field.type) == field.type) return;
    Report("E0515", given->value.source.file,
           "the field is " + WithArticle(value->value.type) + ", but stream " +
               Quoted(emit.stream.text) + " declares " + WithArticle(field.type));
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
