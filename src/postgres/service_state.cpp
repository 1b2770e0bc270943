#include "postgres/service_state.hpp"

#include <charconv>

namespace postgres {
namespace {

using base::Errc;
using base::Result;

constexpr std::string_view missing = "the row of \"ServiceState\" is missing: restore it from a backup";

}  // namespace

Result<messaging::ServiceState> read_service_state(BlockingConnection& connection) {
  auto rows = connection.query(R"(SELECT epoch, encode(key, 'hex') FROM "ServiceState" WHERE id = 1)");
  if (!rows) return base::forward(rows);
  messaging::ServiceState state;
  if (rows->size() == 0 || rows->text(0, 1).size() != 2 * state.key.size()) {
    return base::fail(Errc::storage_unavailable, std::string(missing));
  }
  const auto epoch = rows->text(0, 0);
  std::from_chars(epoch.data(), epoch.data() + epoch.size(), state.epoch);
  const char* digits = rows->text(0, 1).data();
  for (auto& byte : state.key) {
    std::from_chars(digits, digits + 2, byte, 16);
    digits += 2;
  }
  return state;
}

Result<void> advance_epoch(BlockingConnection& connection) {
  auto updated = connection.query(R"(UPDATE "ServiceState" SET epoch = epoch + 1 WHERE id = 1)");
  if (!updated) return base::forward(updated);
  if (updated->affected() == 0) return base::fail(Errc::storage_unavailable, std::string(missing));
  return {};
}

}  // namespace postgres
