// The tables: every operation on a key of either spec in every state, and every way a request may name its key.
#include "tests/contract/kms_contract.hpp"

#include <map>

namespace keydeck::kms::contract {
namespace {

constexpr std::string_view kUnknownId = "1234abcd-12ab-34cd-56ef-1234567890ab";

std::string_view short_name(KeySpec spec) { return spec == KeySpec::kSymmetricDefault ? "Symmetric" : "Ecc"; }

std::string_view to_string(Naming naming) {
    switch (naming) {
        case Naming::kKeyId:
            return "KeyId";
        case Naming::kKeyArn:
            return "KeyArn";
        case Naming::kAliasName:
            return "AliasName";
        case Naming::kAliasArn:
            return "AliasArn";
        case Naming::kUnknownKeyId:
            return "UnknownKeyId";
        case Naming::kUnknownKeyArn:
            return "UnknownKeyArn";
        case Naming::kUnknownAlias:
            return "UnknownAlias";
        case Naming::kMalformed:
            return "Malformed";
        case Naming::kUuidWithoutDashes:
            return "UuidWithoutDashes";
        case Naming::kOtherRegion:
            return "OtherRegion";
        case Naming::kOtherAccount:
            return "OtherAccount";
        case Naming::kOtherService:
            return "OtherService";
        case Naming::kTooLong:
            return "TooLong";
    }
    return "";
}

// The code that stands beside each of AWS's names (kms.hpp).
ErrorCode code_beside(std::string_view name) {
    static const std::map<std::string_view, ErrorCode> codes = {
        {"ValidationException", ErrorCode::kInvalidInput},
        {"InvalidAliasNameException", ErrorCode::kInvalidInput},
        {"InvalidMarkerException", ErrorCode::kInvalidInput},
        {"TagException", ErrorCode::kInvalidInput},
        {"NotFoundException", ErrorCode::kNotFound},
        {"AlreadyExistsException", ErrorCode::kAlreadyExists},
        {"DisabledException", ErrorCode::kRejected},
        {"KMSInvalidStateException", ErrorCode::kRejected},
        {"UnsupportedOperationException", ErrorCode::kRejected},
        {"InvalidKeyUsageException", ErrorCode::kRejected},
        {"LimitExceededException", ErrorCode::kRejected},
        {"AccessDeniedException", ErrorCode::kDenied},
        {"NotAuthorizedException", ErrorCode::kDenied},
        {"InvalidCiphertextException", ErrorCode::kCorrupt},
        {"IncorrectKeyException", ErrorCode::kCorrupt},
        {"KMSInvalidSignatureException", ErrorCode::kCorrupt},
        {"KMSInvalidMacException", ErrorCode::kCorrupt},
        {"InvalidImportTokenException", ErrorCode::kInvalidInput},
        {"ExpiredImportTokenException", ErrorCode::kInvalidInput},
        {"IncorrectKeyMaterialException", ErrorCode::kInvalidInput},
        {"MalformedPolicyDocumentException", ErrorCode::kInvalidInput},
    };
    const auto found = codes.find(name);
    return found == codes.end() ? ErrorCode::kInternal : found->second;
}

Bytes encrypted_under(Kms& kms, const std::string& key_id) {
    const auto encrypted = kms.encrypt(key_id, as_bytes("message"), {});
    EXPECT_TRUE(succeeds(encrypted));
    return encrypted ? encrypted->ciphertext : Bytes{};
}

// Everything an operation may need, made while the key is enabled.
Scene make_scene(Kms& kms, const std::string& key_id, const std::string& helper_id, const std::string& symmetric_id,
                 KeySpec spec) {
    Scene scene{.kms = kms,
                .key = key_id,
                .key_id = key_id,
                .alias = "alias/under-test",
                .helper_id = helper_id,
                .helper_alias = "alias/helper",
                .ciphertext = {},
                .symmetric_id = symmetric_id,
                .symmetric_ciphertext = encrypted_under(kms, symmetric_id),
                .signature = Bytes(70, 1)};
    EXPECT_TRUE(succeeds(kms.create_alias(scene.alias, key_id)));
    EXPECT_TRUE(succeeds(kms.create_alias(scene.helper_alias, helper_id)));
    EXPECT_TRUE(succeeds(kms.tag_resource(key_id, {{"made", "before"}})));
    if (spec == KeySpec::kSymmetricDefault) {
        scene.ciphertext = encrypted_under(kms, key_id);
    } else {
        scene.ciphertext = scene.symmetric_ciphertext;
        const auto signature = kms.sign(key_id, as_bytes("message"), MessageType::kRaw);
        EXPECT_TRUE(succeeds(signature));
        if (signature) scene.signature = signature->signature;
    }
    return scene;
}

}  // namespace

std::vector<StateCell> state_cells(const Implementation& implementation) {
    std::vector<StateCell> cells;
    for (const Operation& operation : operations()) {
        for (const KeyState state : {KeyState::kEnabled, KeyState::kDisabled, KeyState::kPendingDeletion}) {
            for (const KeySpec spec : {KeySpec::kSymmetricDefault, KeySpec::kEccSecgP256k1}) {
                cells.push_back({implementation, &operation, state, spec});
            }
        }
    }
    return cells;
}

std::vector<NamingCell> naming_cells(const Implementation& implementation) {
    std::vector<NamingCell> cells;
    for (const Operation& operation : operations()) {
        if (!operation.names_key) continue;
        for (int naming = 0; naming <= static_cast<int>(Naming::kTooLong); ++naming) {
            cells.push_back({implementation, &operation, static_cast<Naming>(naming)});
        }
    }
    return cells;
}

std::string label(const Implementation& implementation) { return implementation.name; }

std::string label(const StateCell& cell) {
    return std::string(cell.operation->name) + "_" + std::string(kms::to_string(cell.state)) + "_" +
           std::string(short_name(cell.spec));
}

std::string label(const NamingCell& cell) {
    return std::string(cell.operation->name) + "_" + std::string(to_string(cell.naming));
}

void PrintTo(const Implementation& implementation, std::ostream* out) { *out << label(implementation); }
void PrintTo(const StateCell& cell, std::ostream* out) { *out << label(cell); }
void PrintTo(const NamingCell& cell, std::ostream* out) { *out << label(cell); }

std::string show(const Error& error) {
    return "failed with " + std::string(keydeck::to_string(error.code)) + " " + error.kms_error + " \"" + error.message +
           "\"";
}

testing::AssertionResult is_error(const Error& error, std::string_view name) {
    if (error.kms_error != name) return testing::AssertionFailure() << show(error) << ", where " << name << " was due";
    if (error.code != code_beside(name))
        return testing::AssertionFailure() << show(error) << ": the code does not fit the name";
    return testing::AssertionSuccess();
}

KeyMetadata ContractTest::make_key(KeySpec spec) {
    const bool symmetric = spec == KeySpec::kSymmetricDefault;
    const auto made = kms().create_key({.spec = spec,
                                        .usage = symmetric ? KeyUsage::kEncryptDecrypt : KeyUsage::kSignVerify,
                                        .description = "contract test",
                                        .tags = {}});
    EXPECT_TRUE(succeeds(made));
    return made ? *made : KeyMetadata{};
}

void ContractTest::bring_to(const std::string& key_id, KeyState state) {
    if (state == KeyState::kDisabled) {
        EXPECT_TRUE(succeeds(kms().disable_key(key_id)));
    } else if (state == KeyState::kPendingDeletion) {
        EXPECT_TRUE(succeeds(kms().schedule_key_deletion(key_id, 7)));
    }
}

std::string ContractTest::key_arn(std::string_view key_id) const {
    return "arn:aws:kms:" + subject_->region() + ":" + subject_->account() + ":key/" + std::string(key_id);
}

std::string ContractTest::alias_arn(std::string_view name) const {
    return "arn:aws:kms:" + subject_->region() + ":" + subject_->account() + ":" + std::string(name);
}

TEST_P(KmsStateTable, Cell) {
    const StateCell& cell = GetParam();
    const std::string id = make_key(cell.spec).key_id;
    Scene scene = make_scene(kms(), id, make_key(cell.spec).key_id, make_symmetric().key_id, cell.spec);
    bring_to(id, cell.state);

    const Status outcome = cell.operation->run(scene);
    const std::string_view due = cell.operation->on(cell.spec).in(cell.state);
    if (due.empty()) {
        EXPECT_TRUE(succeeds(outcome));
    } else if (due == "DisabledException") {
        EXPECT_TRUE(fails_with(outcome, due, key_arn(id) + " is disabled."));
    } else if (due == "KMSInvalidStateException" && cell.state == KeyState::kPendingDeletion) {
        EXPECT_TRUE(fails_with(outcome, due, key_arn(id) + " is pending deletion."));
    } else if (due == "KMSInvalidStateException") {
        EXPECT_TRUE(fails_with(outcome, due, key_arn(id) + " is not pending deletion"));
    } else {
        EXPECT_TRUE(fails_with(outcome, due));
    }
    const auto after = kms().describe_key(id);
    ASSERT_TRUE(succeeds(after));
    EXPECT_EQ(after->state, due.empty() ? cell.operation->leads_to.value_or(cell.state) : cell.state);
    EXPECT_EQ(after->deletion_date.has_value(), after->state == KeyState::kPendingDeletion);
}

TEST_P(KmsNamingTable, Cell) {
    const NamingCell& cell = GetParam();
    // A spec on which the operation succeeds, so that nothing but the name can make it fail.
    const KeySpec spec = cell.operation->symmetric.enabled.empty() || cell.operation->name == "CancelKeyDeletion"
                             ? KeySpec::kSymmetricDefault
                             : KeySpec::kEccSecgP256k1;
    const std::string id = make_key(spec).key_id;
    Scene scene = make_scene(kms(), id, make_key(spec).key_id, make_symmetric().key_id, spec);
    if (cell.operation->name == "CancelKeyDeletion") bring_to(id, KeyState::kPendingDeletion);
    const auto run_with = [&](const std::string& name) {
        scene.key = name;
        return cell.operation->run(scene);
    };
    const auto expect_not_found = [&](const std::string& name, const std::string& message) {
        EXPECT_TRUE(fails_with(run_with(name), "NotFoundException", message)) << name;
    };
    const auto expect_alias = [&](const std::string& name) {
        if (cell.operation->takes_aliases) {
            EXPECT_TRUE(succeeds(run_with(name)));
        } else {
            expect_not_found(name, "Invalid keyId '" + name + "'");
        }
    };
    const std::string other_region = "arn:aws:kms:eu-south-9:" + subject().account() + ":key/" + id;
    const std::string other_account = "arn:aws:kms:" + subject().region() + ":999999999999:key/" + id;
    const std::string other_service = "arn:aws:s3:" + subject().region() + ":" + subject().account() + ":key/" + id;
    switch (cell.naming) {
        case Naming::kKeyId:
            EXPECT_TRUE(succeeds(run_with(id)));
            break;
        case Naming::kKeyArn:
            EXPECT_TRUE(succeeds(run_with(key_arn(id))));
            break;
        case Naming::kAliasName:
            expect_alias(scene.alias);
            break;
        case Naming::kAliasArn:
            expect_alias(alias_arn(scene.alias));
            break;
        case Naming::kUnknownKeyId:
            expect_not_found(std::string(kUnknownId), "Key '" + key_arn(kUnknownId) + "' does not exist");
            break;
        case Naming::kUnknownKeyArn:
            expect_not_found(key_arn(kUnknownId), "Key '" + key_arn(kUnknownId) + "' does not exist");
            break;
        case Naming::kUnknownAlias:
            if (cell.operation->takes_aliases) {
                expect_not_found("alias/nobody", "Alias " + alias_arn("alias/nobody") + " is not found.");
            } else {
                expect_not_found("alias/nobody", "Invalid keyId 'alias/nobody'");
            }
            break;
        case Naming::kMalformed:
            expect_not_found("fake-key-id", "Invalid keyId 'fake-key-id'");
            break;
        case Naming::kUuidWithoutDashes:
            expect_not_found("134f2428cec14b25a1ae9048164dba47", "Invalid keyId '134f2428cec14b25a1ae9048164dba47'");
            break;
        case Naming::kOtherRegion:
            expect_not_found(other_region, "Invalid arn eu-south-9");
            break;
        case Naming::kOtherAccount:
            expect_not_found(other_account, "Key '" + other_account + "' does not exist");
            break;
        case Naming::kOtherService:
            expect_not_found(other_service, "Invalid keyId '" + other_service + "'");
            break;
        case Naming::kTooLong:
            EXPECT_TRUE(fails_with(run_with(std::string(2049, 'a')), "ValidationException",
                                   "1 validation error detected: Value '" + std::string(2049, 'a') +
                                       "' at 'keyId' failed to satisfy constraint: Member must have length less than or "
                                       "equal to 2048"));
            break;
    }
}

}  // namespace keydeck::kms::contract
