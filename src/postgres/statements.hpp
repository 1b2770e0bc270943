// The prepared statements of both kinds of connections. Constants; any thread. Each is one snapshot of the tables; the
// two functions stand in migrations/postgres.
#pragma once

#include <span>

#include "postgres/exchange.hpp"

namespace postgres {

// By name; the parameters' types in order, then what a row holds.
namespace statement {

// messaging_write_batch_1's parameters. Its columns, of which those of the message come last.
inline constexpr std::string_view write_batch = "write_batch";
// (uuid[]), (text[] of pair keys). The views of conversations: view columns, then message columns.
inline constexpr std::string_view views_by_id = "views_by_id";
inline constexpr std::string_view views_by_pair = "views_by_pair";

// (uuid), (text). id, low user, high user, canSend.
inline constexpr std::string_view header_by_id = "header_by_id";
inline constexpr std::string_view header_by_pair = "header_by_pair";
// (text user, timestamp, uuid, bigint limit): entries behind (activity, id). The feed's head, activity, id, then a
// view; without entries one row with the head alone.
inline constexpr std::string_view inbox = "inbox";

// (text author, uuid), (uuid conversation, bigint seq, bigint limit) newest first, the same oldest first. Messages.
inline constexpr std::string_view message_by_key = "message_by_key";
inline constexpr std::string_view history_before = "history_before";
inline constexpr std::string_view history_after = "history_after";
// (uuid conversation, uuid message). seq.
inline constexpr std::string_view find_seq = "find_seq";

// (text[] users). Their heads, in that order.
inline constexpr std::string_view heads = "heads";
// (text user, bigint since, bigint up to, bigint limit). The feed's head, position, kind: (m)essage, (o)wn receipt,
// (p)eer's receipt, (u)pdate; then a view, whose message is the event's own where it is a message. Without events one
// row with the head alone.
inline constexpr std::string_view events = "events";

}  // namespace statement

[[nodiscard]] std::span<const Statement> writer_statements();
[[nodiscard]] std::span<const Statement> reader_statements();

}  // namespace postgres
