#include "app/config.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/config_keys.hpp"

namespace app {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct ConfigTest : testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("messagingd-config-test-" + std::to_string(::getpid()));

  ConfigTest() { std::filesystem::create_directories(folder); }
  ~ConfigTest() override { std::filesystem::remove_all(folder); }

  std::string file(const std::string& name, const std::string& content) const {
    const auto path = folder / name;
    std::ofstream(path) << content;
    return path.string();
  }
};

TEST_F(ConfigTest, NothingSet_IsTheDevelopmentDefaults) {
  const auto result = load_config({}, {});
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_EQ(result.config.host, "127.0.0.1");
  EXPECT_EQ(result.config.port, 3000);
  EXPECT_EQ(result.config.grpc_port, 50051);
  EXPECT_EQ(result.config.admin_port, 9464);
  EXPECT_EQ(std::get<SqliteFile>(result.config.database).path, "data/messaging.db");
  EXPECT_EQ(result.config.data_folder, "data");
  EXPECT_TRUE(std::holds_alternative<GeneratedSecret>(result.config.token_keys));
  EXPECT_EQ(std::get<FileConnections>(result.config.connections).path, "config/connections.dev.json");
  EXPECT_GE(result.config.io_threads, 1u);
}

TEST_F(ConfigTest, FlagsBeforeEnvironmentBeforeFile_WinInThatOrder) {
  const auto path = file(
      "a.toml", "port = 1001\nadmin_port = 1002\ngrpc_port = 1003\ncors_origins = [\"https://a\", \"https://b\"]\n");
  const auto result =
      load_config({{"MESSAGING_CONFIG", path}, {"PORT", "2001"}, {"ADMIN_PORT", "2002"}}, {{"PORT", "3001"}});
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_EQ(result.config.port, 3001);
  EXPECT_EQ(result.config.admin_port, 2002);
  EXPECT_EQ(result.config.grpc_port, 1003);
  EXPECT_THAT(result.config.cors_origins, ElementsAre("https://a", "https://b"));
}

TEST_F(ConfigTest, SeveralWrongValues_AreAllInOneReport) {
  const auto result = load_config(
      {{"PORT", "70000"}, {"LOG_LEVEL", "loud"}, {"RATE_LIMITS", "maybe"}, {"DATABASE_URL", "mysql://x"}}, {});
  EXPECT_THAT(result.problems, SizeIs(4));
  EXPECT_THAT(result.problems, Contains(AllOf(HasSubstr("PORT"), HasSubstr("70000"), HasSubstr("65535"))));
}

TEST_F(ConfigTest, ProductionWithNothing_NamesEveryMissingSettingInOneMessage) {
  const auto result = load_config({{"MESSAGING_PROFILE", "production"}}, {});
  ASSERT_THAT(result.problems, Contains(HasSubstr("which are not set")));
  for (const auto& key : config_keys()) {
    if (key.required_in_production) EXPECT_THAT(result.problems, Contains(HasSubstr(std::string(key.name))));
  }
  EXPECT_THAT(result.problems, Contains(HasSubstr("JWT_SECRET or JWT_PUBLIC_KEY_FILE or JWKS_FILE")));
}

TEST_F(ConfigTest, ProductionWithEmptyTokenKeys_HasNone) {
  const auto result = load_config({{"MESSAGING_PROFILE", "production"}, {"JWKS_FILE", ""}}, {});
  EXPECT_THAT(result.problems, Contains(HasSubstr("JWT_SECRET or JWT_PUBLIC_KEY_FILE or JWKS_FILE")));
}

TEST_F(ConfigTest, ProductionWithOpenConnections_IsRefused) {
  const auto result = load_config({{"MESSAGING_PROFILE", "production"}, {"CONNECTIONS_URL", "open:"}}, {});
  EXPECT_THAT(result.problems, Contains(HasSubstr("CONNECTIONS_URL: open:")));
}

TEST_F(ConfigTest, ProductionOfManyNodes_IsReadWhole) {
  const auto database = file("database-url", "postgres://messaging:swordfish@db/messaging?sslmode=verify-full\n");
  const auto result = load_config({{"MESSAGING_PROFILE", "production"},
                                   {"PORT", "3000"},
                                   {"GRPC_PORT", "50051"},
                                   {"DATABASE_URL_FILE", database},
                                   {"REDIS_URL", "rediss://:swordfish@redis-1:6379,redis-2:6379"},
                                   {"REDIS_ADAPTER", "sharded"},
                                   {"REDIS_TLS_CA_FILE", "ca.pem"},
                                   {"CONNECTIONS_URL", "grpcs://connections:50051"},
                                   {"CORS_ORIGINS", "https://example.org"},
                                   {"JWT_SECRET", std::string(32, 's')}},
                                  {});
  ASSERT_THAT(result.problems, IsEmpty());
  EXPECT_THAT(std::get<PostgresServer>(result.config.database).url, testing::StartsWith("postgres://messaging"));
  ASSERT_TRUE(result.config.redis);
  EXPECT_EQ(result.config.redis->protocol, redis::AdapterProtocol::sharded);
  EXPECT_THAT(result.config.redis->options.endpoints, SizeIs(2));
  EXPECT_TRUE(result.config.redis->options.tls);
  const auto& connections = std::get<GrpcConnections>(result.config.connections);
  EXPECT_EQ(connections.address, "connections:50051");
  EXPECT_TRUE(connections.tls);
  EXPECT_EQ(result.config.drain, base::seconds(15));
}

TEST_F(ConfigTest, BackendsThatCannotBe_AreNamedWithoutTheirPasswords) {
  const std::string password = "swordfish";
  const auto problems_of = [](std::string name, std::string value) {
    return load_config({{std::move(name), std::move(value)}}, {}).problems;
  };
  for (const auto& problems : {problems_of("DATABASE_URL", "mysql://root:" + password + "@db"),
                               problems_of("REDIS_URL", "http://:" + password + "@redis"),
                               problems_of("CONNECTIONS_URL", "grpc://connections")}) {
    ASSERT_THAT(problems, Not(IsEmpty()));
    EXPECT_THAT(problems, testing::Each(Not(HasSubstr(password))));
  }
}

TEST_F(ConfigTest, RedisBesideAFile_IsRefused) {
  EXPECT_THAT(load_config({{"REDIS_URL", "redis://localhost"}}, {}).problems, Contains(HasSubstr("one database")));
}

TEST_F(ConfigTest, CertificatesWithoutTls_AreRefused) {
  EXPECT_THAT(load_config({{"CONNECTIONS_URL", "grpc://c:1"}, {"CONNECTIONS_TLS_CA_FILE", "ca.pem"}}, {}).problems,
              Contains(HasSubstr("grpcs://")));
  EXPECT_THAT(load_config({{"CONNECTIONS_URL", "grpcs://c:1"}, {"CONNECTIONS_TLS_KEY_FILE", "k.pem"}}, {}).problems,
              Contains(HasSubstr("belong together")));
}

TEST_F(ConfigTest, UnknownKeysInTheFile_AreRefused) {
  const auto result = load_config({{"MESSAGING_CONFIG", file("b.toml", "prot = 3000\n")}}, {});
  EXPECT_THAT(result.problems, ElementsAre(HasSubstr("'prot'")));
}

TEST_F(ConfigTest, AFileThatIsNoToml_IsNamedWithItsLine) {
  const auto result = load_config({{"MESSAGING_CONFIG", file("c.toml", "port = 3000\nhost == \n")}}, {});
  EXPECT_THAT(result.problems, ElementsAre(AllOf(HasSubstr("c.toml"), HasSubstr("line 2"))));
}

TEST_F(ConfigTest, ASecretFromAFile_LosesItsLineEnd) {
  const auto path = file("secret", std::string(40, 's') + "\n");
  const auto result = load_config({{"JWT_SECRET_FILE", path}}, {});
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_EQ(std::get<SharedSecret>(result.config.token_keys).secret, std::string(40, 's'));
}

TEST_F(ConfigTest, ASecretGivenBothWays_IsAnError) {
  const auto path = file("secret", std::string(40, 's'));
  const auto result = load_config({{"JWT_SECRET_FILE", path}, {"JWT_SECRET", std::string(40, 't')}}, {});
  EXPECT_THAT(result.problems, Contains(HasSubstr("both set")));
}

TEST_F(ConfigTest, ASecretInALaterLayer_ReplacesTheFileOfAnEarlierOne) {
  const auto path = file("d.toml", "jwt_secret_file = \"/nowhere\"\n");
  const auto result = load_config({{"MESSAGING_CONFIG", path}, {"JWT_SECRET", std::string(40, 't')}}, {});
  EXPECT_THAT(result.problems, IsEmpty());
}

TEST_F(ConfigTest, AShortSecret_IsRefusedWithoutBeingShown) {
  const auto result = load_config({{"JWT_SECRET", "swordfish"}}, {});
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_THAT(result.problems[0], AllOf(HasSubstr("32 bytes"), Not(HasSubstr("swordfish"))));
}

TEST_F(ConfigTest, GrpcBeyondLoopbackWithoutCertificates_IsRefused) {
  EXPECT_THAT(load_config({{"GRPC_HOST", "0.0.0.0"}}, {}).problems, ElementsAre(HasSubstr("GRPC_TLS_CERT_FILE")));
  EXPECT_THAT(load_config({{"GRPC_TLS_KEY_FILE", "k.pem"}}, {}).problems, ElementsAre(HasSubstr("belong together")));
}

TEST_F(ConfigTest, TheExampleFile_NamesEverySettingAndLoads) {
  const auto path = std::filesystem::path(MESSAGING_SOURCE_DIR) / "config" / "messaging.example.toml";
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  for (const auto& key : config_keys()) {
    std::string name(key.name);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_THAT(text, HasSubstr("\n# " + name + " = ")) << "config/messaging.example.toml lacks " << name;
    EXPECT_THAT(text, HasSubstr(std::string(key.help.substr(0, 20)))) << name;
  }
  EXPECT_THAT(load_config({{"MESSAGING_CONFIG", path.string()}}, {}).problems, IsEmpty());
}

}  // namespace
}  // namespace app
