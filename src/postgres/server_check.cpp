#include "postgres/server_check.hpp"

namespace postgres {

base::Result<void> check_server(BlockingConnection& connection) {
  auto faults = connection.query(std::string(durability_faults) + " UNION ALL " + std::string(compatibility_faults));
  if (!faults) return base::forward(faults);
  std::string sentence;
  for (std::size_t row = 0; row < faults->size(); ++row) {
    if (row > 0) sentence += "; ";
    sentence += faults->text(row, 0);
  }
  if (sentence.empty()) return {};
  return base::fail(base::Errc::storage_unavailable, std::move(sentence));
}

}  // namespace postgres
