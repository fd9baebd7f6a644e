// A rung of chapter 06 on somebody's own data, instead of the harness's.
#pragma once

#include "train/device/array.hpp"
#include "train/device/protocol.hpp"

namespace train {

// The rungs that train a model as it stands: [{"id": …, "problem": …, "title": …, "where": …}, …].
Json list_rungs();

// Runs request["rung"] at request["shape"] (its problem's numbers; n and d are the set's) from the weights in
// request.floats. Answers {"refused": "needs …"}, or {"steps": …, "seconds": … (the median of three runs;
// null for kernels on simt)} with the new weights and then the steps' losses. Throws BadInput for an unknown
// rung.
Message run_rung(const Message& request, const Set& set);

}  // namespace train
