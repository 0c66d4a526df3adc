// AlertSink: the port that alerts leave by. Adapters: alerts/file, later alerts/kafka.
#ifndef SHRIKE_ALERTS_ALERT_SINK_H_
#define SHRIKE_ALERTS_ALERT_SINK_H_

#include <string_view>

#include "base/result.h"

namespace shrike::alerts {

// One encoded alert. Borrowed for the call.
struct AlertRecord {
  std::string_view key;   // the subject: the Kafka record key; empty: none
  std::string_view json;  // one line, without a newline
  bool shadow = false;    // of a rule in mode shadow
};

class AlertSink {
 public:
  virtual ~AlertSink() = default;

  // Takes the alert, in order. It may be held back until Flush.
  // Errors: kIo; alerts since the last good Flush may be lost or stand in part, and the sink takes no more.
  virtual Result<void> Write(const AlertRecord& alert) = 0;

  // Everything written is handed over when this returns.
  virtual Result<void> Flush() = 0;
};

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_ALERT_SINK_H_
