#include "base/schema.h"

#include <doctest/doctest.h>

#include "base/event.h"

namespace shrike {
namespace {

TEST_CASE("streams, fields and event types are found by name and number") {
  Catalog catalog;
  catalog.streams.resize(2);
  catalog.streams[0].name = "payments";
  catalog.streams[0].event_types = {"txn", "payout"};
  catalog.streams[0].fields = {{"card", {Kind::kString}}, {"device.os", {Kind::kString}}};
  catalog.streams[1].name = "logins";
  catalog.streams[1].event_types = {"logins"};
  CHECK(catalog.StreamIndex("logins") == 1);
  CHECK(catalog.StreamIndex("login") == -1);
  CHECK(catalog.streams[0].FieldIndex("device.os") == 1);
  CHECK(catalog.streams[0].FieldIndex("device") == -1);
  CHECK(catalog.EventTypeId(0, 1) == 1);
  CHECK(catalog.EventTypeId(1, 0) == 2);
  CHECK(catalog.EventTypeCount() == 3);
}

TEST_CASE("a row has one column for each name and type") {
  RowLayout layout;
  CHECK(layout.Intern("amount", {Kind::kInt}) == 0);
  CHECK(layout.Intern("amount", {Kind::kFloat}) == 1);
  CHECK(layout.Intern("amount", {Kind::kInt}) == 0);
  CHECK(layout.Find("amount", {Kind::kFloat}) == 1);
  CHECK(layout.Find("amount", {Kind::kString}) == -1);
  CHECK(layout.columns.size() == 2);
}

TEST_CASE("events are ordered by time, topic, partition, offset") {
  const EventOrder orders[] = {
      {1, {5, 5, 5}}, {2, {0, 9, 9}}, {2, {1, 0, 9}}, {2, {1, 1, 0}}, {2, {1, 1, 1}},
  };
  for (std::size_t i = 0; i + 1 < std::size(orders); ++i) CHECK(orders[i] < orders[i + 1]);
}

}  // namespace
}  // namespace shrike
