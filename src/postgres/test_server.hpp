// A private PostgreSQL server for one test program, made by tools/local-postgres when the first test asks for it. It
// ends with the program, also where that crashes or is killed.
#pragma once

#include <cstdio>
#include <string>

namespace postgres {

class TestServer {
 public:
  // The program's own. Throws where no server can be had.
  static TestServer& instance();

  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // The URL of a new database without tables.
  [[nodiscard]] std::string blank_database();
  // The URL of a new, migrated database without rows. Some 50 ms; it stays until the program's end.
  [[nodiscard]] std::string empty_database();
  // Takes all rows out of a migrated database that nobody uses now. Some 20 ms.
  static void clear(const std::string& url);
  // Ends all other sessions with the database. A backend whose client has gone may still be at work, and in the way.
  static void disconnect_all(const std::string& url);

 private:
  TestServer();
  [[nodiscard]] std::string create_database(const std::string& template_name);
  [[nodiscard]] std::string url_of(const std::string& database) const;

  std::string folder_;
  // A process that ends the server and removes the folder once this program's end of the pipe is closed.
  std::FILE* watchdog_ = nullptr;
  // Up to the database's name.
  std::string url_;
  bool has_template_ = false;
  int databases_ = 0;
};

}  // namespace postgres
