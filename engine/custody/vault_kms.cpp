#include "engine/custody/vault_kms.hpp"

#include <utility>

#include "engine/custody/vault_files.hpp"

namespace keydeck::custody {

Result<std::unique_ptr<VaultKms>> VaultKms::open(const store::VaultRecord& record, const std::filesystem::path& directory,
                                                 bool read_only, const Clock& clock, Random& random) {
    std::unique_ptr<VaultKms> out(new VaultKms());
    out->key_file_ = record.key_file;
    out->seal_file_ = seal_path(directory);
    if (record.kms == kKmsLocal) {
        Result<std::unique_ptr<kms::LocalKms>> local = kms::LocalKms::open(kms_path(directory), clock, random, read_only);
        if (!local) return fail(local);
        out->local_ = std::move(*local);
        return out;
    }
    if (record.kms != kKmsAws) {
        return fail(ErrorCode::kRejected,
                    "The vault's keys are in a KMS that this version does not know: " + record.kms + ".");
    }
    kms::aws::AwsKmsOptions options;
    options.region = record.region;
    options.profile = record.profile;
    options.endpoint = record.endpoint_url;
    Result<std::unique_ptr<kms::aws::AwsKms>> aws = kms::aws::AwsKms::open(std::move(options), clock, random);
    if (!aws) return fail(aws);
    out->aws_ = std::move(*aws);
    return out;
}

kms::Kms& VaultKms::kms() {
    if (local_) return *local_;
    return *aws_;
}

bool VaultKms::is_unlocked() const { return !local_ || local_->is_unlocked(); }

bool VaultKms::wants_passphrase() const { return local_ && local_->secret_kind() == kms::RootSecret::Kind::kPassphrase; }

Status VaultKms::unlock() {
    if (is_unlocked()) return {};
    if (wants_passphrase()) {
        return fail(ErrorCode::kLocked, "The vault is locked: its passphrase is needed first.",
                    "Give it with --passphrase-file FILE, or type it when asked.");
    }
    Result<SecretBytes> key = read_key_file(key_file_);
    if (!key) return fail(key);
    return local_->unlock({kms::RootSecret::Kind::kKeyFile, std::move(*key)});
}

Status VaultKms::unlock(const SecretBytes& passphrase) {
    if (!wants_passphrase()) return unlock();
    return local_->unlock({kms::RootSecret::Kind::kPassphrase, passphrase.clone()});
}

void VaultKms::lock() {
    // A key file opens the vault again at the next call: forgetting its key protects nothing, and a call between this and
    // the next opening would fail.
    if (wants_passphrase()) local_->lock();
}

Result<SecretBytes> VaultKms::seal_key() const {
    return local_ ? local_->derive_key(kAuditSealLabel) : read_key_file(seal_file_);
}

}  // namespace keydeck::custody
