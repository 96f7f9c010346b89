// The work of one thread on one cell.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "engine/custody/migration/outcome.hpp"
#include "engine/custody/migration/plan.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::custody::migration {

/// Cells that are to stay as they are, and why, as long as their value is the same. Thread-safe.
class CellsLeftAlone {
public:
    void add(const Cell& cell, std::string reason);
    [[nodiscard]] std::optional<std::string> reason(const Cell& cell) const;

private:
    struct Left {
        Hash32 hash{};
        std::string reason;
    };
    mutable std::mutex mutex_;
    std::map<std::pair<const AppColumn*, std::string>, Left> left_;
};

/// Looks at cells, and makes ciphertexts of tokens. Thread-safe; what it is made with outlives it.
class CellWork {
public:
    enum class Task : std::uint8_t {
        kLook,    ///< what the journal knows is believed
        kVerify,  ///< every ciphertext is opened, and a token is a problem
        kMigrate  ///< a token becomes a ciphertext that was read back and compared
    };
    CellWork(const MigrationPlan& plan, kms::Kms& kms, Task task, const CellsLeftAlone* left_alone = nullptr)
        : plan_(plan), kms_(kms), task_(task), left_alone_(left_alone) {}

    [[nodiscard]] Outcome operator()(Cell cell) const;

private:
    void look_at_token(Outcome& outcome, const crypto::FernetToken& token) const;
    void migrate(Outcome& outcome, const SecretBytes& value) const;
    void look_at_ciphertext(Outcome& outcome, ByteView ciphertext) const;

    const MigrationPlan& plan_;
    kms::Kms& kms_;
    Task task_;
    const CellsLeftAlone* left_alone_;
};

/// Opens a cell's ciphertext under the plan's key. A failure that is not the cell's becomes the outcome's `stop`, another
/// its reason and verdict; then there is no value. A KMS that says "denied" is asked whether it opens what it has just
/// encrypted: where it does not, that is no cell's fault.
[[nodiscard]] std::optional<SecretBytes> open_ciphertext(const MigrationPlan& plan, kms::Kms& kms, ByteView ciphertext,
                                                         Outcome& outcome);

}  // namespace keydeck::custody::migration
