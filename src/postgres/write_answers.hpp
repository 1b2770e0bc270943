// What the server answered to a batch's calls, told to its operations.
#pragma once

#include <vector>

#include "postgres/binary_rows.hpp"
#include "postgres/write_request.hpp"

namespace postgres {

// Gives every operation its result. `answers`: the rows of messaging_write_batch_1 and, where there were any to be
// shown, of views_by_id and views_by_pair. Throws UnexpectedRow.
void take_answers(const Operations<PendingWrite>& operations, const std::vector<BinaryRows>& answers);

}  // namespace postgres
