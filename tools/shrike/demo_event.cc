#include "tools/shrike/demo_event.h"

#include <fmt/format.h>

#include <iterator>

namespace shrike::tools {
namespace {

struct City {
  std::string_view name, country, currency, lat, lon;
};

constexpr City kCities[kDemoCityCount] = {
    {"Berlin", "DE", "EUR", "52.52", "13.405"},
    {"Paris", "FR", "EUR", "48.857", "2.352"},
    {"Madrid", "ES", "EUR", "40.417", "-3.704"},
    {"London", "GB", "GBP", "51.507", "-0.128"},
    {"New York", "US", "USD", "40.713", "-74.006"},
    {"Toronto", "CA", "CAD", "43.651", "-79.347"},
    {"Tokyo", "JP", "JPY", "35.677", "139.65"},
    {"Sydney", "AU", "AUD", "-33.869", "151.209"},
    {"Singapore", "SG", "SGD", "1.352", "103.82"},
    {"Lagos", "NG", "NGN", "6.524", "3.379"},
    {"Dubai", "AE", "AED", "25.205", "55.271"},
    {"Sao Paulo", "BR", "BRL", "-23.551", "-46.633"},
};

struct StoryText {
  std::string_view name, description;
};

constexpr StoryText kStories[kDemoStoryCount] = {
    {"", "ordinary traffic"},
    {"card_testing", "small declined payments of one card, then a large approved one"},
    {"account_takeover", "failed logins, a new device, a changed password, a large payment"},
    {"impossible_travel", "one card at two counters an ocean apart within an hour"},
    {"velocity", "ten payments of one card within two minutes"},
    {"missing_verification", "a large online payment that nobody verifies"},
    {"cash_out", "a gambling payment, then cash from four machines"},
    {"refund_abuse", "a small purchase, then refunds that exceed it"},
    {"bin_attack", "25 cards declined at one merchant within a minute"},
};

constexpr std::string_view kTypes[] = {"txn", "refund", "verification", "login", "profile_change"};
constexpr std::string_view kChannels[] = {"pos", "online", "atm"};
constexpr std::string_view kChanged[] = {"password", "email", "phone", "address"};
constexpr int kCategories[] = {5411, 5812, 5541, 5311, 5912, 5732, 4121, 5999, 5815, 5651};

template <typename... Args>
void Append(std::string* out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(*out), format, std::forward<Args>(args)...);
}

void AppendPayment(const DemoEvent& event, std::string* out) {
  const City& city = kCities[event.city];
  Append(out, R"(,"card":"c{:05}","amount":{}.{:02},"currency":"{}","merchant":"m{:04}","mcc":{})",
         event.user, event.cents / 100, event.cents % 100, city.currency, event.merchant,
         DemoMerchantCategory(event.merchant));
}

void AppendOrigin(const DemoEvent& event, std::string* out) {
  Append(out, R"(,"device":"d{:05}","ip":"{}.{}.{}.{}")", event.device, event.ip >> 24,
         event.ip >> 16 & 255, event.ip >> 8 & 255, event.ip & 255);
}

void AppendTxn(const DemoEvent& event, std::string* out) {
  const City& city = kCities[event.city];
  AppendPayment(event, out);
  Append(out, R"(,"status":"{}","channel":"{}","country":"{}","city":"{}")",
         event.good ? "approved" : "declined", kChannels[static_cast<std::size_t>(event.channel)],
         city.country, city.name);
  if (event.channel == DemoChannel::kOnline) {
    AppendOrigin(event, out);
  } else {
    Append(out, R"(,"lat":{},"lon":{})", city.lat, city.lon);
  }
}

}  // namespace

std::string_view DemoStoryName(DemoStory story) {
  return kStories[static_cast<std::size_t>(story)].name;
}

std::string_view DemoStoryDescription(DemoStory story) {
  return kStories[static_cast<std::size_t>(story)].description;
}

int DemoMerchantCategory(std::uint16_t merchant) {
  if (merchant >= kDemoAtmFirst) {
    return 6011;
  }
  return merchant >= kDemoCasinoFirst ? 7995 : kCategories[merchant % std::size(kCategories)];
}

void AppendDemoEvent(const DemoEvent& event, std::string* out) {
  Append(out, R"({{"ts":{},"type":"{}","user":"u{:05}")", event.ts,
         kTypes[static_cast<std::size_t>(event.type)], event.user);
  switch (event.type) {
    case DemoType::kTxn:
      AppendTxn(event, out);
      break;
    case DemoType::kRefund:
      AppendPayment(event, out);
      break;
    case DemoType::kVerification:
      Append(out, R"(,"card":"c{:05}","result":"{}")", event.user,
             event.good ? "passed" : "failed");
      break;
    case DemoType::kLogin:
      Append(out, R"(,"status":"{}","country":"{}")", event.good ? "ok" : "failed",
             kCities[event.city].country);
      AppendOrigin(event, out);
      break;
    case DemoType::kProfileChange:
      Append(out, R"(,"changed":"{}")", kChanged[event.changed]);
      AppendOrigin(event, out);
      break;
  }
  if (event.story != DemoStory::kNone) {
    Append(out, R"(,"story":"{}")", DemoStoryName(event.story));
  }
  out->push_back('}');
}

}  // namespace shrike::tools
