// Time zone names, as functions of times take them.
#ifndef SHRIKE_RULES_TIME_ZONE_H_
#define SHRIKE_RULES_TIME_ZONE_H_

#include <string>

namespace shrike::rules {

// Whether the time zone database of this machine has the name: "Europe/Berlin". The first call reads the database.
bool IsTimeZone(const std::string& name);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_TIME_ZONE_H_
