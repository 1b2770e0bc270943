// States, on each thread by itself: open -> accepting (start) -> stopping (stop_accepting) -> closed (close_all). The
// calls come from any thread and are posted to each of them.
#include "net/listener.hpp"

#include <utility>

#include "net/acceptor.hpp"
#include "net/listening_sockets.hpp"

namespace net {
namespace {

class ReusePortListener final : public Listener {
 public:
  ReusePortListener(SharedHttpService shared, const std::vector<IoThread*>& threads, ListeningSockets sockets);
  ~ReusePortListener() override {
    stop_accepting();
    close_all();
  }

  void start() override;
  [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }
  void stop_accepting() override;
  void close_all() override;

 private:
  struct Share {
    std::shared_ptr<HttpService> service;
    std::vector<std::shared_ptr<Acceptor>> acceptors;
  };

  std::uint16_t port_;
  std::vector<Share> shares_;  // one for each thread
};

ReusePortListener::ReusePortListener(SharedHttpService shared, const std::vector<IoThread*>& threads,
                                     ListeningSockets sockets)
    : port_(sockets.port) {
  const auto shared_service = std::make_shared<SharedHttpService>(std::move(shared));
  for (std::size_t i = 0; i < threads.size(); ++i) {
    // No make_shared: aggregates cannot be made that way.
    Share share{std::shared_ptr<HttpService>(new HttpService{*threads[i], shared_service}), {}};
    for (auto& fd : sockets.by_thread[i]) share.acceptors.push_back(make_acceptor(share.service, std::move(fd)));
    shared_service->services.push_back(share.service);
    shares_.push_back(std::move(share));
  }
}

void ReusePortListener::start() {
  for (const auto& share : shares_) {
    share.service->thread.post([acceptors = share.acceptors] {
      for (const auto& acceptor : acceptors) acceptor->start();
    });
  }
}

void ReusePortListener::stop_accepting() {
  for (const auto& share : shares_) {
    share.service->thread.post([share] {
      for (const auto& acceptor : share.acceptors) acceptor->stop();
      share.service->is_stopping = true;
      for (const auto& connection : share.service->connections.members()) connection->close_when_idle();
    });
  }
}

void ReusePortListener::close_all() {
  for (const auto& share : shares_) {
    share.service->thread.post([service = share.service] {
      service->is_closed = true;
      for (const auto& connection : service->connections.members()) connection->close_now();
    });
  }
}

}  // namespace

base::Result<std::unique_ptr<Listener>> Listener::open(ListenerOptions options, std::vector<IoThread*> threads,
                                                       HttpHandler& handler) {
  auto trusted_proxies = TrustedProxies::parse(options.trusted_proxies);
  if (!trusted_proxies) return base::forward(trusted_proxies);
  auto sockets = open_listening_sockets(options.host, options.port, threads.size());
  if (!sockets) return base::forward(sockets);
  auto count = std::make_shared<ConnectionCount>(options.connections_max);
  SharedHttpService shared{std::move(options), handler, std::move(*trusted_proxies), std::move(count)};
  return std::make_unique<ReusePortListener>(std::move(shared), threads, std::move(*sockets));
}

}  // namespace net
