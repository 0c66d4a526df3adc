// E02xx to E09xx and W03xx: what the checker says. See rules/codes.h.
#include "rules/codes.h"

namespace shrike::rules {
namespace {

constexpr CodeInfo kCodes[] = {
    {"E0201", "unknown stream",
     "`from` and `stream.type` name streams that the configuration declares under `streams:`; in "
     "front of a type the stream must also stand in the rule's own `from`."},
    {"E0202", "unknown event type",
     "A step names an event type of a stream in `from`, or `event` for any of them. The types are "
     "listed in the configuration under `type: {types: [..]}`; a stream without that has one "
     "type, named like the stream. `count(.. over ..)` takes a type too, never a field."},
    {"E0203", "unknown field",
     "The field is not declared for the events that are looked at here. A bare name is a field of "
     "the current event (in alerts and `where`: of the key or the last bound event); `step.field` "
     "is one of an earlier step. Fields are declared in the configuration, nested ones by their "
     "dotted path."},
    {"E0204", "ambiguous event type",
     "Two streams of `from` have an event type of this name. Write the stream in front: "
     "`payments.txn`."},
    {"E0205", "unknown function",
     "There is no function, aggregate or macro with parameters of this name. Over a window "
     "(`over`) "
     "only count, sum, avg, min, max, stddev, distinct, first, last, rate, zscore, new and seen "
     "may stand."},
    {"E0206", "name used twice for different things",
     "A step, list, macro or feature must not be named like a field of the rule's streams (or the "
     "first part of a dotted one), nor like each other, and a macro with parameters not like a "
     "function: the reader could not tell which is meant. A step may be named like an event "
     "type."},
    {"E0207", "name declared twice",
     "Steps and choices of one pattern have different names, and lists, macros and features share "
     "one space of names over all files of the rule set. Rename or remove one of the two."},
    {"E0208", "unknown step",
     "No step or choice of the pattern has this name. Steps are named in front of their type: "
     "`probe: txn`."},
    {"E0209", "step is never bound",
     "A step inside `not` or `unless` binds no event, so nothing can be read from it and nothing "
     "can skip to it."},
    {"E0210", "step is bound later",
     "A condition may name its own step and steps to its left. A step further right holds no event "
     "yet when the condition is decided, also in a choice and in `all`. Write the condition at "
     "the later step, or into `where`, which looks at the whole match."},
    {"E0211", "macro or feature uses itself",
     "Macros are expanded where they stand, so one that reaches itself has no end; a feature "
     "cannot depend on its own value. The message shows the way round."},
    {"E0212", "name not allowed here",
     "Macros and aggregates over windows use fields, lists and parameters, never steps; an "
     "exception looks at one event before any step and uses neither steps nor aggregates. Hand a "
     "step's value to a macro as an argument: `big(probe.amount)`."},
    {"E0213", "not a value",
     "What is written here has no value of its own. A step needs a field (`probe.amount`, "
     "`first(probe).amount`, `probe[0].amount`) or `count(probe)`; a list stands right of `in`, "
     "`like` or `matches`; only steps have fields and can be indexed."},
    {"E0214", "expressions too large",
     "With all macros expanded the expressions of one rule may have 100,000 parts. Macros that use "
     "each other twice double at every level; use a smaller expression or an inline list."},
    {"E0215", "expression too deep",
     "With all macros expanded an expression may be 640 levels deep; a chain of `+` or `*` counts "
     "a level for each operand."},
    {"E0216", "field of two types",
     "The streams that this step or expression looks at declare the field with different types, so "
     "it has none here. Name the event type in place of `event`."},
    {"E0217", "wrong number of macro arguments",
     "A macro is used with as many arguments as it has parameters: `small(limit)` as "
     "`small(2.00)`; one without parameters as a bare name."},
    {"E0218", "event type must be named",
     "An aggregate over a window looks at events of one type. Inside a step that is the step's "
     "own; "
     "outside of steps, when `from` has several, it must be written: `sum(txn.amount over 1h)`. A "
     "feature has no current event at all."},
    {"E0219", "feature of another key",
     "A feature is kept for each value of its key and read by it, so only rules with the same key "
     "fields can use it."},
    {"E0220", "unknown list", "An override gives new values to a list of the rule set."},

    {"E0301", "types cannot be compared",
     "Numbers of all kinds compare with each other; otherwise both sides have the same type. A "
     "string literal next to a timestamp or an ip is read as one. Booleans have no order."},
    {"E0302", "operator not defined for these types",
     "Arithmetic takes numbers; of times: timestamp - timestamp, timestamp + or - duration, "
     "duration + or - duration, duration * or / number, duration / duration."},
    {"E0303", "condition is not true or false",
     "Conditions, sides of `and` and `or`, what stands behind `not`, and the first argument of "
     "`if` are of type bool. There is no truth of numbers or strings: write `amount != 0`, "
     "`name is not null`."},
    {"E0304", "no common type",
     "The operands of `??`, `if`, coalesce, least, greatest and the items of a list become one "
     "type: numbers of different kinds do, a number and a string do not."},
    {"E0305", "comparison of lists",
     "Lists are not compared. Ask for an element (`\"a\" in tags`, `tags in [..]`, `tags like "
     "..`) or take length(tags)."},
    {"E0306", "right of `in` stands no list",
     "Right of `in` stands a list in brackets, a list of the rule file, or a field that is a "
     "list."},
    {"E0307", "regular expression in the wrong place",
     "A text between slashes can only stand right of `matches`, alone or in a list."},
    {"E0308", "text is no time or address",
     "Next to a timestamp a text is read as RFC 3339 (\"2024-01-31T12:00:00Z\"), next to an ip as "
     "an address. Networks are asked for with cidr(ip, \"10.0.0.0/8\") or a list of networks."},
    {"E0309", "number out of range",
     "An int has 64 bits, a decimal 38 digits of which at most 18 behind the point, a float the "
     "range of a double."},
    {"E0310", "list of lists", "Lists hold plain values, no lists."},
    {"E0311", "index is no number written out",
     "`step[n]` takes a whole number from 0 on; 0 is the first event. Beyond the last it is "
     "null."},
    {"E0312", "list item of another type",
     "The items of a list are read as the type of what they are compared with: next to an int "
     "each must be an int. Networks are written address/length."},
    {"E0313", "left side is no text",
     "`like`, `ilike` and `matches` look at a string, or at the elements of a list of strings."},
    {"E0314", "pattern is not written out",
     "The pattern right of `like`, `ilike` and `matches` is a text in quotes, a regular expression "
     "(`matches`), or a list of these: it is compiled once, so it cannot come from a field."},
    {"E0315", "invalid regular expression",
     "Regular expressions are RE2's, so that no event can make one slow: there are no "
     "back-references and no look-around."},
    {"E0316", "wrong number of arguments",
     "The function takes another number of arguments. min and max aggregate over events; of "
     "several values take least and greatest."},
    {"E0317", "argument of the wrong type",
     "The function or aggregate is not defined for a value of this type. A time zone and a network "
     "must be written out and valid."},
    {"E0318", "aggregate of no step",
     "Without a window an aggregate is over the events bound to a step: count(probe), "
     "sum(probe.amount). With a window it is over the key's events: sum(amount over 1h)."},
    {"E0319", "window does not fit",
     "A window is longer than nothing and holds at most limits.window_events; `rate` needs a "
     "sliding or tumbling window."},
    {"E0320", "aggregates do not nest",
     "An aggregate over a window cannot stand inside another one. Give the inner one a name as a "
     "feature."},

    {"E0401", "too many steps",
     "A pattern may have 1,024 steps, alternatives and negated steps in all."},
    {"E0402", "name of a step that is never bound",
     "Steps inside `not` and `unless` say which events must not come. They bind none, so a name "
     "for them could not be used."},
    {"E0403", "condition cannot hold for the first event",
     "Inside its own condition a step's name means the events bound so far. For the first there "
     "are none: its fields are null, a comparison with null is not true, and the step never "
     "begins. Write `count(r) == 0 or ..`."},
    {"E0404", "pattern matches without an event",
     "Every element of the pattern is optional or negated. At least one step must bind an event."},
    {"E0405", "empty repetition", "A repetition `{n,m}` has n <= m and a maximum of at least 1."},
    {"E0406", "`until` on a loop with a maximum",
     "`until [c]` ends loops that would otherwise go on: `+`, `*` and `{n,}`."},
    {"E0407", "`greedy` with `combinations`",
     "A greedy loop takes whatever fits, combinations try to leave events out. Choose one."},
    {"E0408", "more events than a run may bind",
     "A repeat count, or the least number of events of a match, is above limits.bound_events: the "
     "pattern could never match. Count over a window instead, or raise the limit."},
    {"E0409", "`then every not`",
     "`every` lets a step also skip events that fit it. A `not` takes none, so it has no meaning "
     "there."},
    {"E0410", "bound on `not` inside the pattern",
     "A bound at the link to a `not` says how long nothing may come at the pattern's end. Where "
     "another step must follow, that step ends the wait; write the bound at its link."},
    {"E0411", "absence without a deadline",
     "`then not x` in last place matches when time has passed without x. It needs to know how "
     "long: a bound on its link, or `within` for the pattern."},
    {"E0412", "wait without a deadline",
     "A run would wait for the next event for ever, and its state would grow without end. Give "
     "the pattern a `within`, bound the link or loop, or say `unbounded: accept` if the key space "
     "is small."},
    {"E0413", "empty bound", "`within` takes a length of time above zero."},
    {"E0414", "pattern too wide",
     "The pattern is well-formed, but its automaton is larger than the engine takes: too many ways "
     "on from one step, or too many counted loops inside each other. Split the rule, or use fewer "
     "optional steps and loops in a row."},

    {"E0501", "stream without a key",
     "Either all streams of `from` have keys or none. `by` holds for the streams before it that "
     "have none of their own."},
    {"E0502", "stream named twice", "Each stream stands once in `from`."},
    {"E0503", "keys of different types",
     "The keys of all streams, and the `by` of all steps, have the same number of fields with the "
     "same types: equal keys are compared across them."},
    {"E0504", "field cannot be a key", "Lists and the event's time are no keys."},
    {"E0505", "field twice in a key", "Each field stands once in a key."},
    {"E0506", "key does not contain the partitioning",
     "Events of one key must come to one worker. The stream's partitions are cut by the fields of "
     "`partitioned_by`; if they are not part of the rule's key, the events must be sent through "
     "an internal topic: `repartition: auto`."},
    {"E0507", "id is not in kebab-case",
     "A rule's id is made of small letters, digits and single `-` between them. It is part of "
     "alert ids and of stored state, and stays the same for ever."},
    {"E0508", "invalid version", "A version is a whole number from 1 on."},
    {"E0509", "unknown value",
     "severity: info, low, medium, high, critical. mode: live, shadow, off."},
    {"E0510", "empty length of time",
     "`for` of `suppress`, `every` of `emit` and `learn` take a length of time above zero."},
    {"E0511", "score out of range", "A score is a whole number from 0 to 100."},
    {"E0512", "two rules with one id", "Ids are unique over all files of the rule set."},
    {"E0513", "unknown rule", "An override names a rule of the same rule set by its id."},
    {"E0514", "second override",
     "A rule has at most one override in the rule set, so that its effect does not depend on the "
     "order of files."},
    {"E0515", "emitted fields do not fit",
     "A rule that emits into a stream gives every field that the stream declares, under the same "
     "name and with a type that fits, in `alert.fields`."},
    {"E0516", "suppression across partitions",
     "The alerts that one suppression window counts must come from one worker, so its `by` "
     "contains the fields that the streams are partitioned by."},

    {"E0517", "stream is not emitted into",
     "A rule emits into a stream that the configuration declares with `derived: true` and that has "
     "one event type. Other streams hold what comes from outside."},
    {"E0518", "rules feed each other",
     "What a rule emits must not come back to it, neither straight nor through other rules and "
     "their features: one event would make events without end."},
    {"E0519", "unknown table",
     "`lookup(table, key).field` reads a table that the configuration declares under `tables:`."},
    {"E0520", "list cannot be read",
     "The file of a list is missing, cannot be read, is no UTF-8 text, has no such column, or has "
     "rows of different lengths, as a file that is half-written. Without `column:` each line is a "
     "value; blank lines and lines that begin with `#` are none. With it the file is CSV and its "
     "first row names the columns."},

    {"E0901", "not yet supported",
     "The language has this, but this version does not evaluate it. It is refused, not ignored, "
     "because a rule that silently does less than it says is worse than none."},

    {"W0301", "one key for all events",
     "Without `by` all events of the streams share one key: one worker does the whole rule, and "
     "`next` and skipping look at all events."},
    {"W0302", "aggregate is not filtered",
     "An aggregate over a window counts all events of the step's type; the step's other conditions "
     "do not filter it. Repeat what should filter it in a `where`, or write `where true` to say "
     "that all are meant."},
    {"W0303", "`not` that guards nothing",
     "`then not x next b`: b is the very next event, so no x can come between."},
    {"W0304", "loop before a final `not`",
     "Each admissible length of the loop waits for its own absence, so one burst alerts several "
     "times. For inactivity after the last event write `a then within 30m not (a or b)`."},
    {"W0305", "`by` that fits nothing",
     "The `by` of a `not` or `unless` is compared with the run's own key. No step binds that "
     "before, so nothing is equal to it."},
    {"W0306", "comparison with null",
     "A comparison with null is unknown, so the condition is never true. Ask with `is null` or "
     "`is not null`."},
};

}  // namespace

std::span<const CodeInfo> CheckCodes() { return kCodes; }

}  // namespace shrike::rules
