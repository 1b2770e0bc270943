#include "app/application.hpp"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <mutex>
#include <thread>

#include "app/open_connections.hpp"
#include "app/token_keys.hpp"
#include "base/log.hpp"
#include "socketio/in_memory_adapter.hpp"

// Order of life: constructed (backends open, loops running, nothing listens) -> listening (ready) -> stop(): draining
// -> handlers ended -> calls ended -> storage closed -> loops ended. There is no way back.

namespace app {
namespace {

constexpr base::milliseconds drain_slice{250};
constexpr base::milliseconds session_poll_interval{10};
// A polling client gets its close with the next poll, which the server waits 2 s for.
constexpr base::milliseconds last_words_time_max{2'500};
// What a step of stopping may take: handlers wait for a commit at most, and a commit for one fsync.
constexpr base::milliseconds step_time_max{4'000};
// After this, clients that were told `serverDraining` should try again somewhere else.
constexpr base::milliseconds reconnect_after{1'000};

std::unexpected<StartFailure> cannot_start(std::string sentence, ExitCode code) {
  return std::unexpected(StartFailure{std::move(sentence), code});
}

std::optional<messaging::RateLimiter::Limits> rate_limits(const Config& config) {
  if (!config.rate_limits) return std::nullopt;
  return messaging::RateLimiter::Limits{};
}

gateway::GatewayLimits gateway_limits(const Config& config) {
  gateway::GatewayLimits limits;
  limits.sockets_per_user_max =
      config.rate_limits ? config.sockets_per_user_max : std::numeric_limits<std::size_t>::max();
  return limits;
}

engineio::ServerOptions engineio_options(const Config& config) {
  return {.ping_interval = config.ping_interval,
          .ping_timeout = config.ping_timeout,
          .payload_bytes_max = config.payload_bytes_max,
          .cors_origins = config.cors_origins,
          .sessions_max = config.sessions_max};
}

std::expected<std::string, StartFailure> read_pem(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (text.empty())
    return cannot_start("cannot read '" + path + "', which a GRPC_TLS_… setting names", exit_configuration);
  return text;
}

std::expected<rpc::RpcTls, StartFailure> read_tls(const Config& config) {
  rpc::RpcTls tls;
  if (!config.grpc_tls) return tls;
  const std::pair<const std::string&, std::string&> files[] = {{config.grpc_tls->certificate, tls.certificate_chain},
                                                               {config.grpc_tls->key, tls.private_key},
                                                               {config.grpc_tls->client_ca, tls.client_ca}};
  for (const auto& [path, text] : files) {
    auto read = read_pem(path);
    if (!read) return std::unexpected(read.error());
    text = std::move(*read);
  }
  return tls;
}

// Tokens for the page: only where this process can sign, and only where nobody else can reach it.
std::expected<std::optional<DevelopmentTokens>, StartFailure> development_tokens(const Config& config) {
  const bool on_loopback = config.host == "localhost" || config.host == "::1" || config.host.starts_with("127.");
  if (config.profile != Profile::development || !on_loopback) return std::nullopt;
  DevelopmentTokens tokens{.secret = {}, .issuer = config.jwt_issuer, .audience = config.jwt_audience};
  if (const auto* shared = std::get_if<SharedSecret>(&config.token_keys)) {
    tokens.secret = shared->secret;
    return tokens;
  }
  if (!std::holds_alternative<GeneratedSecret>(config.token_keys)) return std::nullopt;
  auto secret = development_secret(config.sqlite_path);
  if (!secret) return cannot_start(secret.error().detail, exit_configuration);
  tokens.secret = std::move(*secret);
  return tokens;
}

}  // namespace

std::expected<Application::Opened, StartFailure> Application::open_backends(const Config& config,
                                                                            const base::Clock& clock) {
  Opened opened;
  auto keys = load_token_keys(config);
  if (!keys) return cannot_start("tokens cannot be verified: " + keys.error().detail, exit_configuration);
  opened.keys = std::move(*keys);

  auto tls = read_tls(config);
  if (!tls) return std::unexpected(tls.error());
  opened.tls = std::move(*tls);

  auto tokens = development_tokens(config);
  if (!tokens) return std::unexpected(tokens.error());
  opened.development_tokens = std::move(*tokens);

  if (const auto* file = std::get_if<FileConnections>(&config.connections)) {
    auto client = FileConnectionsClient::open(file->path);
    if (!client) return cannot_start("CONNECTIONS_URL: " + client.error().detail, exit_configuration);
    opened.watched_connections = client->get();
    opened.connections = std::move(*client);
  } else {
    opened.connections = std::make_unique<OpenConnectionsClient>();
  }

  // In production the schema changes when `messagingd migrate` is run, not when a new version happens to start.
  auto database = sqlite::SqliteDatabase::open(
      {.path = config.sqlite_path, .apply_migrations = config.profile == Profile::development}, clock);
  if (!database) return cannot_start("DATABASE_URL: " + database.error().detail, exit_unavailable);
  opened.database = std::move(*database);
  return opened;
}

std::expected<std::unique_ptr<Application>, StartFailure> Application::start(const Config& config,
                                                                             const base::Clock& clock) {
  auto opened = open_backends(config, clock);
  if (!opened) return std::unexpected(opened.error());
  auto tls = std::move(opened->tls);
  std::unique_ptr<Application> application(new Application(config, clock, std::move(*opened)));
  if (auto listening = application->listen(std::move(tls)); !listening) {
    static_cast<void>(application->stop());
    return std::unexpected(listening.error());
  }
  return application;
}

Application::Application(const Config& config, const base::Clock& clock, Opened opened)
    : clock_(clock),
      config_(config),
      io_threads_(clock_, config.io_threads),
      database_(std::move(opened.database)),
      connections_(std::move(opened.connections)),
      watched_connections_(opened.watched_connections),
      tokens_(database_->service_state()),
      rate_limiter_(clock_, rate_limits(config)),
      verifier_(clock_, {.leeway = config.jwt_leeway, .issuer = config.jwt_issuer, .audience = config.jwt_audience},
                opened.keys),
      adapter_(std::make_unique<socketio::InMemoryAdapter>(io_threads_.all())),
      notifier_(clock_, io_threads_.executors(), database_->feeds(), tokens_, *adapter_),
      guard_(clock_, database_->conversations(), *connections_, notifier_, io_threads_.first()),
      service_({.clock = clock_,
                .messages = database_->messages(),
                .conversations = database_->conversations(),
                .feeds = database_->feeds(),
                .guard = guard_,
                .notifier = notifier_,
                .tokens = tokens_,
                .rate_limiter = rate_limiter_}),
      gateway_({.clock = clock_,
                .verifier = verifier_,
                .service = service_,
                .rate_limiter = rate_limiter_,
                .feeds = database_->feeds(),
                .tokens = tokens_,
                .notifier = notifier_,
                .registry = registry_},
               gateway_limits(config)),
      socketio_({.connect_timeout = config.connect_timeout}),
      handshake_limiter_(clock_, config.handshakes_per_address_per_second),
      engineio_(
          clock_, engineio_options(config), io_threads_.all(),
          [this](std::shared_ptr<engineio::Session> session) { return socketio_.open(std::move(session)); },
          [this](const net::RequestHead& head) -> std::unique_ptr<net::Response> {
            return config_.rate_limits ? handshake_limiter_.check(head.remote_address) : nullptr;
          }),
      public_site_(clock_, engineio_, config.profile == Profile::development, std::move(opened.development_tokens)),
      admin_endpoints_(readiness_) {
  readiness_.set("process", "starting");
  socketio_.add_namespace("/", gateway_.handlers(), std::move(adapter_));
  connections_->observe_changes(
      [this](const messaging::UserPair& pair, bool connected) { guard_.apply_change(pair, connected); });
  if (const auto* jwks = std::get_if<JwksFile>(&config.token_keys)) jwks_watch_.emplace(jwks->path, verifier_);
  io_threads_.start();
  if (jwks_watch_) io_threads_.first().post([this] { jwks_watch_->start(io_threads_.first()); });
  if (watched_connections_) io_threads_.first().post([this] { watched_connections_->watch(io_threads_.first()); });
}

Application::~Application() = default;

std::expected<void, StartFailure> Application::listen(rpc::RpcTls tls) {
  auto rpc = rpc::RpcServer::start({.host = config_.grpc_host, .port = config_.grpc_port, .tls = std::move(tls)},
                                   service_, verifier_, io_threads_.executors());
  if (!rpc) return cannot_start("GRPC_PORT: " + rpc.error().detail, exit_unavailable);
  rpc_ = std::move(*rpc);

  auto admin = net::Listener::open({.host = config_.admin_host, .port = config_.admin_port}, {&io_threads_.first()},
                                   admin_endpoints_);
  if (!admin) return cannot_start("ADMIN_PORT: " + admin.error().detail, exit_unavailable);
  admin_listener_ = std::move(*admin);

  auto site =
      net::Listener::open({.host = config_.host, .port = config_.port, .trusted_proxies = config_.trusted_proxies},
                          io_threads_.all(), public_site_);
  if (!site) return cannot_start("PORT: " + site.error().detail, exit_unavailable);
  public_listener_ = std::move(*site);

  admin_listener_->start();
  public_listener_->start();
  readiness_.set("process", "");
  base::log::info("process.ready",
                  {{"port", port()},
                   {"grpc_port", grpc_port()},
                   {"admin_port", admin_port()},
                   {"io_threads", config_.io_threads},
                   {"profile", config_.profile == Profile::production ? "production" : "development"}});
  return {};
}

bool Application::stop() {
  readiness_.set("process", "draining");
  engineio_.refuse_handshakes();
  drain_clients();
  // From here on no new event is served; what is under way ends with its ack, and the connections close behind the
  // acks. A client that does not read what it missed can hold this step up, until the next one closes its connection:
  // it is no condition.
  static_cast<void>(stop_step("events", [this](base::Job done) { gateway_.quiesce(std::move(done)); }));
  engineio_.close_sessions(1.0);
  static_cast<void>(wait_for_sessions(last_words_time_max));
  bool clean = stop_step("connections", [this](base::Job done) { gateway_.stop(std::move(done)); });
  if (public_listener_) public_listener_->stop_accepting();
  if (rpc_) rpc_->drain(step_time_max);
  clean = stop_step("service", [this](base::Job done) { service_.stop(std::move(done)); }) && clean;
  clean = stop_step("guard", [this](base::Job done) { guard_.stop(std::move(done)); }) && clean;
  clean = stop_step("notifier", [this](base::Job done) { notifier_.stop(std::move(done)); }) && clean;
  if (!clean) return false;
  base::log::info("process.stop_step", {{"step", "storage"}});
  database_->stop();
  if (public_listener_) public_listener_->close_all();
  if (admin_listener_) admin_listener_->close_all();
  io_threads_.stop();
  return true;
}

// Moves the clients away in slices, so that they do not all come to the other nodes at once.
void Application::drain_clients() {
  if (engineio_.session_count() == 0) return;
  gateway_.begin_drain(reconnect_after);
  base::log::info("process.draining", {{"sessions", engineio_.session_count()}, {"seconds", config_.drain.count()}});
  for (auto slices_left = base::milliseconds(config_.drain) / drain_slice; slices_left > 0; --slices_left) {
    engineio_.close_sessions(1.0 / static_cast<double>(slices_left));
    if (wait_for_sessions(drain_slice)) return;
  }
}

// True as soon as no session is left.
bool Application::wait_for_sessions(base::milliseconds time_max) const {
  for (auto waited = base::milliseconds(0); waited < time_max; waited += session_poll_interval) {
    if (engineio_.session_count() == 0) return true;
    std::this_thread::sleep_for(session_poll_interval);
  }
  return engineio_.session_count() == 0;
}

// Runs the step on a loop and waits for its end.
bool Application::stop_step(std::string_view name, std::function<void(base::Job done)> step) {
  struct Outcome {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  // Shared: a step that ends after its time still has where to report.
  const auto outcome = std::make_shared<Outcome>();
  io_threads_.first().post([outcome, step = std::move(step)] {
    step([outcome] {
      const std::lock_guard lock(outcome->mutex);
      outcome->done = true;
      outcome->changed.notify_all();
    });
  });
  std::unique_lock lock(outcome->mutex);
  const bool ended = outcome->changed.wait_for(lock, step_time_max, [&] { return outcome->done; });
  base::log::write(ended ? base::log::Level::info : base::log::Level::error, "process.stop_step",
                   {{"step", name}, {"ended", ended}});
  return ended;
}

}  // namespace app
