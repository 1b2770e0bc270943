// The names of a message's status, as the seed's enum has them: on the wire and in the tables. Pure.
#pragma once

#include <string_view>

#include "messaging/entities.hpp"

namespace messaging {

[[nodiscard]] constexpr std::string_view to_string(MessageStatus status) noexcept {
  switch (status) {
    case MessageStatus::sent:
      return "SENT";
    case MessageStatus::delivered:
      return "DELIVERED";
    case MessageStatus::read:
      return "READ";
  }
  return "SENT";
}

}  // namespace messaging
