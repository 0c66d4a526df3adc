// fraud_workload: the events and the rules of the fraud benchmark (bench/fraud.py). The same seed, the same bytes.
//
// Usage: fraud_workload events [--count N] [--seed S] > EVENTS.jsonl
//        fraud_workload rules --count N --out FOLDER [--selective]
//
// events: payments, logins, password and payout changes of 100,000 users, JSON lines of 240 bytes on average, 50 a second
// of their own time. The first users are the busiest (the n-th has about n^-2/3 of the first one's events). Among them
// stand stories that the rules look for, one for every 2,000 events.
// rules: N rules in files of 500 each: five shapes in turn, each with thresholds, a country or groups of merchant
// categories of its own. --selective: also one of 5,000 merchants, an equality that 1 event in 5,000 satisfies.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <queue>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace {

using shrike::testing::Random;

constexpr std::int64_t kStart = 1'700'000'000'000;
constexpr std::int64_t kMsPerEvent = 20;
constexpr std::size_t kUsers = 100'000;
constexpr std::size_t kMerchants = 5'000;
constexpr std::size_t kEventsPerStory = 2'000;
constexpr std::size_t kRulesPerFile = 500;

constexpr std::array<const char*, 30> kCountries = {
    "DE", "FR", "GB", "IT", "ES", "PL", "NL", "BE", "AT", "CH", "SE", "NO", "DK", "FI", "IE",
    "PT", "CZ", "HU", "RO", "BG", "GR", "HR", "SK", "SI", "LT", "LV", "EE", "US", "CA", "BR"};
constexpr std::array<int, 40> kCategories = {
    5411, 5412, 5422, 5441, 5451, 5462, 5499, 5511, 5532, 5541, 5542, 5611, 5621, 5631,
    5641, 5651, 5661, 5691, 5712, 5722, 5732, 5734, 5812, 5813, 5814, 5912, 5921, 5932,
    5941, 5942, 5944, 5945, 6011, 6051, 7011, 7230, 7832, 7995, 8011, 4829};

struct Activity {
  std::int64_t ts = 0;
  std::size_t user = 0;
  const char* type = "txn";
  std::int64_t cents = -1;  // -1: no amount
  const char* status = nullptr;
  const char* result = nullptr;
  const char* country = nullptr;
};

bool operator>(const Activity& a, const Activity& b) { return a.ts > b.ts; }

class Workload {
 public:
  explicit Workload(std::uint64_t seed) : random_(seed) {}

  void Write(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      now_ = kStart + static_cast<std::int64_t>(i) * kMsPerEvent;
      if (i % kEventsPerStory == kEventsPerStory / 2) AddStory();
      if (!stories_.empty() && stories_.top().ts <= now_) {
        Activity next = stories_.top();
        stories_.pop();
        next.ts = now_;
        Print(next);
      } else {
        Print(Ordinary());
      }
    }
  }

 private:
  double Share() { return static_cast<double>(random_.Below(1'000'000)) / 1e6; }
  bool Chance(int percent) { return random_.Below(100) < static_cast<std::size_t>(percent); }

  std::size_t User() {
    const double share = Share();
    return static_cast<std::size_t>(share * share * share * static_cast<double>(kUsers));
  }
  static const char* Home(std::size_t user) { return kCountries[user * 7 % kCountries.size()]; }
  const char* Abroad(std::size_t user) {
    return kCountries[(user * 7 + 1 + random_.Below(kCountries.size() - 1)) % kCountries.size()];
  }
  // Mostly small, some large: up to 3,000.00.
  std::int64_t Cents() {
    const double share = Share();
    return 100 + static_cast<std::int64_t>(share * share * share * share * 300'000);
  }

  Activity Ordinary() {
    Activity next;
    next.ts = now_;
    next.user = User();
    next.country = Chance(97) ? Home(next.user) : Abroad(next.user);
    const auto kind = random_.Below(100);
    if (kind < 75) {
      next.cents = Cents();
      next.status = Chance(10) ? "declined" : "approved";
    } else if (kind < 93) {
      next.type = "login";
      next.result = Chance(12) ? "failed" : "ok";
    } else if (kind < 95) {
      next.type = "password_change";
    } else if (kind < 98) {
      next.type = "payout";
      next.cents = Cents();
    } else {
      next.type = "card_added";
    }
    return next;
  }

  void Tell(std::size_t user, std::int64_t after_ms, Activity activity) {
    activity.user = user;
    activity.ts = now_ + after_ms;
    if (activity.country == nullptr) activity.country = Home(user);
    stories_.push(activity);
  }

  void AddStory() {
    const std::size_t user = random_.Below(kUsers);
    const auto large = static_cast<std::int64_t>(60'000 + random_.Below(200'000));
    switch (random_.Below(5)) {
      case 0:  // Cards are tried, then emptied.
        for (int i = 0; i < 4; ++i)
          Tell(user, i * 20'000, {.cents = 100 + i * 7, .status = "declined"});
        Tell(user, 120'000, {.cents = large, .status = "approved"});
        return;
      case 1:  // An account is taken over.
        for (int i = 0; i < 4; ++i) Tell(user, i * 5'000, {.type = "login", .result = "failed"});
        Tell(user, 60'000, {.type = "login", .result = "ok", .country = Abroad(user)});
        Tell(user, 200'000, {.type = "password_change"});
        Tell(user, 600'000, {.type = "payout", .cents = large});
        return;
      case 2:  // Two countries within minutes.
        Tell(user, 0, {.cents = 5'000, .status = "approved"});
        Tell(user, 500'000, {.cents = large, .status = "approved", .country = Abroad(user)});
        return;
      case 3:  // A card is added, and nobody logs in.
        Tell(user, 0, {.type = "card_added"});
        return;
      default:  // Many payments in a short time.
        for (int i = 0; i < 12; ++i)
          Tell(user, i * 15'000, {.cents = large / 4, .status = "approved"});
        return;
    }
  }

  // Fields that an activity does not have are left out.
  void Print(const Activity& activity) {
    char line[512];
    int size = std::snprintf(
        line, sizeof line, "{\"ts\":%lld,\"id\":\"%016llx\",\"type\":\"%s\",\"user\":\"u%06zu\"",
        static_cast<long long>(activity.ts), static_cast<unsigned long long>(random_.Next()),
        activity.type, activity.user);
    const auto add = [&](const char* format, auto... values) {
      size += std::snprintf(line + size, sizeof line - static_cast<std::size_t>(size), format,
                            values...);
    };
    if (activity.cents >= 0) {
      add(",\"amount\":%lld.%02lld,\"currency\":\"EUR\"",
          static_cast<long long>(activity.cents / 100),
          static_cast<long long>(activity.cents % 100));
    }
    if (activity.status != nullptr) add(",\"status\":\"%s\"", activity.status);
    if (activity.result != nullptr) add(",\"result\":\"%s\"", activity.result);
    add(",\"mcc\":%d,\"merchant\":\"m%04zu\"", kCategories[random_.Below(kCategories.size())],
        random_.Below(kMerchants));
    add(",\"country\":\"%s\",\"channel\":\"%s\",\"device\":\"d%08llx\",\"ip\":\"10.%zu.%zu.%zu\"}"
        "\n",
        activity.country, Chance(60) ? "web" : "pos",
        static_cast<unsigned long long>(activity.user * 2'654'435'761U % 4'294'967'296U),
        random_.Below(256), random_.Below(256), random_.Below(256));
    std::fwrite(line, 1, static_cast<std::size_t>(size), stdout);
  }

  Random random_;
  std::int64_t now_ = kStart;
  std::priority_queue<Activity, std::vector<Activity>, std::greater<>> stories_;
};

// The rules of one set; what differs between rules of a shape is drawn from its number.
class RuleWriter {
 public:
  RuleWriter(std::size_t number, bool selective) : random_(number * 977 + 13) {
    shape_ = number % 5;
    country_ = kCountries[random_.Below(kCountries.size())];
    const std::size_t first = random_.Below(kCategories.size() - 4);
    for (std::size_t i = 0; i < 4; ++i)
      group_ += (i > 0 ? ", " : "") + std::to_string(kCategories[first + i]);
    if (selective) {
      char text[32];
      std::snprintf(text, sizeof text, " and merchant == \"m%04zu\"", random_.Below(kMerchants));
      merchant_ = text;
    }
    small_ = std::to_string(2 + random_.Below(10));
    large_ = std::to_string(300 + 50 * random_.Below(30));
    id_ = "r" + std::to_string(number);
  }

  std::string Text() {
    return "  - id: " + id_ + "\n    version: 1\n    severity: high\n    pattern: |\n" +
           "      from events by user\n" + Pattern() + "      after match skip none\n";
  }

 private:
  std::string Pattern() {
    switch (shape_) {
      case 0:
        return "      tried: txn[status == \"declined\" and amount < " + small_ +
               ".50 and country == \"" + country_ + "\"" + merchant_ +
               "]{3}\n      then hit: txn[status == \"approved\" and amount > " + large_ +
               "]\n      within 10m\n";
      case 1:
        return "      failed: login[result == \"failed\" and country == \"" + country_ + "\"" +
               merchant_ +
               "]{3}\n      then entered: login[result == \"ok\" and country != failed.country]\n"
               "      then password_change\n      then payout[amount > " +
               large_ + "]\n      within 1h\n";
      case 2:
        return "      here: txn[status == \"approved\" and country == \"" + country_ +
               "\" and mcc in [" + group_ + "]" + merchant_ +
               "]\n      then there: txn[status == \"approved\" and country != here.country and "
               "amount > " +
               large_ + "]\n      within 30m\n";
      case 3:
        return "      added: card_added[country == \"" + country_ + "\" and mcc in [" + group_ +
               "]" + merchant_ + "]\n      then not login[result == \"ok\"]\n      within 15m\n";
      default:
        return Velocity();
    }
  }

  std::string Velocity() {
    const std::string window = random_.Below(2) == 0
                                   ? "sum(amount over 10m) > " + large_ + "0"
                                   : "count(over 10m) > " + std::to_string(8 + random_.Below(30));
    return "      many: txn[country == \"" + country_ + "\" and mcc in [" + group_ + "]" +
           merchant_ + " and " + window + "]\n      within 10m\n";
  }

  Random random_;
  std::size_t shape_ = 0;
  std::string country_;
  std::string id_, group_, merchant_, small_, large_;
};

bool WriteRules(std::size_t count, bool selective, const std::string& folder) {
  std::filesystem::create_directories(folder);
  for (std::size_t begin = 0; begin < count; begin += kRulesPerFile) {
    std::ofstream file(folder + "/rules-" + std::to_string(begin) + ".yaml");
    file << "rules:\n";
    for (std::size_t i = begin; i < std::min(count, begin + kRulesPerFile); ++i)
      file << RuleWriter(i, selective).Text();
    if (!file.flush()) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The events and rules of the fraud benchmark", "fraud_workload");
  app.require_subcommand(1);
  std::size_t count = 0;
  std::uint64_t seed = 1;
  std::string folder;
  bool selective = false;
  CLI::App* events = app.add_subcommand("events", "JSON lines to standard output");
  events->add_option("--count", count)->default_val(2'000'000);
  events->add_option("--seed", seed)->default_val(1);
  CLI::App* rules = app.add_subcommand("rules", "rule files");
  rules->add_option("--count", count)->required();
  rules->add_option("--out", folder)->required();
  rules->add_flag("--selective", selective);
  CLI11_PARSE(app, argc, argv);
  if (*events) {
    Workload(seed).Write(count);
    return std::fflush(stdout) == 0 ? 0 : 1;
  }
  if (WriteRules(count, selective, folder)) return 0;
  std::cerr << "fraud_workload: cannot write to " << folder << "\n";
  return 1;
}
