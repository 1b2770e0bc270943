#include "postgres/test_server.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "postgres/blocking_connection.hpp"
#include "postgres/postgres_database.hpp"

namespace postgres {
namespace {

constexpr const char* template_name = "migrated";
const std::string script = LOCAL_POSTGRES;

std::string in_quotes(const std::string& word) {
  return "'" + word + "'";
}

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("no process for " + command);
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  if (::pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
  return output;
}

template <class T>
T checked(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

void run(const std::string& url, const std::string& statements) {
  auto connection = checked(BlockingConnection::open(url));
  checked(connection.execute(statements));
}

}  // namespace

TestServer& TestServer::instance() {
  static TestServer server;
  return server;
}

TestServer::TestServer() {
  folder_ = (std::filesystem::temp_directory_path() / "postgres-XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  // In the background, so that it is no child of this program: a test runner that gives up on the program kills its
  // children too. A shell gives what it starts there an empty input, hence the 3.
  const std::string clean_up = in_quotes(script) + " kill " + in_quotes(folder_) + "; rm -rf " + in_quotes(folder_);
  watchdog_ = ::popen(("trap '' INT TERM; exec 3<&0; { cat <&3; " + clean_up + "; } >/dev/null 2>&1 &").c_str(), "we");
  if (watchdog_ == nullptr) throw std::runtime_error("no process to watch over the server");
  const std::string url = output_of(in_quotes(script) + " start " + in_quotes(folder_));
  url_ = url.substr(0, url.rfind('/') + 1);
}

TestServer::~TestServer() {
  ::pclose(watchdog_);
}

std::string TestServer::blank_database() {
  return create_database("template1");
}

std::string TestServer::empty_database() {
  if (!has_template_) {
    run(url_of("postgres"), std::string("CREATE DATABASE ") + template_name);
    (void)checked(migrate(url_of(template_name), /*new_epoch=*/false));
    has_template_ = true;
  }
  return create_database(template_name);
}

std::string TestServer::create_database(const std::string& from) {
  const std::string name = "test_" + std::to_string(++databases_);
  run(url_of("postgres"), "CREATE DATABASE " + name + " TEMPLATE " + from);
  return url_of(name);
}

std::string TestServer::url_of(const std::string& database) const {
  return url_ + database;
}

void TestServer::disconnect_all(const std::string& url) {
  run(url, R"(SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid())");
}

void TestServer::clear(const std::string& url) {
  run(url, R"(TRUNCATE "Message", "Participant", "Conversation", "UserState")");
}

}  // namespace postgres
