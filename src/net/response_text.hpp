// A Response as HTTP/1.1 sends it. Pure.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "net/http.hpp"

namespace net {

struct ResponseForm {
  bool without_body = false;  // the request was HEAD
  bool closes = false;        // announced by Connection: close
};

// Headers whose name or value cannot be sent (a line break would begin another header, or another response) are left
// out.
[[nodiscard]] std::string to_text(const Response& response, ResponseForm form, base::SystemTime now);

// Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110, section 5.6.7).
[[nodiscard]] std::string to_http_date(base::SystemTime time);

}  // namespace net
