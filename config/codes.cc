#include "config/codes.h"

#include <array>

namespace shrike::config {
namespace {

constexpr std::array<CodeInfo, 9> kCodes = {{
    {"E0601", "unknown key",
     "The configuration has a key that Shrike does not know. A misspelt key would otherwise be "
     "ignored without a word, and its default used. Correct or remove it."},
    {"E0602", "wrong kind of value",
     "A mapping, a list or one value stands where another of these is needed, for example a list "
     "where a stream's settings must be."},
    {"E0603", "missing key",
     "A key that has no default is not there. Without `streams`, for example, no rule can be "
     "checked, because the event types and fields are not known."},
    {"E0604", "value not allowed",
     "The value cannot be read as what the key needs: a duration (1h30m, 0ms for none), an integer "
     "within its limits, a type of a field, or one of a few words."},
    {"E0605", "reference without a value",
     "`${NAME}` stands for an environment variable and `${file:/path}` for the content of a file. "
     "The variable is not set, the file cannot be read, or the closing brace is missing. "
     "`${NAME:-text}` gives a value for a variable that is not set; `$${` is the text `${`."},
    {"E0606", "name not allowed",
     "A name is empty, given twice, or contradicts another one: a topic belongs to one stream, and "
     "a field cannot be one value and, by a longer path, an object at the same time."},
    {"E0607", "type does not fit the use",
     "The time field must be a timestamp or something that its unit can be read from (a number, "
     "or a string for rfc3339), and the type field must be a string. Both may be left out of "
     "`fields`."},
    {"E0608", "field not declared",
     "`partitioned_by` names a field that the stream does not declare. The keys of rules must "
     "contain these fields, so they have to be known. `redact` names declared and derived fields."},
    {"E0609", "table cannot be read",
     "The file of a table is missing or cannot be read, a declared column is not in it, a value is "
     "not of the declared type, a key is null or stands twice, or a row has more or fewer cells "
     "than the first, as in a file that is half-written."},
}};

}  // namespace

std::span<const CodeInfo> ConfigCodes() { return kCodes; }

}  // namespace shrike::config
