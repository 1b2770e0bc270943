#include "postgres/server_url.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace postgres {
namespace {

constexpr std::string_view unreadable =
    "DATABASE_URL is not a URL that libpq understands: postgres://user:password@host:port/database?name=value, with "
    "special characters of the user and the password percent-encoded, and with libpq's parameters only (not with "
    "Prisma's, such as schema or connection_limit)";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const noexcept { ::PQconninfoFree(options); }
};

bool is_misread(std::string_view keyword, std::string_view value) {
  // Everything behind the first `@` of the password is taken for the host; what comes before its first `/`, for the
  // port, and what comes behind, for the database.
  if (keyword == "host" || keyword == "dbname") return value.contains('@');
  if (keyword == "port") return value.find_first_not_of("0123456789,") != value.npos;
  return false;
}

}  // namespace

base::Result<void> check_url(const std::string& url) {
  const auto refused = [] { return base::fail(base::Errc::storage_unavailable, std::string(unreadable)); };
  if (!url.starts_with("postgres://") && !url.starts_with("postgresql://")) return refused();
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(::PQconninfoParse(url.c_str(), &message));
  ::PQfreemem(message);
  if (!options) return refused();
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && is_misread(option->keyword, option->val)) return refused();
  }
  return {};
}

}  // namespace postgres
