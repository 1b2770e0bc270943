#include "app/application.hpp"

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <thread>

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
// All steps together, the drain included; within the 25 s that were promised.
constexpr base::milliseconds stop_time_max{24'500};
// After this, clients that were told `serverDraining` should try again somewhere else.
constexpr base::milliseconds reconnect_after{1'000};

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

std::unique_ptr<socketio::Adapter> make_adapter(const Backends& backends) {
  auto threads = backends.io_threads->all();
  if (backends.redis) return backends.redis->make_adapter(std::move(threads));
  return std::make_unique<socketio::InMemoryAdapter>(std::move(threads));
}

std::unexpected<StartFailure> cannot_listen(std::string_view setting, const base::Error& error) {
  return std::unexpected(StartFailure{std::string(setting) + ": " + error.detail, exit_unavailable});
}

}  // namespace

std::expected<std::unique_ptr<Application>, StartFailure> Application::start(const Config& config,
                                                                             const base::Clock& clock) {
  auto backends = open_backends(config, clock);
  if (!backends) return std::unexpected(backends.error());
  std::unique_ptr<Application> application(new Application(config, clock, std::move(*backends)));
  if (auto listening = application->listen(); !listening) {
    // Where a step did not end, something still runs, and must not meet destroyed parts: the process ends right away.
    if (!application->stop()) static_cast<void>(application.release());
    return std::unexpected(listening.error());
  }
  return application;
}

Application::Application(const Config& config, const base::Clock& clock, Backends backends)
    : clock_(clock),
      config_(config),
      with_(std::move(backends)),
      io_threads_(*with_.io_threads),
      tokens_(with_.database->service_state()),
      rate_limiter_(clock_, rate_limits(config)),
      verifier_(clock_, {.leeway = config.jwt_leeway, .issuer = config.jwt_issuer, .audience = config.jwt_audience},
                with_.keys),
      adapter_(make_adapter(with_)),
      notifier_(clock_, io_threads_.executors(), with_.database->feeds(), tokens_, *adapter_),
      guard_(clock_, with_.database->conversations(), *with_.connections, notifier_, io_threads_.first(),
             with_.redis ? &with_.redis->decisions() : nullptr),
      service_({.clock = clock_,
                .messages = with_.database->messages(),
                .conversations = with_.database->conversations(),
                .feeds = with_.database->feeds(),
                .guard = guard_,
                .notifier = notifier_,
                .tokens = tokens_,
                .rate_limiter = rate_limiter_}),
      registry_(share_registry()),
      gateway_({.clock = clock_,
                .verifier = verifier_,
                .service = service_,
                .rate_limiter = rate_limiter_,
                .feeds = with_.database->feeds(),
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
      public_site_(clock_, engineio_, config.profile == Profile::development, std::move(with_.development_tokens)),
      admin_endpoints_(readiness_) {
  readiness_.set("process", "starting");
  readiness_.require("database", [this] { return with_.database->trouble(); });
  if (with_.redis) readiness_.wish_for("redis", [this] { return with_.redis->trouble(); });
  if (with_.grpc_connections) readiness_.wish_for("connections", [this] { return connections_trouble(); });
  socketio_.add_namespace("/", gateway_.handlers(), std::move(adapter_));
  with_.connections->observe_changes(
      [this](const messaging::UserPair& pair, bool connected) { guard_.apply_change(pair, connected); });
  if (const auto* jwks = std::get_if<JwksFile>(&config.token_keys)) jwks_watch_.emplace(jwks->path, verifier_);
  start_loops();
}

messaging::ConnectionRegistry& Application::share_registry() {
  if (!with_.redis) return local_registry_;
  return with_.redis->share(local_registry_,
                            {.on_node_lost = [this](const std::string& /*node*/) { notifier_.on_member_lost(); },
                             .on_connection_changed = [this](const messaging::UserPair& pair,
                                                             bool connected) { guard_.apply_change(pair, connected); },
                             .on_changes_missed = [this] { guard_.distrust_decisions(); }});
}

void Application::start_loops() {
  io_threads_.start();
  auto& first = io_threads_.first();
  if (jwks_watch_) first.post([this, &first] { jwks_watch_->start(first); });
  if (with_.file_connections) first.post([this, &first] { with_.file_connections->watch(first); });
  if (with_.redis) with_.redis->start();
}

std::string Application::connections_trouble() const {
  if (with_.grpc_connections->breaker_state() == rpc::CircuitBreaker::State::closed) return {};
  return "the Connections service does not answer: pairs without a known decision are refused";
}

Application::~Application() = default;

std::expected<void, StartFailure> Application::listen() {
  auto rpc =
      rpc::RpcServer::start({.host = config_.grpc_host, .port = config_.grpc_port, .tls = std::move(with_.rpc_tls)},
                            service_, verifier_, io_threads_.executors());
  if (!rpc) return cannot_listen("GRPC_PORT", rpc.error());
  rpc_ = std::move(*rpc);

  auto admin = net::Listener::open({.host = config_.admin_host, .port = config_.admin_port}, {&io_threads_.first()},
                                   admin_endpoints_);
  if (!admin) return cannot_listen("ADMIN_PORT", admin.error());
  admin_listener_ = std::move(*admin);

  auto site =
      net::Listener::open({.host = config_.host, .port = config_.port, .trusted_proxies = config_.trusted_proxies},
                          io_threads_.all(), public_site_);
  if (!site) return cannot_listen("PORT", site.error());
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
  stop_deadline_.emplace(clock_, stop_time_max);
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
  if (rpc_) rpc_->drain(step_time());
  clean = stop_step("service", [this](base::Job done) { service_.stop(std::move(done)); }) && clean;
  if (with_.grpc_connections) {
    const auto stop_calls = [this](base::Job done) { with_.grpc_connections->stop(std::move(done)); };
    clean = stop_step("connections service", stop_calls) && clean;
  }
  clean = stop_step("guard", [this](base::Job done) { guard_.stop(std::move(done)); }) && clean;
  clean = stop_step("notifier", [this](base::Job done) { notifier_.stop(std::move(done)); }) && clean;
  // After the last message was published, and before nobody would write out what still waits.
  if (with_.redis) {
    clean = stop_step("redis", [this](base::Job done) { with_.redis->stop(std::move(done)); }) && clean;
  }
  if (!clean) return false;
  base::log::info("process.stop_step", {{"step", "storage"}});
  with_.database->stop();
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

base::milliseconds Application::step_time() const {
  return std::min(step_time_max, stop_deadline_->remaining(clock_.steady_now()));
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
  const bool ended = outcome->changed.wait_for(lock, step_time(), [&] { return outcome->done; });
  base::log::write(ended ? base::log::Level::info : base::log::Level::error, "process.stop_step",
                   {{"step", name}, {"ended", ended}});
  return ended;
}

}  // namespace app
