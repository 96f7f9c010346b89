#include "engine/custody/migration/cell_work.hpp"

#include "engine/base/base64.hpp"
#include "engine/base/text.hpp"
#include "engine/kms/limits.hpp"

namespace keydeck::custody::migration {
namespace {

constexpr std::string_view kTooLong =
    "Its value is longer than the 4,096 bytes that a KMS encrypts; it was left as the Fernet token it is.";
constexpr std::string_view kNoValue =
    "Its value is empty, and a KMS encrypts no empty value; it was left as the Fernet token it is.";
constexpr std::size_t kBlock = 16;

void is_problem(Outcome& outcome, Verdict verdict, std::string_view reason) {
    outcome.verdict = verdict;
    outcome.reason = reason;
}

/// Whether a KMS says that this ciphertext is none of the key's. Expired sessions, bad signatures and answers of a proxy
/// have the same codes, and other names or none.
bool is_of_the_ciphertext(const Error& error) {
    return error.kms_error == "InvalidCiphertextException" || error.kms_error == "IncorrectKeyException";
}

/// Whether a KMS refuses what a cell is bound to: a long key of a row makes a long encryption context.
bool is_of_the_context(const Error& error, const MigrationPlan& plan) {
    return plan.bind && error.kms_error == "ValidationException";
}

/// AWS answers AccessDenied for a blob whose key is gone, and for one of another account; and for all, where a policy is.
bool may_be_of_the_ciphertext(const Error& error) {
    return error.kms_error == "AccessDeniedException" || error.kms_error == "NotFoundException";
}

/// Whether what the key encrypts can be decrypted, here and now.
Status probe(const MigrationPlan& plan, kms::Kms& kms, const kms::EncryptionContext& context) {
    constexpr std::string_view kProbe = "keydeck";
    const Result<kms::EncryptResult> sealed = kms.encrypt(plan.key_arn, as_bytes(kProbe), context);
    if (!sealed) return fail(sealed);
    const Result<kms::DecryptResult> opened = kms.decrypt(plan.key_arn, sealed->ciphertext, context);
    return opened ? Status() : fail(opened);
}

bool has_null(const Cell& cell) {
    for (const sqlite::Value& part : cell.key) {
        if (std::holds_alternative<std::monostate>(part)) return true;
    }
    return false;
}

}  // namespace

void CellsLeftAlone::add(const Cell& cell, std::string reason) {
    const std::scoped_lock lock(mutex_);
    left_.insert_or_assign({cell.column, cell.journal_row()}, Left{cell.hash(), std::move(reason)});
}

std::optional<std::string> CellsLeftAlone::reason(const Cell& cell) const {
    const std::scoped_lock lock(mutex_);
    if (left_.empty()) return std::nullopt;
    const auto found = left_.find({cell.column, cell.journal_row()});
    if (found == left_.end() || found->second.hash != cell.hash()) return std::nullopt;
    return found->second.reason;
}

std::optional<SecretBytes> open_ciphertext(const MigrationPlan& plan, kms::Kms& kms, ByteView ciphertext, Outcome& outcome) {
    const Result<kms::EncryptionContext> context = plan.context_of(outcome.cell);
    if (!context) {
        is_problem(outcome, Verdict::kUndecryptable, context.error().message);
        return std::nullopt;
    }
    Result<kms::DecryptResult> opened = kms.decrypt(plan.key_arn, ciphertext, *context);
    if (opened) return std::move(opened->plaintext);
    const Error& error = opened.error();
    bool of_the_cell = is_of_the_ciphertext(error) || is_of_the_context(error, plan);
    if (may_be_of_the_ciphertext(error)) {
        const Status probed = probe(plan, kms, *context);
        of_the_cell = probed.has_value();
        if (!probed) outcome.stop = probed.error();
    } else if (!of_the_cell) {
        outcome.stop = error;
    }
    if (!of_the_cell) return std::nullopt;
    const bool other_key = error.kms_error == "IncorrectKeyException";
    is_problem(outcome, Verdict::kUndecryptable,
               other_key ? "It is a ciphertext under another KMS key."
                         : "It looks like a KMS ciphertext, and does not open under the key as one of this row.");
    return std::nullopt;
}

Outcome CellWork::operator()(Cell cell) const {
    Outcome outcome;
    outcome.cell = std::move(cell);
    const Look look = look_at(outcome.cell);
    switch (look.kind) {
        case CellKind::kEmpty:
            outcome.verdict = Verdict::kEmpty;
            break;
        case CellKind::kToken:
            look_at_token(outcome, *look.token);
            break;
        case CellKind::kBrokenToken:
            is_problem(outcome, Verdict::kUndecryptable, look.why);
            break;
        case CellKind::kKmsCiphertext:
            look_at_ciphertext(outcome, look.ciphertext);
            break;
        case CellKind::kOther:
            is_problem(outcome, Verdict::kOther, "It is neither a Fernet token nor a KMS ciphertext; it was left alone.");
            break;
    }
    return outcome;
}

void CellWork::look_at_token(Outcome& outcome, const crypto::FernetToken& token) const {
    if (task_ == Task::kVerify) return is_problem(outcome, Verdict::kToken, "It is still a Fernet token.");
    const crypto::FernetKey* const key = crypto::key_of(token, plan_.keys);
    if (key == nullptr) {
        return is_problem(outcome, Verdict::kUndecryptable,
                          "None of the Fernet keys made this token, or it is damaged; it was left as it is.");
    }
    outcome.verdict = Verdict::kToken;
    if (token.most_plaintext() >= kms::kMaxPlaintext + kBlock) return is_problem(outcome, Verdict::kToken, kTooLong);
    const Result<SecretBytes> value = token.open(*key);
    if (!value) return is_problem(outcome, Verdict::kUndecryptable, value.error().message);
    if (value->empty()) return is_problem(outcome, Verdict::kToken, kNoValue);
    if (value->size() > kms::kMaxPlaintext) return is_problem(outcome, Verdict::kToken, kTooLong);
    if (has_null(outcome.cell)) {
        return is_problem(
            outcome, Verdict::kToken,
            "Its row has NULL in the primary key: no journal could tell it from others; it was left as it is.");
    }
    if (const auto context = plan_.context_of(outcome.cell); !context)
        return is_problem(outcome, Verdict::kToken, context.error().message);
    if (left_alone_ != nullptr) {
        if (const auto reason = left_alone_->reason(outcome.cell)) return is_problem(outcome, Verdict::kToken, *reason);
    }
    if (task_ == Task::kMigrate) migrate(outcome, *value);
}

void CellWork::migrate(Outcome& outcome, const SecretBytes& value) const {
    const Result<kms::EncryptionContext> context = plan_.context_of(outcome.cell);
    if (!context) return is_problem(outcome, Verdict::kToken, context.error().message);
    const Result<kms::EncryptResult> sealed = kms_.encrypt(plan_.key_arn, value.view(), *context);
    if (!sealed) {
        if (!is_of_the_context(sealed.error(), plan_)) {
            outcome.stop = sealed.error();
        } else {
            is_problem(outcome, Verdict::kToken, "The KMS refused to encrypt its value: " + sealed.error().message);
        }
        return;
    }
    const Result<kms::DecryptResult> back = kms_.decrypt(plan_.key_arn, sealed->ciphertext, *context);
    if (!back && !is_of_the_ciphertext(back.error())) {
        outcome.stop = back.error();
        return;
    }
    if (!back || !equal_in_constant_time(back->plaintext.view(), value.view())) {
        return is_problem(outcome, Verdict::kToken,
                          "What the KMS made of it did not open to the same value again; it was left as it is.");
    }
    outcome.content = to_base64(sealed->ciphertext);
}

void CellWork::look_at_ciphertext(Outcome& outcome, ByteView ciphertext) const {
    const bool journaled = outcome.cell.is_known_ciphertext();
    outcome.verdict = Verdict::kMigrated;
    if (journaled && task_ != Task::kVerify) return;
    const std::optional<SecretBytes> value = open_ciphertext(plan_, kms_, ciphertext, outcome);
    if (!value) return;
    const std::string_view text = trimmed(value->text());
    if (value->empty()) return is_problem(outcome, Verdict::kMigrated, "It opens to nothing.");
    if (task_ == Task::kVerify && crypto::FernetToken::parse(text)) {
        return is_problem(outcome, Verdict::kMigrated,
                          "It opens to a Fernet token, not to a value: it was encrypted without being decrypted first.");
    }
    if (task_ == Task::kVerify && reads_like_a_ciphertext(text)) {
        return is_problem(outcome, Verdict::kMigrated,
                          "It opens to another ciphertext, not to a value: it was encrypted twice.");
    }
    outcome.is_found = !journaled;
}

}  // namespace keydeck::custody::migration
