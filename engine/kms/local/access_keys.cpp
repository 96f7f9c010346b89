// Access keys: what requests to the KMS's server are signed with.
#include <algorithm>

#include "engine/crypto/aead.hpp"
#include "engine/kms/local/impl.hpp"

namespace keydeck::kms {
namespace {

using sqlite::Database;
using sqlite::DbTransaction;

constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kSecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kIdDraws = 16;
constexpr std::size_t kSecretSize = 40;
constexpr std::size_t kTokenSize = 200;
constexpr std::string_view kSealLabel = "access keys";
// More than anybody can oversee; a request's key is looked up by its id.
constexpr std::int64_t kMostAccessKeys = 1000;

SecretBytes draw_text(std::size_t size, Random& random) {
    SecretBytes text(size);
    random.fill(text.span());
    // 256 is a multiple of 64: no character is likelier than another.
    for (std::uint8_t& byte : text.span()) byte = static_cast<std::uint8_t>(kSecretAlphabet[byte % kSecretAlphabet.size()]);
    return text;
}

std::string draw_id(bool with_session_token, Random& random) {
    std::string id = with_session_token ? "ASIA" : "AKIA";
    for (const std::uint8_t byte : random.bytes<kIdDraws>()) id += kIdAlphabet[byte % kIdAlphabet.size()];
    return id;
}

Bytes additional_data(std::string_view id, bool has_token) {
    Bytes data;
    append_with_length(data, as_bytes("keydeck access key 1"));
    append_with_length(data, as_bytes(id));
    append_u64_be(data, has_token ? 1 : 0);
    return data;
}

Status insert_access_key(Database& database, const AccessKey& key, ByteView sealed) {
    sqlite::Statement count = database.prepare("SELECT count(*) FROM access_keys");
    const Result<bool> row = count.step();
    if (!row) return fail(row);
    if (count.integer(0) >= kMostAccessKeys) {
        return fail(ErrorCode::kRejected, "There are 1000 access keys already.", "Remove one that is not used.");
    }
    sqlite::Statement insert =
        database.prepare("INSERT INTO access_keys (id, created_at, has_token, sealed) VALUES (?1, ?2, ?3, ?4)");
    insert.bind(1, key.id)
        .bind(2, to_micros(key.created_at))
        .bind(3, static_cast<std::int64_t>(key.session_token.empty() ? 0 : 1))
        .bind(4, sealed);
    return insert.run();
}

}  // namespace

Result<AccessKey> LocalKms::create_access_key(bool with_session_token) {
    const Result<SecretBytes> sealing_key = derive_key(kSealLabel);
    if (!sealing_key) return fail(sealing_key);
    AccessKey key{.id = draw_id(with_session_token, impl_->random),
                  .secret = draw_text(kSecretSize, impl_->random),
                  .session_token = with_session_token ? draw_text(kTokenSize, impl_->random) : SecretBytes(),
                  .created_at = impl_->clock.now()};
    SecretBytes both = key.secret.clone();
    both.append(key.session_token.view());
    const Bytes sealed =
        crypto::seal(sealing_key->view(), additional_data(key.id, with_session_token), both.view(), impl_->random);

    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    Result<DbTransaction> write = DbTransaction::begin_write(**lease);
    if (!write) return fail(write);
    if (Status inserted = insert_access_key(**lease, key, sealed); !inserted) return fail(inserted);
    if (Status noted = impl_->note_event(**lease); !noted) return fail(noted);
    if (Status committed = write->commit(); !committed) return fail(committed);
    return key;
}

Result<std::vector<AccessKeyEntry>> LocalKms::list_access_keys() {
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    std::vector<AccessKeyEntry> entries;
    sqlite::Statement select =
        (*lease)->prepare("SELECT id, created_at, has_token FROM access_keys ORDER BY created_at, id");
    for (;;) {
        const Result<bool> row = select.step();
        if (!row) return fail(row);
        if (!*row) return entries;
        entries.push_back({std::string(select.text(0)), from_micros(select.integer(1)), select.integer(2) != 0});
    }
}

Status LocalKms::remove_access_key(std::string_view id) {
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    Result<DbTransaction> write = DbTransaction::begin_write(**lease);
    if (!write) return fail(write);
    sqlite::Statement remove = (*lease)->prepare("DELETE FROM access_keys WHERE id = ?1");
    remove.bind(1, id);
    if (Status removed = remove.run(); !removed) return removed;
    if ((*lease)->changes() == 0) {
        return fail(ErrorCode::kNotFound, "There is no such access key.", "`keydeck kms access-key list` shows them.");
    }
    if (Status noted = impl_->note_event(**lease); !noted) return noted;
    return write->commit();
}

Result<std::shared_ptr<const AccessKey>> LocalKms::find_access_key(std::string_view id) {
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    sqlite::Statement select = (*lease)->prepare("SELECT created_at, has_token, sealed FROM access_keys WHERE id = ?1");
    select.bind(1, id);
    const Result<bool> row = select.step();
    if (!row) return fail(row);
    if (!*row) return std::shared_ptr<const AccessKey>();
    const ByteView sealed = select.blob(2);
    {
        const std::scoped_lock lock(impl_->access_keys_mutex);
        const auto known = impl_->access_keys.find(id);
        if (known != impl_->access_keys.end() && std::ranges::equal(known->second.sealed, sealed))
            return known->second.opened;
    }
    const Result<SecretBytes> sealing_key = derive_key(kSealLabel);
    if (!sealing_key) return fail(sealing_key);
    const bool has_token = select.integer(1) != 0;
    const Result<SecretBytes> both =
        crypto::open(sealing_key->view(), additional_data(id, has_token), sealed, "the access key");
    if (!both) return fail(both);
    if (both->size() != kSecretSize + (has_token ? kTokenSize : 0)) {
        return fail(ErrorCode::kCorrupt, "An access key in kms.db has a wrong length.");
    }
    auto opened = std::make_shared<AccessKey>();
    opened->id = id;
    opened->secret = SecretBytes::copy_of(both->view().first(kSecretSize));
    opened->session_token = SecretBytes::copy_of(both->view().subspan(kSecretSize));
    opened->created_at = from_micros(select.integer(0));
    const std::scoped_lock lock(impl_->access_keys_mutex);
    impl_->access_keys.insert_or_assign(std::string(id), Impl::KnownAccessKey{to_bytes(sealed), opened});
    return std::shared_ptr<const AccessKey>(std::move(opened));
}

}  // namespace keydeck::kms
