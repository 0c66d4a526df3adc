// What the grammar does with what it reads: the syntax tree's pieces, put together. Only rules/parser.cc uses it.
//
// Every action has the rule's value, the part just read, and the state of the run. A part that is not a Token may be
// moved from. Actions that return bool refuse with false: then a rule beside the grammar is broken, and state->refused
// says which. Kinds come from the token: `-` begins a negation, `[` a list.
#ifndef SHRIKE_RULES_PARSER_ACTIONS_H_
#define SHRIKE_RULES_PARSER_ACTIONS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/lexer.h"
#include "rules/parser.h"

namespace shrike::rules {

// One run of the grammar over the tokens of a text.
struct ParseState {
  std::string_view text;
  bool recording = false;                  // the run that looks for the error
  const Token* furthest = nullptr;         // no terminal failed behind it
  std::vector<std::string_view> expected;  // human names of what could have stood there
  std::optional<SyntaxError> refused;      // the first one
};

// Of a call, until it is one.
struct Arguments {
  std::vector<ExprPtr> operands;
  std::unique_ptr<Window> window;
};

// -- expressions
void MakeAtom(ExprPtr& value, Token& token, ParseState& state);  // a name or a literal
void BeginNode(ExprPtr& value, Token& token,
               ParseState& state);  // `not`, `-`, `[`, `(`: operands follow
void AddOperand(ExprPtr& value, ExprPtr& part, ParseState& state);
// The value becomes the first operand of the operator's node, unless it is such a node already.
void AddOperator(ExprPtr& value, Token& token, ParseState& state);
void AddNegatedOperator(ExprPtr& value, Token& token,
                        ParseState& state);  // a `not` stood before it
bool RefuseChain(ExprPtr& value, Token& token, ParseState& state);
void MakeCall(ExprPtr& value, Arguments& part, ParseState& state);
void AddMember(ExprPtr& value, Token& token, ParseState& state);
void AddIndex(ExprPtr& value, ExprPtr& part, ParseState& state);
void EndAt(ExprPtr& value, Token& token, ParseState& state);

void AddArgument(Arguments& value, ExprPtr& part, ParseState& state);
void SetWindow(Arguments& value, Window& part, ParseState& state);
void SetWindowKind(Window& value, Token& token, ParseState& state);
void SetLength(Window& value, Token& token, ParseState& state);
void SetEvents(Window& value, Token& token, ParseState& state);
bool SetWindowBy(Window& value, Keys& part, ParseState& state);
bool SetWindowWhere(Window& value, ExprPtr& part, ParseState& state);
bool SetExcluding(Window& value, Token& token, ParseState& state);

// -- steps
void AddPart(Path& value, Token& token, ParseState& state);
void AddPath(Keys& value, Path& part, ParseState& state);
void SetLabel(Name& value, Token& token, ParseState& state);
void SetStepName(Step& value, Name& part, ParseState& state);
void SetType(Step& value, Token& token, ParseState& state);
void SetQualifiedType(Step& value, Token& token,
                      ParseState& state);  // what was the type is the stream
void SetStepBy(Step& value, Keys& part, ParseState& state);
void SetCondition(Step& value, ExprPtr& part, ParseState& state);
bool RefuseLabel(Step& value, Name& part, ParseState& state);

void SetMin(Quantifier& value, Token& token, ParseState& state);
void SetOpenEnd(Quantifier& value, Token& token, ParseState& state);  // a comma behind the minimum
void SetMax(Quantifier& value, Token& token, ParseState& state);
void SetSign(Quantifier& value, Token& token, ParseState& state);  // + * ?
void SetModifier(Quantifier& value, Token& token,
                 ParseState& state);  // consecutive combinations greedy
void SetUntil(Quantifier& value, ExprPtr& part, ParseState& state);

// -- elements and patterns
void BeginElement(Element& value, Token& token,
                  ParseState& state);  // `not`, `all`, or the `(` of a choice
void SetChoiceName(Element& value, Name& part, ParseState& state);
void SetParenthesised(Element& value, Token& token, ParseState& state);
void AddStep(Element& value, Step& part, ParseState& state);
void SetGroup(Element& value, Sequence& part, ParseState& state);
bool RefuseGroupLabel(Element& value, Name& part, ParseState& state);
void SetQuantifier(Element& value, Quantifier& part, ParseState& state);
void SetLinkKind(Link& value, Token& token, ParseState& state);
void SetLinkWithin(Link& value, Token& token, ParseState& state);
void SetLink(Element& value, Link& part, ParseState& state);
void SetLinked(Element& value, Element& part, ParseState& state);  // the value keeps its link
void AddElement(Sequence& value, Element& part, ParseState& state);

void SetStream(Source& value, Token& token, ParseState& state);
void SetSourceBy(Source& value, Keys& part, ParseState& state);
void AddSource(std::vector<Source>& value, Source& part, ParseState& state);
void SetSources(Pattern& value, std::vector<Source>& part, ParseState& state);
void SetSequence(Pattern& value, Sequence& part, ParseState& state);
void SetSkipKind(Skip& value, Token& token, ParseState& state);
void SetSkipName(Skip& value, Token& token, ParseState& state);
void BeginClause(Pattern& value, Token& token, ParseState& state);
bool SetUnless(Pattern& value, Step& part, ParseState& state);
bool SetWhere(Pattern& value, ExprPtr& part, ParseState& state);
bool SetWithin(Pattern& value, Token& token, ParseState& state);
bool SetSkip(Pattern& value, Skip& part, ParseState& state);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_PARSER_ACTIONS_H_
