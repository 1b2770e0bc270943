// Every prepared statement is a walk along an index: no scan of a table, no sorting. The cost of a page does not grow
// with what lies behind it.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include "sqlite/read_session.hpp"
#include "sqlite/test_database.hpp"
#include "sqlite/write_batch.hpp"

namespace sqlite {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class QueryPlan : public TestDatabase {
 protected:
  void SetUp() override {
    open();
    close();
  }

  void expect_index_walks(sqlite3* handle, Connection& explainer) {
    int statements = 0;
    for (auto* statement = sqlite3_next_stmt(handle, nullptr); statement != nullptr;
         statement = sqlite3_next_stmt(handle, statement)) {
      const std::string sql = sqlite3_sql(statement);
      if (sql.starts_with("BEGIN") || sql.starts_with("COMMIT")) continue;
      ++statements;
      Statement explain(explainer, "EXPLAIN QUERY PLAN " + sql);
      Rows rows = explain.query();
      while (rows.next()) {
        EXPECT_THAT(std::string(rows.text(3)), AllOf(Not(HasSubstr("SCAN")), Not(HasSubstr("TEMP B-TREE")))) << sql;
      }
    }
    EXPECT_GE(statements, 6);
  }
};

TEST_F(QueryPlan, ReadersWalkAlongIndexes) {
  Connection explainer(path(), Connection::Mode::read_only);
  Connection connection(path(), Connection::Mode::read_only);
  sqlite3* handle = connection.handle();
  const ReadSession session(std::move(connection));
  expect_index_walks(handle, explainer);
}

TEST_F(QueryPlan, TheWriterWalksAlongIndexes) {
  Connection explainer(path(), Connection::Mode::read_only);
  Connection connection(path(), Connection::Mode::read_write);
  const WriteStatements statements(connection);
  expect_index_walks(connection.handle(), explainer);
}

}  // namespace
}  // namespace sqlite
