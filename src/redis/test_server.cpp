#include "redis/test_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "base/random.hpp"
#include "redis/cluster_slots.hpp"
#include "redis/resp_command.hpp"

namespace redis {
namespace {

constexpr int patience_seconds = 15;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void set_patience(int fd) {
  const timeval limit{.tv_sec = patience_seconds, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

// Runs in the child, between fork and exec.
[[noreturn]] void become_server(const std::vector<std::string>& command, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

// The server says in its log when it is ready. Its log is read no further: it ignores that.
void await_ready(int output) {
  std::string log;
  std::array<char, 4096> piece;
  while (log.find("Ready to accept connections") == std::string::npos) {
    pollfd ready{.fd = output, .events = POLLIN, .revents = 0};
    const bool is_ready = ::poll(&ready, 1, patience_seconds * 1'000) == 1;
    const auto size = is_ready ? ::read(output, piece.data(), piece.size()) : 0;
    if (size <= 0) throw std::runtime_error("redis-server does not start: " + log);
    log.append(piece.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace

std::uint16_t free_port() {
  const net::UniqueFd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // A cluster's node also listens on its port + 10000, so that what the kernel would choose may be too high.
  for (int attempt = 0; attempt < 1'000; ++attempt) {
    const auto port = static_cast<std::uint16_t>(11'000 + base::random_u64() % 9'000);
    auto address = loopback(port);
    if (::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return port;
  }
  throw std::runtime_error("no free port");
}

TestConnection::TestConnection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  set_patience(fd_.get());
  auto address = loopback(port);
  if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("cannot connect to the test's server");
  }
}

Reply TestConnection::operator()(std::initializer_list<std::string_view> command) {
  const auto bytes = encode_command(command);
  if (::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("cannot send to the test's server");
  }
  return read();
}

Reply TestConnection::read() {
  std::array<char, 4096> piece;
  for (;;) {
    if (auto* const reply = reader_->next()) return std::move(*reply);
    const auto size = ::recv(fd_.get(), piece.data(), piece.size(), 0);
    if (size <= 0) throw std::runtime_error("the test's server does not answer");
    reader_->feed({piece.data(), static_cast<std::size_t>(size)});
  }
}

TestServer::TestServer(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  auto name = (std::filesystem::temp_directory_path() / "redis-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  port_ = free_port();
  start();
}

TestServer::~TestServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Options TestServer::options() const {
  Options options;
  options.endpoints = {endpoint()};
  return options;
}

Reply TestServer::command(std::initializer_list<std::string_view> command) const {
  return TestConnection(port_)(command);
}

void TestServer::start() {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const net::UniqueFd log(pipe[0]);
  net::UniqueFd output(pipe[1]);
  std::vector<std::string> command{LOCAL_REDIS_TOOL, "run", folder_.string(), std::to_string(port_)};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_ = ::fork();
  if (process_ == 0) become_server(command, output.get());
  output = {};
  await_ready(log.get());
}

void TestServer::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

void TestServer::restart() {
  kill();
  start();
}

void TestServer::pause() {
  ::kill(process_, SIGSTOP);
}

void TestServer::resume() {
  ::kill(process_, SIGCONT);
}

namespace {

constexpr std::array<std::array<std::string_view, 2>, 3> ranges{{{"0", "5460"}, {"5461", "10922"}, {"10923", "16383"}}};

void await_cluster(const TestServer& server) {
  TestConnection connection(server.port());
  for (int attempt = 0; attempt < patience_seconds * 50; ++attempt) {
    const auto info = connection({"CLUSTER", "INFO"}).text;
    if (info.find("cluster_state:ok") != std::string::npos && info.find("cluster_known_nodes:3") != std::string::npos) {
      return;
    }
    // Nodes of a cluster tell nobody when they agree: there is nothing to wait for but time.
    ::poll(nullptr, 0, 20);
  }
  throw std::runtime_error("the test's cluster does not come about");
}

std::string node_id(const TestServer& server) {
  return server.command({"CLUSTER", "MYID"}).text;
}

}  // namespace

TestCluster::TestCluster() {
  for (const auto& range : ranges) {
    // A node that a test holds up for a while is not given up by the others.
    auto& server = *nodes_.emplace_back(std::make_unique<TestServer>(
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-node-timeout", "20000"}));
    (void)server.command({"CLUSTER", "ADDSLOTSRANGE", range[0], range[1]});
    // Else two nodes that begin alike have to settle who is who first.
    (void)server.command({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(nodes_.size())});
    (void)server.command({"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes_.front()->port())});
  }
  for (const auto& server : nodes_) await_cluster(*server);
}

Options TestCluster::options() const {
  Options options;
  options.is_cluster = true;
  for (const auto& server : nodes_) options.endpoints.push_back(server->endpoint());
  return options;
}

std::size_t TestCluster::owner_of(std::string_view key) const {
  const auto slots = parse_slots(nodes_.front()->command({"CLUSTER", "SLOTS"}), nodes_.front()->endpoint());
  const auto* const owner = slots ? slots->owner(key_slot(key)) : nullptr;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (owner != nullptr && nodes_[i]->endpoint() == *owner) return i;
  }
  throw std::runtime_error("the slot has no owner");
}

void TestCluster::move_slot(std::string_view key, std::size_t to) {
  const auto slot = std::to_string(key_slot(key));
  const auto id = node_id(*nodes_[to]);
  // The new owner first: it tells the others.
  (void)nodes_[to]->command({"CLUSTER", "SETSLOT", slot, "NODE", id});
  for (const auto& server : nodes_) (void)server->command({"CLUSTER", "SETSLOT", slot, "NODE", id});
}

}  // namespace redis
