// Operation × state, for keys whose material comes from outside.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <ostream>

#include "tests/contract/kms_contract.hpp"
#include "tests/kms/key_material.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms {
namespace {

using contract::fails_with;
using contract::succeeds;
using test::import;
using test::kMessage;
using test::request_of;
using test::secret_of;
using test::TemporaryKms;

enum class State : std::uint8_t { kEnabled, kDisabled, kPendingDeletion, kPendingImport };
constexpr std::array kStates = {State::kEnabled, State::kDisabled, State::kPendingDeletion, State::kPendingImport};
constexpr std::array<std::string_view, 4> kStateNames = {"Enabled", "Disabled", "PendingDeletion", "PendingImport"};

constexpr std::string_view kOk;
constexpr std::string_view kDisabledError = "DisabledException";
constexpr std::string_view kStateError = "KMSInvalidStateException";
constexpr std::string_view kUnsupported = "UnsupportedOperationException";

/// A key of origin EXTERNAL (HMAC_256 or symmetric) in a state, and what an operation answers on it.
struct Row {
    std::string_view name;
    KeySpec spec;
    std::function<Status(LocalKms&, const std::string&)> run;
    std::array<std::string_view, 4> due;  // by state
};

template <class T>
Status status_of(const Result<T>& result) {
    return result ? Status{} : fail(result);
}

const SecretBytes kImported = secret_of(std::string(64, '7'));

const std::vector<Row>& rows() {
    constexpr std::array kUsable = {kOk, kDisabledError, kStateError, kStateError};
    constexpr std::array kNotPending = {kOk, kOk, kStateError, kOk};
    constexpr std::array kHasMaterial = {kOk, kOk, kStateError, kStateError};
    constexpr std::array kAlways = {kOk, kOk, kOk, kOk};
    constexpr std::array kNeverRotates = {kUnsupported, kUnsupported, kStateError, kUnsupported};
    constexpr auto kSym = KeySpec::kSymmetricDefault;
    constexpr auto kMac = KeySpec::kHmac256;
    static const std::vector<Row> table = {
        {"GenerateMac", kMac,
         [](LocalKms& k, const std::string& id) {
             return status_of(k.generate_mac(id, kMessage, MacAlgorithm::kHmacSha256));
         },
         kUsable},
        {"VerifyMac", kMac,
         [](LocalKms& k, const std::string& id) {
             const Bytes due = crypto::mac(crypto::MacHash::kSha256, kImported.view(), kMessage);
             return status_of(k.verify_mac(id, kMessage, due, MacAlgorithm::kHmacSha256));
         },
         kUsable},
        {"Encrypt", kSym, [](LocalKms& k, const std::string& id) { return status_of(k.encrypt(id, kMessage, {})); },
         kUsable},
        {"GenerateDataKey", kSym,
         [](LocalKms& k, const std::string& id) { return status_of(k.generate_data_key(id, 32, {})); }, kUsable},
        {"EnableKey", kSym, [](LocalKms& k, const std::string& id) { return k.enable_key(id); }, kHasMaterial},
        {"DisableKey", kSym, [](LocalKms& k, const std::string& id) { return k.disable_key(id); }, kHasMaterial},
        {"ScheduleKeyDeletion", kSym,
         [](LocalKms& k, const std::string& id) { return status_of(k.schedule_key_deletion(id, 7)); }, kNotPending},
        {"CancelKeyDeletion",
         kSym,
         [](LocalKms& k, const std::string& id) { return k.cancel_key_deletion(id); },
         {kStateError, kStateError, kOk, kStateError}},
        {"CreateAlias", kSym, [](LocalKms& k, const std::string& id) { return k.create_alias("alias/new", id); },
         kNotPending},
        {"TagResource", kSym, [](LocalKms& k, const std::string& id) { return k.tag_resource(id, {{"a", "b"}}); },
         kNotPending},
        {"UpdateKeyDescription", kSym,
         [](LocalKms& k, const std::string& id) { return k.update_key_description(id, "new"); }, kNotPending},
        {"DescribeKey", kSym, [](LocalKms& k, const std::string& id) { return status_of(k.describe_key(id)); }, kAlways},
        {"GetKeyPolicy", kSym, [](LocalKms& k, const std::string& id) { return status_of(k.get_key_policy(id, "")); },
         kAlways},
        {"PutKeyPolicy", kSym, [](LocalKms& k, const std::string& id) { return k.put_key_policy(id, "default", "{}"); },
         kAlways},
        {"ListKeyPolicies", kSym, [](LocalKms& k, const std::string& id) { return status_of(k.list_key_policies(id, {})); },
         kAlways},
        {"EnableKeyRotation", kSym, [](LocalKms& k, const std::string& id) { return k.enable_key_rotation(id, 365); },
         kNeverRotates},
        {"RotateKeyOnDemand", kSym, [](LocalKms& k, const std::string& id) { return k.rotate_key_on_demand(id); },
         kNeverRotates},
        {"GetParametersForImport", kSym,
         [](LocalKms& k, const std::string& id) {
             return status_of(k.get_parameters_for_import(id, WrappingAlgorithm::kOaepSha256, WrappingKeySpec::kRsa2048));
         },
         kNotPending},
        {"ImportKeyMaterial", kSym,
         [](LocalKms& k, const std::string& id) { return status_of(import(k, id, kImported.view())); }, kNotPending},
        {"DeleteImportedKeyMaterial", kSym,
         [](LocalKms& k, const std::string& id) { return status_of(k.delete_imported_key_material(id)); }, kAlways},
    };
    return table;
}

struct Cell {
    const Row* row;
    State state;
};
void PrintTo(const Cell& cell, std::ostream* out) {
    *out << cell.row->name << " " << kStateNames[static_cast<std::size_t>(cell.state)];
}

std::vector<Cell> cells() {
    std::vector<Cell> out;
    for (const Row& row : rows()) {
        for (const State state : kStates) out.push_back({&row, state});
    }
    return out;
}

class ExternalKeyStates : public testing::TestWithParam<Cell> {};

TEST_P(ExternalKeyStates, Cell) {
    const Cell& cell = GetParam();
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(cell.row->spec, Origin::kExternal));
    ASSERT_TRUE(succeeds(key));
    EXPECT_EQ(key->state, KeyState::kPendingImport);
    if (cell.state != State::kPendingImport) {
        ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, kImported.view())));
    }
    if (cell.state == State::kDisabled) {
        ASSERT_TRUE(succeeds(local.kms->disable_key(key->key_id)));
    }
    if (cell.state == State::kPendingDeletion) {
        ASSERT_TRUE(succeeds(local.kms->schedule_key_deletion(key->key_id, 7)));
    }

    const Status outcome = cell.row->run(*local.kms, key->key_id);
    const std::string_view due = cell.row->due[static_cast<std::size_t>(cell.state)];
    if (due.empty()) {
        EXPECT_TRUE(succeeds(outcome));
    } else if (due == kDisabledError) {
        EXPECT_TRUE(fails_with(outcome, due, key->arn + " is disabled."));
    } else if (due == kUnsupported) {
        EXPECT_TRUE(fails_with(outcome, due, key->arn + " origin is EXTERNAL which is not valid for this operation."));
    } else if (cell.row->name == "CancelKeyDeletion") {
        EXPECT_TRUE(fails_with(outcome, due, key->arn + " is not pending deletion"));
    } else {
        const bool import_pending = cell.state == State::kPendingImport;
        EXPECT_TRUE(fails_with(outcome, due, key->arn + (import_pending ? " is pending import." : " is pending deletion.")));
    }
}

INSTANTIATE_TEST_SUITE_P(LocalKms, ExternalKeyStates, testing::ValuesIn(cells()), [](const auto& tested) {
    return std::string(tested.param.row->name) + "_" +
           std::string(kStateNames[static_cast<std::size_t>(tested.param.state)]);
});

}  // namespace
}  // namespace keydeck::kms
