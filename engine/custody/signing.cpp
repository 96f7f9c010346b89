#include "engine/custody/signing.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/custody/preview.hpp"
#include "engine/custody/risk.hpp"
#include "engine/custody/signing_detail.hpp"
#include "engine/custody/typed_message.hpp"
#include "engine/ethereum/message.hpp"
#include "engine/ethereum/transaction.hpp"
#include "engine/ethereum/typed_data.hpp"

namespace keydeck::custody {
namespace {

using Outcome = Result<crypto::RecoverableSignature>;

std::unexpected<Error> refused_as_risky(const Assessment& assessment) {
    return fail(ErrorCode::kRejected, assessment.warnings.empty() ? "A risky signature." : assessment.warnings.front(),
                "Look at it on a terminal and answer there, or sign risky ones too with --yes.");
}

MessageSignature to_message_signature(const AddressBytes& address, const Hash32& digest,
                                      const crypto::RecoverableSignature& signature) {
    return {address, digest, ethereum::to_signature_bytes(signature)};
}

/// Things prepared and not yet delivered; an order prepares at most a chunk ahead.
template <class T>
class Pending {
public:
    explicit Pending(std::size_t count) : items_(std::min(count, kSigningChunk)) {}
    T& operator[](std::size_t index) { return items_[index % items_.size()]; }

private:
    std::vector<T> items_;
};

/// What grades the items of a batch, by whom the signing wallet's owner knows; nothing where everything is allowed.
class Grader {
public:
    static Result<Grader> make(OpenVault& vault, bool allow_risky) {
        Grader grader;
        if (allow_risky) return grader;
        Result<store::Lease> lease = vault.store().lease();
        if (!lease) return fail(lease);
        grader.lease_.emplace(std::move(*lease));
        return grader;
    }
    [[nodiscard]] bool is_needed() const { return lease_.has_value(); }
    /// A batch is signed with one wallet.
    [[nodiscard]] Acquaintances& known(const Wallet& by) {
        if (!known_) known_.emplace(**lease_, by.user_id);
        return *known_;
    }

private:
    std::optional<store::Lease> lease_;
    std::optional<Acquaintances> known_;
};

Status require_ordinary(const Result<Assessment>& assessment) {
    if (!assessment) return fail(assessment);
    if (assessment->risk == Risk::kRisky) return refused_as_risky(*assessment);
    return {};
}

struct SignedBy {
    AddressBytes address{};
    Hash32 digest{};
};

/// What a person saw, or would have seen. Where there is no preview there will be no signature either.
std::string shown_by(const Result<SigningPreview>& preview) { return preview ? shown_text(*preview) : std::string(); }

Status sign_typed_values(OpenVault& vault, const Session& session, std::string_view wallet,
                         std::span<const std::string_view> values, bool allow_risky, const BatchSink<MessageSignature>& sink,
                         std::string shown = {}) {
    Result<Grader> grader = Grader::make(vault, allow_risky);
    if (!grader) return fail(grader);
    Pending<SignedBy> pending(values.size());
    SigningOrder order;
    order.action = "SignTypedData";
    order.count = values.size();
    order.shown = std::move(shown);
    order.prepare = [&](std::size_t index, const Wallet& by) -> Result<SigningItem> {
        const Result<ethereum::TypedData> data = ethereum::parse_typed_data(values[index]);
        if (!data) return fail(data);
        if (grader->is_needed()) {
            if (Status ordinary = require_ordinary(assess_typed_data(grader->known(by), *data, vault.now())); !ordinary)
                return fail(ordinary);
        }
        pending[index] = {by.address, data->digest};
        SigningItem item{data->digest, typed_data_detail(*data, values[index]), beneficiaries_of(*data)};
        if (data->chain_id) item.chain = to_decimal(*data->chain_id);
        if (kind_of(*data) == TypedKind::kOther) item.message_kind = message_kind(*data);
        return item;
    };
    order.deliver = [&](std::size_t index, const Outcome& outcome) {
        if (!outcome) return sink(index, fail(outcome));
        sink(index, to_message_signature(pending[index].address, pending[index].digest, *outcome));
    };
    return sign_in_order(vault, session, wallet, order);
}

Status sign_message_values(OpenVault& vault, const Session& session, std::string_view wallet,
                           std::span<const std::string_view> messages, const BatchSink<MessageSignature>& sink,
                           std::string shown = {}) {
    Pending<SignedBy> pending(messages.size());
    SigningOrder order;
    order.action = "SignMessage";
    order.count = messages.size();
    order.shown = std::move(shown);
    order.prepare = [&](std::size_t index, const Wallet& by) -> Result<SigningItem> {
        const ByteView message = as_bytes(messages[index]);
        const Hash32 digest = ethereum::message_hash(message);
        pending[index] = {by.address, digest};
        return SigningItem{digest, message_detail(message), {}, std::nullopt};
    };
    order.deliver = [&](std::size_t index, const Outcome& outcome) {
        if (!outcome) return sink(index, fail(outcome));
        sink(index, to_message_signature(pending[index].address, pending[index].digest, *outcome));
    };
    return sign_in_order(vault, session, wallet, order);
}

TransactionSignature to_transaction_signature(const AddressBytes& address, const ethereum::Transaction& transaction,
                                              const crypto::RecoverableSignature& signature) {
    TransactionSignature out;
    out.address = address;
    out.type = static_cast<int>(transaction.type);
    out.raw = ethereum::serialize_signed(transaction, signature);
    out.hash = crypto::keccak256(out.raw);
    return out;
}

Result<SigningItem> prepare_transaction(Grader& grader, const ethereum::TransactionRequest& request, const Wallet& by) {
    const ethereum::Transaction& transaction = request.transaction;
    const std::optional<AddressBytes> from = request.from ? std::optional(request.from->bytes) : std::nullopt;
    if (Status same = check_from(from, by); !same) return fail(same);
    const std::optional<ethereum::DecodedCall> call = call_of(transaction);
    if (grader.is_needed()) {
        if (Status ordinary = require_ordinary(assess_transaction(grader.known(by), transaction, call)); !ordinary)
            return fail(ordinary);
    }
    SigningItem item{ethereum::signing_hash(transaction), transaction_detail(transaction),
                     beneficiaries_of(transaction, call)};
    if (transaction.chain_id) item.chain = to_decimal(*transaction.chain_id);
    return item;
}

Status sign_transaction_values(OpenVault& vault, const Session& session, std::string_view wallet,
                               std::span<const std::string_view> values, bool allow_risky,
                               const BatchSink<TransactionSignature>& sink, std::string shown = {}) {
    Result<Grader> grader = Grader::make(vault, allow_risky);
    if (!grader) return fail(grader);
    Pending<ethereum::Transaction> pending(values.size());
    AddressBytes address{};
    SigningOrder order;
    order.action = "SignTransaction";
    order.count = values.size();
    order.shown = std::move(shown);
    order.prepare = [&](std::size_t index, const Wallet& by) -> Result<SigningItem> {
        Result<ethereum::TransactionRequest> request = ethereum::parse_transaction_json(values[index]);
        if (!request) return fail(request);
        Result<SigningItem> item = prepare_transaction(*grader, *request, by);
        address = by.address;
        pending[index] = std::move(request->transaction);
        return item;
    };
    order.deliver = [&](std::size_t index, const Outcome& outcome) {
        if (!outcome) return sink(index, fail(outcome));
        sink(index, to_transaction_signature(address, pending[index], *outcome));
    };
    return sign_in_order(vault, session, wallet, order);
}

/// A batch of one, whose outcome is the answer.
template <class T, class Batch>
Result<T> only_outcome(Batch batch) {
    Result<T> outcome = fail(ErrorCode::kInternal, "The signature was not made.");
    const Status done = batch([&](std::size_t, const Result<T>& result) { outcome = result; });
    if (!done) return fail(done);
    return outcome;
}

}  // namespace

Status check_from(const std::optional<AddressBytes>& from, const Wallet& wallet) {
    if (!from || *from == wallet.address) return {};
    return fail(ErrorCode::kInvalidInput,
                "from is " + checksum_address(*from) + ", but the wallet is " + checksum_address(wallet.address) + ".",
                "Sign with the wallet that the transaction names, or leave from out.");
}

Result<AuthorizationRequest> parse_authorization(std::string_view chain_id, std::string_view delegate, std::uint64_t nonce) {
    const Result<Uint256> chain = parse_uint256(chain_id, "chain id");
    if (!chain) return fail(chain);
    const Result<ethereum::Address> address = ethereum::parse_address(delegate, "address");
    if (!address) return fail(address);
    if (nonce == std::numeric_limits<std::uint64_t>::max()) {
        return fail(ErrorCode::kInvalidInput, "nonce must be less than 2^64 - 1 (EIP-7702).");
    }
    return AuthorizationRequest{*chain, *address, nonce};
}

Status sign_messages(OpenVault& vault, const Session& session, std::string_view wallet,
                     std::span<const std::string_view> messages, const BatchSink<MessageSignature>& sink) {
    return sign_message_values(vault, session, wallet, messages, sink);
}

Status sign_typed_data_batch(OpenVault& vault, const Session& session, std::string_view wallet, std::string_view json_values,
                             bool allow_risky, const BatchSink<MessageSignature>& sink) {
    return sign_typed_values(vault, session, wallet, json::split(json_values), allow_risky, sink);
}

Status sign_transactions(OpenVault& vault, const Session& session, std::string_view wallet, std::string_view json_values,
                         bool allow_risky, const BatchSink<TransactionSignature>& sink) {
    return sign_transaction_values(vault, session, wallet, json::split(json_values), allow_risky, sink);
}

Result<MessageSignature> sign_message(OpenVault& vault, const Session& session, std::string_view wallet, ByteView message) {
    const std::string_view text = as_text(message);
    std::string shown = shown_by(preview_message(vault, session, wallet, message));
    return only_outcome<MessageSignature>(
        [&](const auto& sink) { return sign_message_values(vault, session, wallet, {&text, 1}, sink, std::move(shown)); });
}

Result<MessageSignature> sign_typed_data(OpenVault& vault, const Session& session, std::string_view wallet,
                                         std::string_view json) {
    std::string shown = shown_by(preview_typed_data(vault, session, wallet, json));
    return only_outcome<MessageSignature>([&](const auto& sink) {
        return sign_typed_values(vault, session, wallet, {&json, 1}, true, sink, std::move(shown));
    });
}

Result<TransactionSignature> sign_transaction(OpenVault& vault, const Session& session, std::string_view wallet,
                                              std::string_view json) {
    std::string shown = shown_by(preview_transaction(vault, session, wallet, json));
    return only_outcome<TransactionSignature>([&](const auto& sink) {
        return sign_transaction_values(vault, session, wallet, {&json, 1}, true, sink, std::move(shown));
    });
}

Result<AuthorizationSignature> sign_authorization(OpenVault& vault, const Session& session, std::string_view wallet,
                                                  std::string_view chain_id, std::string_view delegate, std::uint64_t nonce,
                                                  bool any_chain) {
    AuthorizationSignature out;
    Outcome signature = fail(ErrorCode::kInternal, "The signature was not made.");
    SigningOrder order;
    order.action = "SignAuthorization";
    order.count = 1;
    order.shown = shown_by(preview_authorization(vault, session, wallet, chain_id, delegate, nonce));
    order.prepare = [&](std::size_t, const Wallet& by) -> Result<SigningItem> {
        const Result<AuthorizationRequest> request = parse_authorization(chain_id, delegate, nonce);
        if (!request) return fail(request);
        if (request->chain_id == 0 && !any_chain) {
            return fail(ErrorCode::kRejected, "Chain id 0 authorizes on every chain; nothing was signed.",
                        "If that is meant, add --any-chain.");
        }
        out.address = by.address;
        out.chain_id = to_decimal(request->chain_id);
        out.delegate = request->delegate.bytes;
        out.nonce = nonce;
        out.digest = ethereum::authorization_hash(request->chain_id, request->delegate, nonce);
        return SigningItem{out.digest,
                           authorization_detail(request->chain_id, request->delegate, nonce),
                           {{request->delegate.bytes, true}}};
    };
    order.deliver = [&](std::size_t, const Outcome& outcome) { signature = outcome; };
    if (Status done = sign_in_order(vault, session, wallet, order); !done) return fail(done);
    if (!signature) return fail(signature);
    out.y_parity = signature->recovery_id;
    out.r = signature->r;
    out.s = signature->s;
    return out;
}

}  // namespace keydeck::custody
