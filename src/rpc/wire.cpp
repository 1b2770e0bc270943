#include "rpc/wire.hpp"

#include <chrono>

#include "messaging/v1/messaging.pb.h"

namespace rpc {
namespace {

namespace v1 = messaging::v1;

v1::MessageStatus status_to_wire(messaging::MessageStatus status) noexcept {
  switch (status) {
    case messaging::MessageStatus::sent:
      return v1::MESSAGE_STATUS_SENT;
    case messaging::MessageStatus::delivered:
      return v1::MESSAGE_STATUS_DELIVERED;
    case messaging::MessageStatus::read:
      return v1::MESSAGE_STATUS_READ;
  }
  return v1::MESSAGE_STATUS_UNSPECIFIED;
}

void time_to_wire(base::SystemTime time, google::protobuf::Timestamp& out) {
  const auto second = std::chrono::floor<base::seconds>(time);
  out.set_seconds(second.time_since_epoch().count());
  out.set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds(time - second).count()));
}

struct EventWriter {
  v1::SyncEvent& out;

  void operator()(const messaging::NewMessage& event) const { to_wire(event.message, *out.mutable_new_message()); }
  void operator()(const messaging::StatusMoved& event) const {
    auto& status = *out.mutable_message_status();
    status.set_conversation_id(event.conversation_id.to_string());
    status.set_user_id(event.user_id.str());
    status.set_delivered_seq(event.watermarks.delivered_seq);
    status.set_read_seq(event.watermarks.read_seq);
    const bool all_read = event.watermarks.read_seq == event.watermarks.delivered_seq;
    status.set_status(all_read ? v1::MESSAGE_STATUS_READ : v1::MESSAGE_STATUS_DELIVERED);
  }
  void operator()(const messaging::ConversationUpdated& event) const {
    to_wire(event.conversation, *out.mutable_conversation_updated());
  }
};

}  // namespace

void to_wire(const messaging::Message& message, v1::Message& out) {
  out.set_id(message.id.to_string());
  out.set_conversation_id(message.conversation_id.to_string());
  out.set_seq(message.seq);
  out.set_author_id(message.author_id.str());
  out.set_content(message.content);
  out.set_status(status_to_wire(message.status));
  time_to_wire(message.created_at, *out.mutable_created_at());
  if (message.client_message_id) out.set_client_message_id(message.client_message_id->to_string());
}

void to_wire(const messaging::Conversation& conversation, v1::Conversation& out) {
  out.set_id(conversation.id.to_string());
  for (const auto& participant : conversation.participants) {
    auto& added = *out.add_participants();
    added.set_user_id(participant.user_id.str());
    added.set_delivered_seq(participant.watermarks.delivered_seq);
    added.set_read_seq(participant.watermarks.read_seq);
  }
  time_to_wire(conversation.created_at, *out.mutable_created_at());
  out.set_last_seq(conversation.last_seq);
  if (conversation.last_message) to_wire(*conversation.last_message, *out.mutable_last_message());
  out.set_unread_count(conversation.unread_count);
  out.set_can_send(conversation.can_send);
}

void to_wire(const messaging::MessageHistory& history, v1::GetMessageHistoryResponse& out) {
  for (const auto& message : history.messages) to_wire(message, *out.add_messages());
  out.set_older_cursor(history.older_cursor.value_or(""));
  out.set_newer_cursor(history.newer_cursor.value_or(""));
}

void to_wire(const messaging::Inbox& inbox, v1::ListConversationsResponse& out) {
  for (const auto& conversation : inbox.conversations) to_wire(conversation, *out.add_conversations());
  out.set_next_cursor(inbox.next_cursor.value_or(""));
  out.set_offset(inbox.offset);
}

void to_wire(const messaging::Watermarks& watermarks, v1::MarkReadResponse& out) {
  out.set_delivered_seq(watermarks.delivered_seq);
  out.set_read_seq(watermarks.read_seq);
}

void to_wire(const messaging::SyncPage::Entry& entry, v1::SyncEvent& out) {
  out.set_offset(entry.offset);
  std::visit(EventWriter{out}, entry.event);
}

}  // namespace rpc
