// Tested by: tests/nfa/program_test.cc, tests/nfa/key_state_test.cc.
#include "nfa/canonical.h"

#include <algorithm>

#include "base/value.h"

namespace shrike::nfa {

bool OverEventOnly(const Expr& expr) {
  switch (expr.op) {
    case Op::kBoundField:
    case Op::kAggregate:
    case Op::kKey:
    case Op::kWindow:
    case Op::kRisk:
      return false;
    default:
      break;
  }
  return std::all_of(expr.args.begin(), expr.args.end(), OverEventOnly);
}

bool OverKeyOnly(const Expr& expr) {
  if (expr.op == Op::kBoundField || expr.op == Op::kAggregate || expr.op == Op::kKey) return false;
  return std::all_of(expr.args.begin(), expr.args.end(), OverKeyOnly);
}

namespace {

void AppendConstant(const Constant& c, std::string* out) {
  out->push_back(static_cast<char>('0' + static_cast<int>(c.kind)));
  switch (c.kind) {
    case Kind::kNull:
      break;
    case Kind::kBool:
      out->append(c.boolean ? "t" : "f");
      break;
    case Kind::kFloat:
      AppendDouble(c.number, out);
      break;
    case Kind::kDecimal:
      out->append(FormatDecimal(c.decimal)).append("/").append(std::to_string(c.decimal.scale));
      break;
    case Kind::kString:
      AppendJsonString(c.text, out);
      break;
    case Kind::kIp:
      out->append(FormatIp(c.ip));
      break;
    case Kind::kList:
      out->push_back('[');
      for (const Constant& item : c.items) {
        AppendConstant(item, out);
        out->push_back(',');
      }
      out->push_back(']');
      break;
    default:
      out->append(std::to_string(c.integer));
      break;
  }
}

void AppendCanonical(const Expr& e, const RowLayout& layout, const SharedNames* names,
                     std::string* out) {
  const auto number = [&](std::int64_t n) { out->append(" ").append(std::to_string(n)); };
  const auto column = [&](int c) {
    if (c == kTimeColumn) {
      out->append(" ts");
      return;
    }
    const Column& named = layout.columns[static_cast<std::size_t>(c)];
    out->push_back(' ');
    AppendJsonString(named.name, out);
    out->append(FormatType(named.type));
  };
  const auto shared = [&](const std::vector<std::string>* called) {
    if (called == nullptr) {
      number(e.index);
      return;
    }
    out->push_back(' ');
    AppendJsonString((*called)[static_cast<std::size_t>(e.index)], out);
  };
  out->push_back('(');
  out->append(std::to_string(static_cast<int>(e.op)));
  switch (e.op) {
    case Op::kConstant:
      out->push_back(' ');
      AppendConstant(e.constant, out);
      break;
    case Op::kField:
      column(e.column);
      break;
    case Op::kKey:
      number(e.index);
      break;
    case Op::kBoundField:
      number(e.name);
      column(e.column);
      number(static_cast<int>(e.select));
      number(e.index);
      break;
    case Op::kAggregate:
      number(e.name);
      number(static_cast<int>(e.aggregate));
      if (e.aggregate != Aggregate::kCount) column(e.column);
      break;
    case Op::kCall:
      number(static_cast<int>(e.function));
      break;
    case Op::kWindow:
      shared(names == nullptr ? nullptr : &names->windows);
      break;
    case Op::kLookup:
      shared(names == nullptr ? nullptr : &names->tables);
      number(e.column);
      break;
    default:
      break;
  }
  for (const Expr& arg : e.args) AppendCanonical(arg, layout, names, out);
  out->push_back(')');
}

}  // namespace

std::string CanonicalText(const Expr& expr, const RowLayout& layout, const SharedNames& names) {
  std::string out;
  AppendCanonical(expr, layout, &names, &out);
  return out;
}

std::string CanonicalText(const Expr& expr, const RowLayout& layout) {
  std::string out;
  AppendCanonical(expr, layout, nullptr, &out);
  return out;
}

}  // namespace shrike::nfa
