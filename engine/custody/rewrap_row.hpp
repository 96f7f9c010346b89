// One row moved to another key, and proven: what the workers of a rewrap do. No database.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/error.hpp"
#include "engine/kms/kms.hpp"
#include "engine/store/sealed_rows.hpp"

namespace keydeck::custody {

/// What a row is sealed with under `key_id`: its data key (or, of a key pair, its private key) moved by ReEncrypt, or, with
/// `fresh`, all of it sealed anew under a new data key. What comes back has been opened once: it gives the row's address and
/// public key. A key pair has no data key: `fresh` is ReEncrypt too. Errors: corrupt where the row does not open; the KMS's.
[[nodiscard]] Result<store::SealedColumns> reseal(kms::Kms& kms, Random& random, std::string_view vault_id,
                                                  const store::SealedRow& row, std::string_view key_id, bool fresh);

}  // namespace keydeck::custody
