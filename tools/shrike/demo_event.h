// DemoEvent: one event of the demo's stream `payments`, and how it looks as JSON.
//
// The stream is one topic of JSON lines with `type: {field: type, types: [txn, refund, verification, login,
// profile_change]}`, `time: {field: ts, unit: ms, out_of_order: 5s}` and these fields; what an event type does not
// have is absent.
//
//   field     type        in             what
//   ts        timestamp   all            ms since the epoch
//   type      string      all            the event type
//   user      string      all            "u00042"
//   card      string      txn refund verification   "c00042": one a user, of the same number
//   amount    decimal(2)  txn refund     in `currency`
//   currency  string      txn refund     "EUR", "GBP", ..: of the place where it is paid
//   status    string      txn login      "approved" or "declined"; of a login "ok" or "failed"
//   result    string      verification   "passed" or "failed" (3-D Secure)
//   merchant  string      txn refund     "m0007"
//   mcc       int         txn refund     merchant category: 5411 groceries, 6011 cash machine, 7995 gambling, ..
//   channel   string      txn            "pos", "online" or "atm"
//   country   string      txn login      "DE"
//   city      string      txn            "Berlin"
//   lat, lon  float       txn            of the city, degrees; not for channel "online"
//   device    string      login profile_change, txn online      "d00042" is the user's own
//   ip        ip          login profile_change, txn online
//   changed   string      profile_change "password", "email", "phone" or "address"
//   story     string      planted ones   the kind of story the event belongs to (DemoStory): a label, not for rules
#ifndef SHRIKE_TOOLS_SHRIKE_DEMO_EVENT_H_
#define SHRIKE_TOOLS_SHRIKE_DEMO_EVENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace shrike::tools {

// What the generator plants among ordinary traffic. In the order of kStoryNames.
enum class DemoStory : std::uint8_t {
  kNone,
  kCardTesting,  // small declined online payments of one card, then a large approved one
  kAccountTakeover,  // failed logins, one that works from a new device, a changed password, a large payment
  kImpossibleTravel,  // one card at two counters more than 1,000 km apart within an hour
  kVelocity,          // ten approved payments of one card within two minutes
  kMissingVerification,  // a large online payment that nobody verifies (ordinary ones are verified within a minute)
  kCashOut,      // a gambling payment, then cash from four machines within half an hour
  kRefundAbuse,  // a small purchase, then three refunds that exceed it
  kBinAttack,    // 25 cards declined at one merchant within a minute
};
inline constexpr int kDemoStoryCount = 9;  // with kNone

std::string_view DemoStoryName(DemoStory story);         // "card_testing"; "" for kNone
std::string_view DemoStoryDescription(DemoStory story);  // one line for people

enum class DemoType : std::uint8_t { kTxn, kRefund, kVerification, kLogin, kProfileChange };
enum class DemoChannel : std::uint8_t { kPos, kOnline, kAtm };

inline constexpr int kDemoCityCount = 12;
inline constexpr int kDemoMerchantCount = 400;

struct DemoEvent {
  TimestampMs ts = 0;
  DemoType type = DemoType::kTxn;
  DemoStory story = DemoStory::kNone;
  DemoChannel channel = DemoChannel::kPos;
  bool good = true;            // approved, ok, passed
  std::uint8_t city = 0;       // below kDemoCityCount
  std::uint8_t changed = 0;    // 0 password, 1 email, 2 phone, 3 address
  std::uint16_t merchant = 0;  // below kDemoMerchantCount
  std::uint32_t user = 0;
  std::uint32_t device = 0;  // the user's own has the user's number
  std::uint32_t ip = 0;      // IPv4
  std::int64_t cents = 0;    // amount
};

// Merchant category of a merchant; cash machines and gambling have numbers of their own.
int DemoMerchantCategory(std::uint16_t merchant);
inline constexpr std::uint16_t kDemoCasinoFirst = 390;  // to 394: 7995
inline constexpr std::uint16_t kDemoAtmFirst = 395;     // to 399: 6011

// Appends the event as one line of JSON, without a newline.
void AppendDemoEvent(const DemoEvent& event, std::string* out);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_DEMO_EVENT_H_
