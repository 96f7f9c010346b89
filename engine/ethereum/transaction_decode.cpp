#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "engine/crypto/hash.hpp"
#include "engine/ethereum/rlp.hpp"
#include "engine/ethereum/transaction.hpp"
#include "engine/ethereum/transaction_rules.hpp"

namespace keydeck::ethereum {
namespace {

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::kInvalidInput, std::move(message)); }

// Takes the fields of a list one after another, the mirror of with_fields(). The first failure stays; later calls do
// nothing.
class FieldReader {
public:
    FieldReader(std::span<const rlp::Item> items, std::string what) : items_(items), what_(std::move(what)) {}

    template <class T>
    FieldReader& operator()(std::string_view name, T& out) {
        if (!status_) return *this;
        if (next_ == items_.size()) {
            status_ = refuse(fmt::format("The {}{} is missing.", what_, name));
            return *this;
        }
        status_ = read(items_[next_++], what_ + std::string(name), out);
        return *this;
    }

    [[nodiscard]] Status finish() const {
        if (status_ && next_ != items_.size())
            return refuse(fmt::format("The {} has {} fields instead of {}.", what_.empty() ? "transaction" : what_,
                                      items_.size(), next_));
        return status_;
    }

private:
    static Status read(const rlp::Item& item, std::string_view what, std::uint64_t& out) {
        const auto value = rlp::to_uint64(item, what);
        if (!value) return fail(value);
        out = *value;
        return {};
    }
    static Status read(const rlp::Item& item, std::string_view what, Uint256& out) {
        const auto value = rlp::to_uint256(item, what);
        if (!value) return fail(value);
        out = *value;
        return {};
    }
    static Status read(const rlp::Item& item, std::string_view what, std::optional<Uint256>& out) {
        return read(item, what, out.emplace());
    }
    static Status read(const rlp::Item& item, std::string_view what, Bytes& out) {
        if (item.is_list) return refuse(fmt::format("The {} is a list where bytes should be.", what));
        out = to_bytes(item.bytes);
        return {};
    }
    template <std::size_t N>
    static Status read(const rlp::Item& item, std::string_view what, FixedBytes<N>& out) {
        if (item.is_list) return refuse(fmt::format("The {} is a list where bytes should be.", what));
        if (item.bytes.size() != N)
            return refuse(fmt::format("The {} has {} bytes instead of {}.", what, item.bytes.size(), N));
        std::ranges::copy(item.bytes, out.begin());
        return {};
    }
    static Status read(const rlp::Item& item, std::string_view what, Address& out) { return read(item, what, out.bytes); }
    static Status read(const rlp::Item& item, std::string_view what, std::optional<Address>& out) {
        if (!item.is_list && item.bytes.empty()) return {};
        return read(item, what, out.emplace());
    }
    template <class T>
    static Status read(const rlp::Item& item, std::string_view what, std::vector<T>& out) {
        if (!item.is_list) return refuse(fmt::format("The {} is not a list.", what));
        out.reserve(item.items.size());
        for (std::size_t i = 0; i < item.items.size(); ++i) {
            if (auto done = read(item.items[i], fmt::format("{}[{}]", what, i), out.emplace_back()); !done) return done;
        }
        return {};
    }
    static Status read(const rlp::Item& item, std::string_view what, AccessListItem& out) {
        if (!item.is_list) return refuse(fmt::format("The {} is not a list.", what));
        return FieldReader(item.items, fmt::format("{}.", what))("address", out.address)("storageKeys", out.storage_keys)
            .finish();
    }
    // Within the bounds that EIP-7702 sets; whether the signature is one, authority_of() tells.
    static Status read(const rlp::Item& item, std::string_view what, Authorization& out) {
        if (!item.is_list) return refuse(fmt::format("The {} is not a list.", what));
        std::uint64_t y_parity = 0;
        Uint256 r;
        Uint256 s;
        auto done = FieldReader(item.items, fmt::format("{}.", what))("chainId", out.chain_id)("address", out.address)(
                        "nonce", out.nonce)("yParity", y_parity)("r", r)("s", s)
                        .finish();
        if (!done) return done;
        if (y_parity > 0xFF) return refuse(fmt::format("The {}.yParity does not fit a byte.", what));
        out.signature = {to_be32(r), to_be32(s), static_cast<std::uint8_t>(y_parity)};
        return {};
    }

    std::span<const rlp::Item> items_;
    std::string what_;
    std::size_t next_ = 0;
    Status status_;
};

// The last three fields of every signed transaction.
struct SignatureFields {
    Uint256 v = 0;  // yParity in types 1 to 4
    Uint256 r = 0;
    Uint256 s = 0;
};

Status read_fields(std::span<const rlp::Item> items, Transaction& t, SignatureFields& signature) {
    FieldReader next(items, "");
    if (t.type == TransactionType::kLegacy) {
        return next("nonce", t.nonce)("gasPrice", t.gas_price)("gasLimit", t.gas_limit)("to", t.to)("value", t.value)(
                   "data", t.data)("v", signature.v)("r", signature.r)("s", signature.s)
            .finish();
    }
    next("chainId", t.chain_id)("nonce", t.nonce);
    if (t.type == TransactionType::kAccessList) {
        next("gasPrice", t.gas_price);
    } else {
        next("maxPriorityFeePerGas", t.max_priority_fee_per_gas)("maxFeePerGas", t.max_fee_per_gas);
    }
    next("gasLimit", t.gas_limit)("to", t.to)("value", t.value)("data", t.data)("accessList", t.access_list);
    if (t.type == TransactionType::kBlob)
        next("maxFeePerBlobGas", t.max_fee_per_blob_gas)("blobVersionedHashes", t.blob_versioned_hashes);
    if (t.type == TransactionType::kSetCode) next("authorizationList", t.authorization_list);
    return next("yParity", signature.v)("r", signature.r)("s", signature.s).finish();
}

// v of a legacy transaction: 27 or 28 from before EIP-155, else 35 + 2 × chain id + parity. Sets the chain id.
Result<std::uint8_t> parity_of_v(const Uint256& v, Transaction& transaction) {
    if (v == kOldBase || v == kOldBase + 1) return static_cast<std::uint8_t>(v - kOldBase);
    if (v < kEip155Base + 2) return refuse("The v is neither 27 or 28 nor that of a chain id (37 and above).");
    const Uint256 rest = v - kEip155Base;
    transaction.chain_id = rest / 2;
    return static_cast<std::uint8_t>(rest % 2);
}

Result<crypto::RecoverableSignature> to_signature(const SignatureFields& fields, Transaction& transaction) {
    crypto::RecoverableSignature signature{to_be32(fields.r), to_be32(fields.s), 0};
    if (transaction.type == TransactionType::kLegacy) {
        const auto parity = parity_of_v(fields.v, transaction);
        if (!parity) return fail(parity);
        signature.recovery_id = *parity;
    } else {
        if (fields.v > 1) return refuse("The yParity must be 0 or 1.");
        signature.recovery_id = static_cast<std::uint8_t>(fields.v);
    }
    if (crypto::has_high_s({signature.r, signature.s}))
        return refuse("The s is in the upper half of its range, which EIP-2 forbids.");
    return signature;
}

// The network form of type 3 wraps the transaction with its sidecar: rlp([tx, blobs, commitments, proofs]), or with a
// wrapper version 1 before the blobs (https://eips.ethereum.org/EIPS/eip-7594). Gives the transaction's own list.
Result<const rlp::Item*> unwrapped(const rlp::Item& list, TransactionType type) {
    constexpr std::size_t kFieldsOfType3 = 14;
    if (type != TransactionType::kBlob || list.items.size() >= kFieldsOfType3) return &list;
    if (list.items.empty() || !list.items.front().is_list) return &list;
    const std::span<const rlp::Item> sidecar = std::span(list.items).subspan(1);
    if (sidecar.size() != 3 && sidecar.size() != 4)
        return refuse(fmt::format("The network form has {} parts instead of 4 or 5.", list.items.size()));
    if (sidecar.size() == 4) {
        const auto version = rlp::to_uint64(sidecar.front(), "wrapper version");
        if (!version) return fail(version);
        if (*version != 1) return refuse("The wrapper version of the network form must be 1 (EIP-7594).");
    }
    if (!std::ranges::all_of(sidecar.last(3), &rlp::Item::is_list))
        return refuse("The blobs, commitments and proofs of the network form must be lists.");
    return &list.items.front();
}

Result<TransactionType> type_of(ByteView raw) {
    if (raw.empty()) return refuse("The raw transaction is empty.");
    constexpr std::uint8_t kFirstList = 0xC0;
    if (raw.front() >= kFirstList) return TransactionType::kLegacy;
    if (raw.front() == 0 || raw.front() > static_cast<std::uint8_t>(TransactionType::kSetCode))
        return refuse(fmt::format("The raw transaction begins with 0x{:02x}, which is no known type.", raw.front()));
    return static_cast<TransactionType>(raw.front());
}

Result<SignedTransaction> decode_fields(const rlp::Item& list, TransactionType type) {
    SignedTransaction out;
    out.transaction.type = type;
    SignatureFields fields;
    if (auto done = read_fields(list.items, out.transaction, fields); !done) return fail(done);
    const auto signature = to_signature(fields, out.transaction);
    if (!signature) return fail(signature);
    out.signature = *signature;
    if (auto done = check_rules(out.transaction); !done) return fail(done);
    return out;
}

}  // namespace

Result<SignedTransaction> decode_transaction(ByteView raw) {
    const auto type = type_of(raw);
    if (!type) return fail(type);
    const auto list = rlp::decode(*type == TransactionType::kLegacy ? raw : raw.subspan(1));
    if (!list) return fail(list);
    if (!list->is_list) return refuse("The raw transaction is not a list of fields.");
    const auto fields = unwrapped(*list, *type);
    if (!fields) return fail(fields);
    auto out = decode_fields(**fields, *type);
    if (!out) return out;
    const auto signer = crypto::recover(signing_hash(out->transaction), out->signature);
    if (!signer) return refuse("The r and s are no signature: no public key fits them.");
    out->sender = address_of(*signer);
    // RLP is canonical, so what was wrapped is what we would write ourselves.
    out->hash = crypto::keccak256(*fields == &*list ? ByteView(raw) : serialize_signed(out->transaction, out->signature));
    out->authorities.reserve(out->transaction.authorization_list.size());
    for (const Authorization& authorization : out->transaction.authorization_list)
        out->authorities.push_back(authority_of(authorization));
    return out;
}

}  // namespace keydeck::ethereum
