// The KMS that holds a vault's keys: the embedded one, or AWS's.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/kms/aws/aws_kms.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/store/store.hpp"

namespace keydeck::custody {

/// Thread-safe but for unlocking and locking, which the caller keeps apart.
class VaultKms {
public:
    /// Opens the KMS that the record names. Makes no network call and needs no secret. `clock` and `random` outlive it.
    /// Errors: those of LocalKms::open() or AwsKms::open().
    [[nodiscard]] static Result<std::unique_ptr<VaultKms>> open(const store::VaultRecord& record,
                                                                const std::filesystem::path& directory, bool read_only,
                                                                const Clock& clock, Random& random);

    [[nodiscard]] kms::Kms& kms();
    [[nodiscard]] kms::LocalKms* local() { return local_.get(); }     ///< null with AWS
    [[nodiscard]] kms::aws::AwsKms* aws() { return aws_.get(); }      ///< null with the embedded KMS
    [[nodiscard]] bool is_remote() const { return aws_ != nullptr; }  ///< whether a call takes a network's time

    /// AWS needs no unlocking: whoever may call it is AWS's to say.
    [[nodiscard]] bool is_unlocked() const;
    [[nodiscard]] bool wants_passphrase() const;
    /// With the key file. Errors: locked where a passphrase is wanted; those of read_key_file().
    Status unlock();
    Status unlock(const SecretBytes& passphrase);
    /// Forgets what a passphrase has opened.
    void lock();

    /// 32 bytes that seal the audit log: derived from the embedded KMS's root key, or the file seal.key beside the database.
    /// Errors: locked; not_found, denied, invalid_input for the file.
    [[nodiscard]] Result<SecretBytes> seal_key() const;

private:
    VaultKms() = default;

    std::unique_ptr<kms::LocalKms> local_;
    std::unique_ptr<kms::aws::AwsKms> aws_;
    std::filesystem::path key_file_;
    std::filesystem::path seal_file_;
};

}  // namespace keydeck::custody
