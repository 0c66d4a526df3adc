#include "rules/time_zone.h"

#include <exception>

#include <date/tz.h>

namespace shrike::rules {

bool IsTimeZone(const std::string& name) {
  try {
    return date::locate_zone(name) != nullptr;
  } catch (const std::exception&) {  // The library's way to say that there is no such zone.
    return false;
  }
}

}  // namespace shrike::rules
