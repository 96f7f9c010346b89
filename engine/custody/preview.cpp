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

std::string who(const Wallet& wallet) { return wallet.label.empty() ? wallet.user : wallet.user + " / " + wallet.label; }

/// Who signs, before everything else.
void add_signer(const Wallet& wallet, SigningPreview& preview) {
    preview.wallet = wallet;
    preview.lines.push_back({"From", who(wallet)});
    preview.lines.push_back({"", checksum_address(wallet.address)});
}

/// How it is signed, and the digest, after everything else.
void add_custody(const Wallet& wallet, const Hash32& digest, SigningPreview& preview) {
    preview.digest = digest;
    const std::string key = wallet.key_alias.empty() ? wallet.key_id : wallet.key_alias + " (" + wallet.key_id + ")";
    preview.lines.push_back({"Custody", std::string(to_string(wallet.custody))});
    preview.lines.push_back({"KMS key", key + ", " + wallet.region});
    preview.lines.push_back({"Digest", to_hex_0x(digest)});
}

void add_assessment(Assessment assessment, SigningPreview& preview) {
    preview.risk = assessment.risk;
    preview.warnings = std::move(assessment.warnings);
    if (assessment.risk != Risk::kRisky) return;
    preview.challenge = std::move(assessment.challenge);
    preview.challenge_prompt = std::move(assessment.challenge_prompt);
}

std::size_t count_lines(std::string_view text) {
    const auto ends = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    return text.empty() ? 0 : ends + (text.ends_with('\n') ? 0 : 1);
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
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
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        preview.lines.push_back({"", std::string(rest.substr(0, end))});
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
}

/// What stands behind an address: the vault's own wallet, somebody known, or new.
Result<std::string> note_on(Database& database, Acquaintances& known, const Session& session, const AddressBytes& address) {
    const Result<Wallet> own = find_wallet(database, session, checksum_address(address));
    if (own) return who(*own);
    const Result<store::Standing> standing = known.standing(address);
    if (!standing) return fail(standing);
    if (!standing->contact.empty()) return standing->contact + " (address book)";
    return std::string(standing->is_known() ? "known" : "new");
}

std::string short_name(std::string_view note, const AddressBytes& address) {
    if (note == "new") return "an address this vault has never signed for";
    if (note == "known") return checksum_address(address);
    return std::string(note);
}

Result<std::string> transaction_sentence(Database& database, Acquaintances& known, const Session& session,
                                         const ethereum::Transaction& transaction,
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
    const Result<std::string> note = note_on(database, known, session, transaction.to->bytes);
    if (!note) return fail(note);
    return "Send " + value + " to " + short_name(*note, transaction.to->bytes);
}

std::string typed_value(const ethereum::TypedDataLine& line) {
    return line.value.empty() && line.type != "string" && line.type != "bytes" ? line.type : line.value;
}

void add_typed_lines(const std::vector<ethereum::TypedDataLine>& lines, std::string_view heading, std::string value,
                     SigningPreview& preview) {
    preview.lines.push_back({std::string(heading), std::move(value)});
    for (const ethereum::TypedDataLine& line : lines) {
        preview.lines.push_back({std::string(2 + std::size_t{2} * line.depth, ' ') + line.name, typed_value(line)});
    }
}

std::string domain_name(const ethereum::TypedData& data) {
    const auto name = std::ranges::find(data.domain, "name", &ethereum::TypedDataLine::name);
    return name == data.domain.end() ? std::string() : name->value;
}

}  // namespace

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
    add_custody(*wallet, ethereum::message_hash(message), preview);
    add_assessment(assess_message(message), preview);
    return preview;
}

Result<SigningPreview> preview_typed_data(OpenVault& vault, const Session& session, std::string_view reference,
                                          std::string_view json) {
    return ask_store(vault, [&](Database& database) -> Result<SigningPreview> {
        const Result<Wallet> wallet = find_wallet(database, session, reference);
        if (!wallet) return fail(wallet);
        const Result<ethereum::TypedData> data = ethereum::parse_typed_data(json);
        if (!data) return fail(data);
        Acquaintances known(database);
        Result<Assessment> assessment = assess_typed_data(known, *data, vault.now());
        if (!assessment) return fail(assessment);
        SigningPreview preview;
        preview.kind = SigningKind::kTypedData;
        const std::string domain = domain_name(*data);
        preview.sentence = "Sign typed data " + data->primary_type + (domain.empty() ? "" : " for " + domain);
        add_signer(*wallet, preview);
        if (data->chain_id) preview.lines.push_back({"Chain", chain_words(*data->chain_id)});
        add_typed_lines(data->domain, "Domain", domain, preview);
        add_typed_lines(data->message, "Message", data->primary_type, preview);
        preview.lines.push_back({"Domain hash", to_hex_0x(data->domain_hash)});
        preview.lines.push_back({"Message hash", to_hex_0x(data->message_hash)});
        add_custody(*wallet, data->digest, preview);
        add_assessment(std::move(*assessment), preview);
        return preview;
    });
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
        Acquaintances known(database);
        const std::optional<ethereum::DecodedCall> call = call_of(transaction);
        Result<Assessment> assessment = assess_transaction(known, transaction, call);
        if (!assessment) return fail(assessment);
        Result<std::string> sentence = transaction_sentence(database, known, session, transaction, call);
        if (!sentence) return fail(sentence);
        Result<std::string> note = std::string();
        if (transaction.to) note = note_on(database, known, session, transaction.to->bytes);
        if (!note) return fail(note);
        SigningPreview preview;
        preview.kind = SigningKind::kTransaction;
        preview.sentence = std::move(*sentence);
        add_signer(*wallet, preview);
        std::ranges::move(transaction_lines(transaction, call, *note), std::back_inserter(preview.lines));
        add_custody(*wallet, ethereum::signing_hash(transaction), preview);
        add_assessment(std::move(*assessment), preview);
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
        Acquaintances known(database);
        Result<Assessment> assessment = assess_authorization(known, request->chain_id, request->delegate.bytes);
        if (!assessment) return fail(assessment);
        SigningPreview preview;
        preview.kind = SigningKind::kAuthorization;
        const std::string address = ethereum::to_checksum(request->delegate);
        preview.sentence = "Let the code at " + address + " act as " + who(*wallet);
        add_signer(*wallet, preview);
        preview.lines.push_back({"Delegate", address});
        const bool everywhere = request->chain_id == 0;
        preview.lines.push_back({"Chain", everywhere ? "0 (EVERY chain)" : chain_words(request->chain_id), everywhere});
        preview.lines.push_back({"Nonce", std::to_string(nonce)});
        add_custody(*wallet, ethereum::authorization_hash(request->chain_id, request->delegate, nonce), preview);
        add_assessment(std::move(*assessment), preview);
        return preview;
    });
}

}  // namespace keydeck::custody
