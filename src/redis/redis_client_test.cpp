#include "redis/redis_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "redis/contract_test_support.hpp"
#include "redis/fake_commands.hpp"
#include "redis/test_server.hpp"

namespace redis {
namespace {

using testing::HasSubstr;
using testing::Not;

TestServer& server() {
  static TestServer instance;
  return instance;
}

TEST(RedisClientTest, ACommandGetsItsReply) {
  RunningClient client(server().options());
  EXPECT_EQ(client({"SET", "key", std::string("a\r\n\0b", 5)}), status_reply());
  EXPECT_EQ(client({"GET", "key"}), text_reply(std::string("a\r\n\0b", 5)));
  EXPECT_EQ(client({"GET", "no such key"}), Reply{});
  EXPECT_EQ(client({"SADD", "set", "a", "b"}), integer_reply(2));
  EXPECT_EQ(client({"EVAL", "return {KEYS[1], 7}", "1", "k"}), array_reply({text_reply("k"), integer_reply(7)}));
}

TEST(RedisClientTest, AnErrorOfRedisIsAReply) {
  RunningClient client(server().options());
  const auto reply = client({"NOSUCHCOMMAND"});
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->is_error());
  EXPECT_THAT(reply->text, HasSubstr("unknown command"));
}

TEST(RedisClientTest, CommandsOfOneThreadAreCarriedOutInOrder) {
  RunningClient client(server().options());
  std::vector<std::future<base::Result<Reply>>> replies;
  (void)client({"DEL", "list"});
  for (int i = 0; i < 10'000; ++i) {
    if (i % 3 == 0) {
      client->send({"RPUSH", "list", std::to_string(i)});
    } else {
      replies.push_back(client.send({"RPUSH", "list", std::to_string(i)}));
    }
  }
  std::int64_t last = 0;
  for (auto& reply : replies) {
    const auto length = net::wait_for(std::move(reply));
    ASSERT_TRUE(length);
    EXPECT_GT(length->integer, last);
    last = length->integer;
  }
  const auto list = client({"LRANGE", "list", "0", "-1"});
  ASSERT_TRUE(list);
  ASSERT_EQ(list->elements.size(), 10'000U);
  EXPECT_TRUE(std::ranges::is_sorted(list->elements, {}, [](const Reply& each) { return std::stoi(each.text); }));
}

TEST(RedisClientTest, CommandsThatComeBeforeTheLinkWaitForIt) {
  RunningClient client(server().options(), false);
  EXPECT_EQ(client({"ECHO", "early"}), text_reply("early"));
}

TEST(RedisClientTest, AServerThatWasKilledIsFoundAgain) {
  TestServer mine;
  RunningClient client(mine.options());
  mine.kill();
  client.await_link(false);
  EXPECT_FALSE(client->is_up());
  EXPECT_THAT(client->failure(), HasSubstr("Redis at 127.0.0.1:"));
  mine.restart();
  client.await_link(true);
  EXPECT_EQ(client({"ECHO", "again"}), text_reply("again"));
  EXPECT_EQ(client->failure(), "");
}

TEST(RedisClientTest, WithoutALinkACommandFailsWithinItsTime) {
  Options nowhere;
  nowhere.endpoints = {{"127.0.0.1", free_port()}};
  RunningClient client(nowhere, false);
  const base::SystemClock clock;
  const auto begin = clock.steady_now();
  const auto reply = client({"GET", "key"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, base::Errc::storage_unavailable);
  EXPECT_LT(clock.steady_now() - begin, base::milliseconds(2'500));
}

TEST(RedisClientTest, AServerThatStandsStillIsNoticedInTwoSeconds) {
  TestServer mine;
  RunningClient client(mine.options());
  mine.pause();
  const base::SystemClock clock;
  const auto begin = clock.steady_now();
  // Nobody has asked it anything: PING notices.
  client.await_link(false);
  EXPECT_LT(clock.steady_now() - begin, base::milliseconds(3'000));
  mine.resume();
  client.await_link(true);
  EXPECT_EQ(client({"ECHO", "again"}), text_reply("again"));
}

TEST(RedisClientTest, ACommandToAServerThatStandsStillFailsInTwoSeconds) {
  TestServer mine;
  RunningClient client(mine.options());
  mine.pause();
  const auto reply = client({"GET", "key"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, base::Errc::storage_unavailable);
  mine.resume();
}

TEST(RedisClientTest, StopWritesOutWhatWaits) {
  {
    RunningClient client(server().options());
    (void)client({"DEL", "stopped"});
    for (int i = 0; i < 1'000; ++i) client->send({"RPUSH", "stopped", "x"});
    client.stop();
    const auto late = client({"GET", "key"});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, base::Errc::storage_unavailable);
  }
  EXPECT_EQ(server().command({"LLEN", "stopped"}), integer_reply(1'000));
}

TEST(RedisClientTest, WhenTheLoopHasEndedTheClientMayGoWithoutStop) {
  net::RunningThread thread;
  RedisClient client(*thread, server().options());
  client.start();
  for (int i = 0; i < 100; ++i) client.send({"ECHO", "x"}, [](const base::Result<Reply>&) {});
  thread.run([] {});
  thread.stop();
  client.send({"ECHO", "nobody"}, [](const base::Result<Reply>&) { ADD_FAILURE() << "the loop has ended"; });
}

TEST(RedisClientTest, APasswordAndADatabaseAreGivenAtEachConnect) {
  TestServer mine({"--requirepass", "sesame"});
  auto options = mine.options();
  options.password = "sesame";
  options.database = 3;
  RunningClient client(options);
  (void)client({"SET", "key", "in 3"});
  EXPECT_THAT(client({"CLIENT", "INFO"})->text, HasSubstr(" db=3 "));
  mine.restart();
  client.await_link(true);
  while (!client({"SET", "key", "in 3"})) {
  }
  EXPECT_THAT(client({"CLIENT", "INFO"})->text, HasSubstr(" db=3 "));
}

TEST(RedisClientTest, AWrongPasswordIsSaidWithoutShowingIt) {
  TestServer mine({"--requirepass", "sesame"});
  auto options = mine.options();
  options.password = "seventy";
  RunningClient client(options, false);
  client.await_failure("WRONGPASS");
  EXPECT_THAT(client->failure(), Not(HasSubstr("seventy")));
  EXPECT_FALSE(client->is_up());
}

TEST(RedisClientTest, APasswordThatIsMissingIsSaid) {
  TestServer mine({"--requirepass", "sesame"});
  RunningClient client(mine.options(), false);
  client.await_failure("NOAUTH");
}

TEST(RedisClientTest, WhatIsNoRedisIsNotTrusted) {
  // A listener that answers everything with HTTP.
  const net::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(free_port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(listener.get(), 4), 0);
  Options options;
  options.endpoints = {{"127.0.0.1", ntohs(address.sin_port)}};
  RunningClient client(options, false);
  const net::UniqueFd accepted(::accept(listener.get(), nullptr, nullptr));
  const std::string_view answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
  ASSERT_GT(::send(accepted.get(), answer.data(), answer.size(), MSG_NOSIGNAL), 0);
  client.await_failure("no RESP");
}

// A server with a certificate for localhost and 127.0.0.1, and none without TLS.
class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    const auto command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=redis "
        "-addext subjectAltName=" +
        std::string(names) + " -keyout " + key() + " -out " + certificate() + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("no certificate");
    server_.emplace(std::vector<std::string>{"--port", "0", "--tls-port", std::to_string(port_), "--tls-cert-file",
                                             certificate(), "--tls-key-file", key(), "--tls-auth-clients", "no",
                                             "--bind", "127.0.0.1", "127.0.0.2"});
  }
  static constexpr std::string_view names = "DNS:localhost,IP:127.0.0.1";

  std::string key() const { return (folder_.folder() / "key.pem").string(); }
  std::string certificate() const { return (folder_.folder() / "certificate.pem").string(); }
  Options options() const {
    Options options;
    options.endpoints = {{"127.0.0.1", port_}};
    options.tls = true;
    options.ca_file = certificate();
    return options;
  }

  TestServer folder_;
  const std::uint16_t port_ = free_port();
  std::optional<TestServer> server_;
};

TEST_F(TlsTest, ACertificateOfTheAuthorityForTheAddressIsGood) {
  RunningClient client(options());
  const std::string large(300'000, 'x');
  EXPECT_EQ(client({"ECHO", large}), text_reply(large));
}

TEST_F(TlsTest, ACertificateForTheNameIsGood) {
  auto by_name = options();
  by_name.endpoints[0].host = "localhost";
  RunningClient client(by_name);
  EXPECT_EQ(client({"ECHO", "hello"}), text_reply("hello"));
}

TEST_F(TlsTest, ACertificateOfNobodysAuthorityIsRefused) {
  auto untrusting = options();
  untrusting.ca_file.clear();
  RunningClient client(untrusting, false);
  client.await_failure("certificate verify failed");
}

TEST_F(TlsTest, ACertificateForAnotherNameIsRefused) {
  auto elsewhere = options();
  // Loopback as well, where the server listens too, and not in the certificate.
  elsewhere.endpoints[0].host = "127.0.0.2";
  RunningClient client(elsewhere, false);
  client.await_failure("certificate verify failed");
}

TEST_F(TlsTest, AFileOfAuthoritiesThatCannotBeReadIsSaidAtOnce) {
  auto unreadable = options();
  unreadable.ca_file = "no such file";
  net::RunningThread thread;
  EXPECT_THROW(RedisClient(*thread, unreadable), std::runtime_error);
}

}  // namespace
}  // namespace redis
