// A connection to one node that is made again whenever it breaks: connect, login, notice when the node is silent,
// pause, again. Under RequestLink (commands) and SubscribingLink (pushed messages), over a Transport. Lives on one I/O
// thread, as long as its owner wants the node.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "redis/reply.hpp"
#include "redis/resp_reader.hpp"
#include "redis/transport.hpp"

namespace redis {

// Each may close() the link, and send(), but not destroy it.
class LinkHandler {
 public:
  virtual ~LinkHandler() = default;
  virtual void on_link_up() = 0;
  // Only after on_link_up(): what was sent and not answered may have been carried out, or not.
  virtual void on_link_down() = 0;
  // An attempt has failed, or the link broke; why, as a sentence for the operator. Before on_link_down().
  virtual void on_link_failed(const std::string& sentence) = 0;
  // In the order of what was sent, without the replies to the link's own commands; for a pushing link: whatever comes.
  // May be moved from.
  virtual void on_link_reply(Reply& reply) = 0;
};

// What all links of one client share. Outlives them.
struct LinkContext {
  base::Executor& executor;
  const base::Clock& clock;
  Transports& transports;
  const Options& options;
};

class Link final : private TransportHandler {
 public:
  enum class Kind : std::uint8_t {
    answering,  // one reply to each command
    pushing,    // subscribed: messages come, and confirmations at any time
  };
  // From the first attempt to the answer to the login's PING.
  static constexpr base::milliseconds connect_time_max{2'000};
  // Without traffic for so long: PING. With something unanswered and no traffic for so long: the node is away.
  static constexpr base::milliseconds idle_time_max{1'000};
  static constexpr base::milliseconds silence_max{2'000};
  static constexpr base::milliseconds pause_min{50};
  static constexpr base::milliseconds pause_max{2'000};

  // The handler outlives the link.
  Link(const LinkContext& context, Endpoint endpoint, Kind kind, LinkHandler& handler);
  ~Link() override;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void open();
  // Precondition: is_up(). One command, or several that are answered by as many replies.
  void send(std::string_view command, std::size_t replies = 1);
  [[nodiscard]] bool is_up() const noexcept { return state_ == State::up; }
  [[nodiscard]] const Endpoint& endpoint() const noexcept { return endpoint_; }
  // What came makes no sense: connects anew.
  void give_up(std::string_view reason) { fail(reason); }
  // For good; the handler is not called any more.
  void close();

 private:
  enum class State : std::uint8_t { closed, pausing, connecting, logging_in, up };

  void on_connected() override;
  void on_received(std::string_view bytes) override;
  void on_closed(std::string_view reason) override { fail(reason); }

  void connect();
  // Commands of the login, in one write; the link is up when all are answered.
  void on_login_reply(const Reply& reply);
  void take_reply(Reply& reply);
  void come_up();
  void look_after();
  void fail(std::string_view reason);
  void pause();
  void set_timer(base::milliseconds after, void (Link::*job)());
  void on_connect_timeout() { fail("it did not answer in time"); }

  const LinkContext& context_;
  const Endpoint endpoint_;
  const Kind kind_;
  LinkHandler& handler_;
  State state_ = State::closed;
  std::unique_ptr<Transport> transport_;
  std::shared_ptr<RespReader> reader_;
  base::TimerId timer_ = 0;
  std::string failure_;            // reported last, while it is not up
  unsigned attempts_ = 0;          // since it was last up for a while
  std::size_t login_replies_ = 0;  // still to come
  std::uint64_t sent_ = 0;         // commands of this connection
  std::uint64_t answered_ = 0;     // of these
  std::uint64_t ping_ = 0;         // the number of the PING that is under way; 0: none
  base::SteadyTime heard_{};       // the last traffic, or the first command after all were answered
  base::SteadyTime up_since_{};
  bool was_up_ = false;
};

}  // namespace redis
