#include "engine_echo.hpp"

#include <utility>

namespace conformance {
namespace {

class EngineEcho final : public engineio::Session::Handler {
 public:
  static EngineEcho* open(std::shared_ptr<engineio::Session> session) {
    auto owner = std::make_unique<EngineEcho>(std::move(session));
    auto* const echo = owner.get();
    echo->self_ = std::move(owner);
    return echo;
  }
  explicit EngineEcho(std::shared_ptr<engineio::Session> session) : session_(std::move(session)) {}

  void on_message(std::string_view data, bool is_binary) override {
    using engineio::OutboundMessage;
    session_->send(is_binary ? OutboundMessage::binary(data) : OutboundMessage::text(data));
  }
  void on_close(engineio::CloseReason) override { const auto self = std::move(self_); }
  void on_drained() override {}

 private:
  std::shared_ptr<engineio::Session> session_;
  std::unique_ptr<EngineEcho> self_;
};

}  // namespace

engineio::Session::Handler* open_engine_echo(std::shared_ptr<engineio::Session> session) {
  return EngineEcho::open(std::move(session));
}

}  // namespace conformance
