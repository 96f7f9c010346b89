#include "engine/custody/preview.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/signing.hpp"
#include "engine/ethereum/message.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

std::size_t count_lines(std::string_view text) {
    const auto ends = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    return text.empty() ? 0 : ends + (text.ends_with('\n') ? 0 : 1);
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

/// What stands at the end of a line and is not seen there: "[3 blanks]".
std::string with_visible_end(std::string_view line) {
    const std::size_t end = line.find_last_not_of(' ') + 1;
    if (end == line.size()) return std::string(line);
    return std::string(line.substr(0, end)) + "[" + counted(line.size() - end, "blank") + "]";
}

void add_message(ByteView message, SigningPreview& preview) {
    const std::string_view text = as_text(message);
    if (!is_utf8(text)) {
        preview.lines.push_back({"Message", counted(message.size(), "byte") + ", not text"});
        preview.lines.push_back({"", to_hex_0x(message)});
        return;
    }
    const std::size_t hidden = count_hidden_characters(text);
    const std::string hidden_words = hidden == 0 ? "no hidden characters" : counted(hidden, "hidden character");
    preview.lines.push_back(
        {"Message", counted(count_lines(text), "line") + ", " + counted(message.size(), "byte") + ", UTF-8, " + hidden_words,
         hidden > 0});
    const std::size_t head = preview.lines.size() - 1;
    std::size_t blank_ends = 0;
    if (text.ends_with('\n')) preview.lines[head].value += ", a line feed at its end";
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        preview.lines.push_back({"", with_visible_end(rest.substr(0, end))});
        if (rest.substr(0, end).ends_with(' ')) ++blank_ends;
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    if (blank_ends > 0) preview.lines[head].value += ", blanks at the end of " + counted(blank_ends, "line");
}

std::string transaction_sentence(Names& names, const ethereum::Transaction& transaction,
                                 const std::optional<ethereum::DecodedCall>& call) {
    const std::string value = value_words(transaction.value, transaction.chain_id);
    const std::string extra = transaction.value == 0 ? "" : ", and send it " + value;
    if (!transaction.to) return "Create a contract" + (transaction.value == 0 ? std::string() : " and send it " + value);
    if (call && call->known) return call->sentence + extra;
    if (call) {
        return "Unknown call " +
               to_hex_0x(ByteView(transaction.data).first(std::min<std::size_t>(4, transaction.data.size()))) +
               " on a contract: you cannot see what it does" + extra;
    }
    const AddressBytes& to = transaction.to->bytes;
    if (to == names.signer().address) return "Send " + value + " to this wallet itself";
    if (names.is_new(to) && !names.has_name(to))
        return "Send " + value + " to an address that is NOT in the address book (first time)";
    return "Send " + value + " to " + names.instead_of(to) + (names.is_new(to) ? " (first time)" : "");
}

}  // namespace

void add_signer(const Wallet& wallet, SigningPreview& preview) {
    preview.wallet = wallet;
    preview.lines.push_back({"From", who(wallet)});
    preview.lines.push_back({"", checksum_address(wallet.address)});
}

void add_custody(const Wallet& wallet, std::string_view digest_name, const Hash32& digest, SigningPreview& preview) {
    preview.digest = digest;
    const std::string key = wallet.key_alias.empty() ? wallet.key_id : wallet.key_alias + " (" + wallet.key_id + ")";
    preview.lines.push_back({"Custody", std::string(to_string(wallet.custody))});
    preview.lines.push_back({"KMS key", key + ", " + wallet.region});
    add_digest(digest_name, digest, preview);
}

void add_digest(std::string_view name, const Hash32& digest, SigningPreview& preview) {
    preview.digests.push_back({std::string(name), to_hex_0x(digest)});
}

void add_assessment(Assessment assessment, SigningPreview& preview) {
    preview.risk = assessment.risk;
    preview.warnings = std::move(assessment.warnings);
    if (assessment.risk != Risk::kRisky) return;
    preview.challenge = std::move(assessment.challenge);
    preview.challenge_prompt = std::move(assessment.challenge_prompt);
}

Result<SigningPreview> preview_message(OpenVault& vault, const Session& session, std::string_view reference,
                                       ByteView message) {
    const Result<Wallet> wallet =
        ask_store(vault, [&](Database& database) { return find_wallet(database, session, reference); });
    if (!wallet) return fail(wallet);
    SigningPreview preview;
    preview.kind = SigningKind::kMessage;
    preview.sentence = "Sign a message of " + counted(message.size(), "byte") + " as " + who(*wallet);
    add_signer(*wallet, preview);
    add_message(message, preview);
    add_custody(*wallet, "EIP-191 digest", ethereum::message_hash(message), preview);
    add_assessment(assess_message(message), preview);
    return preview;
}

Result<SigningPreview> preview_transaction(OpenVault& vault, const Session& session, std::string_view reference,
                                           std::string_view json) {
    return ask_store(vault, [&](Database& database) -> Result<SigningPreview> {
        const Result<Wallet> wallet = find_wallet(database, session, reference);
        if (!wallet) return fail(wallet);
        const Result<ethereum::TransactionRequest> request = ethereum::parse_transaction_json(json);
        if (!request) return fail(request);
        const ethereum::Transaction& transaction = request->transaction;
        if (Status same = check_from(request->from ? std::optional(request->from->bytes) : std::nullopt, *wallet); !same)
            return fail(same);
        Acquaintances known(database, wallet->user_id);
        Names names(known, session, *wallet);
        const auto words = [&](const ethereum::Address& address) { return names.instead_of(address.bytes); };
        const std::optional<ethereum::DecodedCall> call = call_of(transaction, words);
        Result<Assessment> assessment = assess_transaction(known, transaction, call);
        if (!assessment) return fail(assessment);
        SigningPreview preview;
        preview.kind = SigningKind::kTransaction;
        preview.sentence = transaction_sentence(names, transaction, call);
        add_signer(*wallet, preview);
        const LineNotes notes{.names = &names, .now = vault.now()};
        std::ranges::move(transaction_lines(transaction, call, notes), std::back_inserter(preview.lines));
        add_custody(*wallet, "Signing hash", ethereum::signing_hash(transaction), preview);
        if (!transaction.data.empty())
            add_digest("Calldata digest (ERC-8213)", ethereum::calldata_digest(transaction.data), preview);
        add_assessment(std::move(*assessment), preview);
        if (!names.status()) return fail(names.status());
        return preview;
    });
}

Result<SigningPreview> preview_authorization(OpenVault& vault, const Session& session, std::string_view reference,
                                             std::string_view chain_id, std::string_view delegate, std::uint64_t nonce) {
    const Result<AuthorizationRequest> request = parse_authorization(chain_id, delegate, nonce);
    if (!request) return fail(request);
    return ask_store(vault, [&](Database& database) -> Result<SigningPreview> {
        const Result<Wallet> wallet = find_wallet(database, session, reference);
        if (!wallet) return fail(wallet);
        Acquaintances known(database, wallet->user_id);
        Result<Assessment> assessment = assess_authorization(known, request->chain_id, request->delegate.bytes);
        if (!assessment) return fail(assessment);
        SigningPreview preview;
        preview.kind = SigningKind::kAuthorization;
        Names names(known, session, *wallet);
        const AddressBytes& code = request->delegate.bytes;
        const bool revokes = code == AddressBytes{};
        preview.sentence = revokes ? "Let no code act as " + who(*wallet) + " any more"
                                   : "Let the code at " + names.instead_of(code) + " act as " + who(*wallet);
        add_signer(*wallet, preview);
        preview.lines.push_back({"Delegate", names.beside(code, !revokes)});
        const bool everywhere = request->chain_id == 0;
        preview.lines.push_back({"Chain", everywhere ? "0 (EVERY chain)" : chain_words(request->chain_id), everywhere});
        preview.lines.push_back({"Nonce", std::to_string(nonce)});
        add_custody(*wallet, "EIP-7702 digest", ethereum::authorization_hash(request->chain_id, request->delegate, nonce),
                    preview);
        add_assessment(std::move(*assessment), preview);
        if (!names.status()) return fail(names.status());
        return preview;
    });
}

}  // namespace keydeck::custody
