// A batch as the parameters of messaging_write_batch_1: users and conversations once, operations by their places.
#pragma once

#include "postgres/exchange.hpp"
#include "postgres/write_request.hpp"

namespace postgres {

[[nodiscard]] Parameters write_parameters(const Operations<PendingWrite>& operations, bool is_in_doubt);

}  // namespace postgres
