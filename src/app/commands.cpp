#include "app/commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <exception>
#include <iostream>

#include "app/config.hpp"
#include "app/config_keys.hpp"
#include "app/database_commands.hpp"
#include "app/serve.hpp"
#include "app/token_keys.hpp"
#include "auth/jwt_signer.hpp"
#include "base/ids.hpp"

namespace app {
namespace {

std::string flag_of(std::string_view key) {
  std::string flag = "--";
  for (const char c : key) flag += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return flag;
}

// Every setting as a flag of every command.
void add_setting_flags(CLI::App& cli, ConfigValues& flags) {
  const auto add = [&](const std::string& name, const std::string& help) {
    cli.add_option_function<std::string>(
           flag_of(name), [&flags, name](const std::string& value) { flags[name] = value; }, help)
        ->group("Settings");
  };
  add("MESSAGING_CONFIG", "TOML file with settings; see config/messaging.example.toml");
  for (const auto& key : config_keys()) {
    // A secret on the command line would be seen by everybody on the machine.
    if (key.secrecy != ConfigKey::Secrecy::secret) add(std::string(key.name), std::string(key.help));
    if (key.has_file_form()) add(std::string(key.name) + "_FILE", "file with it: " + std::string(key.help));
  }
}

int report_problems(const std::vector<std::string>& problems) {
  std::cerr << "messagingd: the configuration has " << problems.size()
            << (problems.size() == 1 ? " problem:\n" : " problems:\n");
  for (const auto& problem : problems) std::cerr << "  - " << problem << "\n";
  return exit_configuration;
}

int report_failure(const std::string& sentence, ExitCode code) {
  std::cerr << "messagingd: " << sentence << "\n";
  return code;
}

// "90", "90s", "15m", "1h", "7d".
std::optional<base::seconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  constexpr std::int64_t count_max = 10'000'000;
  if (error != std::errc() || count <= 0 || count > count_max) return std::nullopt;
  if (unit.empty() || unit == "s") return base::seconds(count);
  if (unit == "m") return std::chrono::minutes(count);
  if (unit == "h") return std::chrono::hours(count);
  if (unit == "d") return std::chrono::days(count);
  return std::nullopt;
}

int mint_token(const Config& config, const std::string& user, const std::string& ttl_text) {
  const auto ttl = parse_duration(ttl_text);
  if (!ttl) return report_failure("--ttl '" + ttl_text + "' is no duration; say 90s, 15m, 1h or 7d", exit_usage);
  if (!base::UserId::parse(user)) {
    return report_failure("'" + user + "' is no user id: 1 to 128 characters from ! to ~, without spaces", exit_usage);
  }
  base::Result<std::string> secret = base::fail(base::Errc::internal);
  if (const auto* shared = std::get_if<SharedSecret>(&config.token_keys)) {
    secret = shared->secret;
  } else if (std::holds_alternative<GeneratedSecret>(config.token_keys)) {
    secret = development_secret(config.data_folder);
  } else {
    return report_failure("tokens are signed with a private key that messagingd does not have; mint them where it is",
                          exit_configuration);
  }
  if (!secret) return report_failure(secret.error().detail, exit_configuration);
  std::cout << auth::sign_hs256(*secret, {.subject = user,
                                          .issued_at = base::SystemClock().system_now(),
                                          .ttl = *ttl,
                                          .issuer = config.jwt_issuer,
                                          .audience = config.jwt_audience})
            << "\n";
  return exit_good;
}

int migrate(const Config& config, bool new_epoch) {
  const auto report = migrate_database(config, new_epoch);
  if (!report) return report_failure(report.error().detail, exit_unavailable);
  for (const auto& name : report->applied) std::cout << "applied " << name << "\n";
  if (report->applied.empty()) std::cout << "nothing to apply: the schema is current\n";
  std::cout << "epoch " << report->epoch << "\n";
  return exit_good;
}

int doctor(const Config& config, bool only_sql) {
  if (only_sql) {
    for (const auto& check : doctor_checks(config))
      std::cout << "-- " << check.name << ": " << check.promise << "\n" << check.sql << "\n\n";
    return exit_good;
  }
  const auto findings = run_doctor(config);
  if (!findings) return report_failure(findings.error().detail, exit_unavailable);
  using Severity = messaging::DoctorCheck::Severity;
  std::size_t violations = 0;
  for (const auto& finding : *findings) {
    const bool is_violation = finding.severity == Severity::violation;
    violations += is_violation ? 1 : 0;
    std::cout << (is_violation ? "VIOLATION " : "note ") << finding.check << ": " << finding.row << "\n";
  }
  std::cout << doctor_checks(config).size() << " checks, " << violations << " violations\n";
  return violations == 0 ? exit_good : exit_violation;
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App cli{"messagingd: direct messages between first-degree connections, over Socket.IO and gRPC", "messagingd"};
  cli.fallthrough();
  cli.require_subcommand(0, 1);
  ConfigValues flags;
  add_setting_flags(cli, flags);

  cli.add_subcommand("serve", "run the server (what happens without a command)");
  auto* token = cli.add_subcommand("token", "print a token that this server accepts");
  std::string user;
  std::string ttl = "1h";
  token->add_option("userId", user, "the claim sub")->required();
  token->add_option("--ttl", ttl, "how long it is valid: 90s, 15m, 1h, 7d");
  auto* migrate_command = cli.add_subcommand("migrate", "apply the migrations that are missing");
  bool new_epoch = false;
  migrate_command->add_flag("--new-epoch", new_epoch,
                            "after a restore: offsets and cursors handed out before become invalid");
  auto* doctor_command = cli.add_subcommand("doctor", "check every invariant of the database");
  bool only_sql = false;
  doctor_command->add_flag("--sql", only_sql, "print the checks' SQL instead of running them");

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? exit_good : exit_usage;
  }
  try {
    const auto loaded = load_config(environment_values(), flags);
    if (!loaded.problems.empty()) return report_problems(loaded.problems);
    if (token->parsed()) return mint_token(loaded.config, user, ttl);
    if (migrate_command->parsed()) return migrate(loaded.config, new_epoch);
    if (doctor_command->parsed()) return doctor(loaded.config, only_sql);
    return serve(loaded.config);
  } catch (const std::exception& error) {
    return report_failure(std::string("cannot go on: ") + error.what(), exit_internal);
  }
}

}  // namespace app
