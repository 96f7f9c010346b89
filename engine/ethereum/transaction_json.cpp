#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/ethereum/json_values.hpp"
#include "engine/ethereum/transaction.hpp"
#include "engine/ethereum/transaction_rules.hpp"

namespace keydeck::ethereum {
namespace {

// Sets of transaction types, a bit each.
using TypeSet = std::uint8_t;
constexpr TypeSet bit(TransactionType type) { return static_cast<TypeSet>(1U << static_cast<unsigned>(type)); }
constexpr TypeSet kNone = 0;
constexpr TypeSet kLegacy = bit(TransactionType::kLegacy);
constexpr TypeSet kAccessList = bit(TransactionType::kAccessList);
constexpr TypeSet kBlob = bit(TransactionType::kBlob);
constexpr TypeSet kSetCode = bit(TransactionType::kSetCode);
constexpr TypeSet kFeeMarket = bit(TransactionType::kDynamicFee) | kBlob | kSetCode;
constexpr TypeSet kAll = kLegacy | kAccessList | kFeeMarket;

enum Field : std::uint8_t {
    kType,
    kFrom,
    kChainId,
    kNonce,
    kTo,
    kValue,
    kGas,
    kGasLimit,
    kGasPrice,
    kMaxFee,
    kMaxPriorityFee,
    kData,
    kInput,
    kAccesses,
    kMaxBlobFee,
    kBlobHashes,
    kAuthorizations,
    kFieldCount
};

struct FieldRule {
    std::string_view name;
    TypeSet allowed;
    TypeSet required;
};

// In the order of Field. `gas` and `gasLimit` are one field with two names, so neither is required by itself.
constexpr std::array<FieldRule, kFieldCount> kRules{{
    {"type", kAll, kNone},
    {"from", kAll, kNone},
    {"chainId", kAll, kAll},
    {"nonce", kAll, kAll},
    {"to", kAll, kBlob | kSetCode},
    {"value", kAll, kNone},
    {"gas", kAll, kNone},
    {"gasLimit", kAll, kNone},
    {"gasPrice", kLegacy | kAccessList, kLegacy | kAccessList},
    {"maxFeePerGas", kFeeMarket, kFeeMarket},
    {"maxPriorityFeePerGas", kFeeMarket, kFeeMarket},
    {"data", kAll, kNone},
    {"input", kAll, kNone},
    {"accessList", kAccessList | kFeeMarket, kNone},
    {"maxFeePerBlobGas", kBlob, kBlob},
    {"blobVersionedHashes", kBlob, kBlob},
    {"authorizationList", kSetCode, kSetCode},
}};

constexpr std::string_view kHint =
    "The fields are type, chainId, nonce, to, value, gas, gasPrice, maxFeePerGas, maxPriorityFeePerGas, data, accessList, "
    "maxFeePerBlobGas, blobVersionedHashes, authorizationList and from.";

std::unexpected<Error> refuse(std::string message, std::string hint = {}) {
    return fail(ErrorCode::kInvalidInput, std::move(message), std::move(hint));
}

// The members of the JSON object by field; null pointers where absent.
class Given {
public:
    Status collect(const json::Value& object) {
        if (!object.is(json::Kind::kObject)) return json_values::wrong_kind("transaction", "a JSON object", object);
        for (const auto& [name, value] : object.members) {
            const auto* rule = std::ranges::find(kRules, std::string_view(name), &FieldRule::name);
            if (rule == kRules.end())
                return refuse(fmt::format("The transaction has an unknown field {}.", json_values::in_quotes(name)),
                              std::string(kHint));
            values_[static_cast<std::size_t>(rule - kRules.begin())] = &value;
        }
        // `to: null` is how JSON-RPC says that a contract is created.
        if (has(kTo) && values_[kTo]->is(json::Kind::kNull)) values_[kTo] = nullptr;
        return {};
    }

    [[nodiscard]] bool has(Field field) const { return values_[field] != nullptr; }

    [[nodiscard]] Result<TransactionType> type() const {
        if (!has(kType)) return inferred();
        std::uint64_t number = 0;
        if (auto done = json_values::read(*values_[kType], "type", number); !done) return fail(done);
        if (number > static_cast<std::uint64_t>(TransactionType::kSetCode))
            return refuse(fmt::format("The type {} is not known; it must be 0 to 4.", number));
        return static_cast<TransactionType>(number);
    }

    [[nodiscard]] Status check(TransactionType type) const {
        for (std::size_t i = 0; i < kFieldCount; ++i) {
            const FieldRule& rule = kRules[i];
            if (values_[i] != nullptr && (rule.allowed & bit(type)) == 0)
                return refuse(fmt::format("The {} does not belong into a type {} transaction.", rule.name, number_of(type)));
            if (values_[i] == nullptr && (rule.required & bit(type)) != 0)
                return refuse(fmt::format("The {} is missing; a type {} transaction needs it.", rule.name, number_of(type)));
        }
        if (!has(kGas) && !has(kGasLimit)) return refuse("The gas (or gasLimit) is missing.");
        return {};
    }

    // Reads a field where it is given and leaves `out` alone where it is not.
    template <class T>
    [[nodiscard]] Status read_into(Field field, T& out) const {
        return has(field) ? json_values::read(*values_[field], kRules[field].name, out) : Status();
    }

private:
    static unsigned number_of(TransactionType type) { return static_cast<unsigned>(type); }

    [[nodiscard]] Result<TransactionType> inferred() const {
        if (has(kAuthorizations)) return TransactionType::kSetCode;
        if (has(kMaxBlobFee) || has(kBlobHashes)) return TransactionType::kBlob;
        if (has(kMaxFee) || has(kMaxPriorityFee)) return TransactionType::kDynamicFee;
        if (has(kGasPrice)) return has(kAccesses) ? TransactionType::kAccessList : TransactionType::kLegacy;
        return refuse("The fee is missing: give maxFeePerGas and maxPriorityFeePerGas, or gasPrice.");
    }

    std::array<const json::Value*, kFieldCount> values_{};
};

// Two names for one thing must not disagree.
template <class T>
Status read_either(const Given& given, Field first, Field second, T& out) {
    if (auto done = given.read_into(first, out); !done) return done;
    if (!given.has(first)) return given.read_into(second, out);
    if (!given.has(second)) return {};
    T other{};
    if (auto done = given.read_into(second, other); !done) return done;
    if (other != out)
        return refuse(
            fmt::format("The {} differs from the {}; they mean the same.", kRules[second].name, kRules[first].name));
    return {};
}

Status read_fields(const Given& given, TransactionRequest& request) {
    Transaction& t = request.transaction;
    Status done;
    const auto next = [&](Status status) { return (done = std::move(status)).has_value(); };
    static_cast<void>(next(given.read_into(kFrom, request.from)) && next(given.read_into(kChainId, t.chain_id)) &&
                      next(given.read_into(kNonce, t.nonce)) && next(given.read_into(kTo, t.to)) &&
                      next(given.read_into(kValue, t.value)) && next(read_either(given, kGas, kGasLimit, t.gas_limit)) &&
                      next(given.read_into(kGasPrice, t.gas_price)) && next(given.read_into(kMaxFee, t.max_fee_per_gas)) &&
                      next(given.read_into(kMaxPriorityFee, t.max_priority_fee_per_gas)) &&
                      next(read_either(given, kData, kInput, t.data)) && next(given.read_into(kAccesses, t.access_list)) &&
                      next(given.read_into(kMaxBlobFee, t.max_fee_per_blob_gas)) &&
                      next(given.read_into(kBlobHashes, t.blob_versioned_hashes)) &&
                      next(given.read_into(kAuthorizations, t.authorization_list)));
    return done;
}

// Beyond the rules every transaction obeys: what nobody would want to sign.
Status check_intent(const Transaction& transaction) {
    if (*transaction.chain_id == 0) return refuse("The chainId must be at least 1.");
    if (!transaction.to && transaction.data.empty())
        return refuse("The to is missing, and without data there is no contract to create either.");
    return {};
}

}  // namespace

Result<TransactionRequest> parse_transaction_json(std::string_view text) {
    const auto object = json::parse(text, "the transaction");
    if (!object) return fail(object);
    Given given;
    if (auto done = given.collect(*object); !done) return fail(done);
    const auto type = given.type();
    if (!type) return fail(type);
    if (auto done = given.check(*type); !done) return fail(done);
    TransactionRequest request;
    request.transaction.type = *type;
    if (auto done = read_fields(given, request); !done) return fail(done);
    if (auto done = check_intent(request.transaction); !done) return fail(done);
    if (auto done = check_rules(request.transaction); !done) return fail(done);
    return request;
}

}  // namespace keydeck::ethereum
