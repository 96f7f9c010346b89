// Signing, message authentication, public keys.
#include <algorithm>
#include <array>

#include "engine/kms/server/operations.hpp"

namespace keydeck::kms::server {
namespace {

constexpr std::string_view kEcdsa = "ECDSA_SHA_256";
constexpr std::array<std::string_view, 13> kSigningAlgorithms = {
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    kEcdsa,
    "ECDSA_SHA_384",
    "ECDSA_SHA_512",
    "SM2DSA",
    "ML_DSA_SHAKE_256",
    "ED25519_SHA_512",
    "ED25519_PH_SHA_512",
};
constexpr std::array<std::string_view, 3> kMessageTypes = {"RAW", "DIGEST", "EXTERNAL_MU"};

struct SignRequest {
    std::string_view key_id;
    Bytes message;
    MessageType type = MessageType::kRaw;
    std::string_view algorithm;  ///< another than ECDSA_SHA_256 is refused: no key of ours has it
};

SignRequest read_sign_request(Fields& in) {
    SignRequest request;
    request.key_id = in.required_text("KeyId");
    request.message = in.required_blob("Message");
    const std::string_view type = in.word("MessageType", kMessageTypes, "RAW");
    request.algorithm = in.required_word("SigningAlgorithm", kSigningAlgorithms);
    // EXTERNAL_MU belongs to ML-DSA alone.
    if (type == "EXTERNAL_MU" && request.algorithm == kEcdsa) request.algorithm = "ML_DSA_SHAKE_256";
    request.type = type == "DIGEST" ? MessageType::kDigest : MessageType::kRaw;
    in.texts("GrantTokens");
    in.flag("DryRun");
    return request;
}

Status sign(Call& call) {
    const SignRequest request = read_sign_request(call.in);
    if (Status read = call.in.check(); !read) return read;
    if (request.algorithm != kEcdsa) {
        return call.kms.refuse_algorithm(request.key_id, "Sign", KeyUsage::kSignVerify, request.algorithm);
    }
    const Result<SignResult> made = call.kms.sign(request.key_id, request.message, request.type);
    if (!made) return fail(made);
    call.out.text("KeyId", made->key_arn).blob("Signature", made->signature).text("SigningAlgorithm", kEcdsa);
    return {};
}

Status verify(Call& call) {
    const SignRequest request = read_sign_request(call.in);
    const Bytes signature = call.in.required_blob("Signature");
    if (Status read = call.in.check(); !read) return read;
    if (request.algorithm != kEcdsa) {
        return call.kms.refuse_algorithm(request.key_id, "Verify", KeyUsage::kSignVerify, request.algorithm);
    }
    const Result<std::string> arn = call.kms.verify_signature(request.key_id, request.message, request.type, signature);
    if (!arn) return fail(arn);
    call.out.text("KeyId", *arn).boolean("SignatureValid", true).text("SigningAlgorithm", kEcdsa);
    return {};
}

Status get_public_key(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    call.in.texts("GrantTokens");
    if (Status read = call.in.check(); !read) return read;
    const Result<PublicKeyResult> key = call.kms.get_public_key(key_id);
    if (!key) return fail(key);
    call.out.text("KeyId", key->key_arn)
        .blob("PublicKey", key->public_key)
        .text("CustomerMasterKeySpec", to_string(key->spec))
        .text("KeySpec", to_string(key->spec))
        .text("KeyUsage", to_string(key->usage));
    write_algorithms(call.out, key->spec);
    return {};
}

struct MacRequest {
    std::string_view key_id;
    Bytes message;
    std::string_view algorithm;
    [[nodiscard]] MacAlgorithm parsed() const {
        return static_cast<MacAlgorithm>(std::ranges::find(kMacAlgorithms, algorithm) - kMacAlgorithms.begin());
    }
};

MacRequest read_mac_request(Fields& in) {
    MacRequest request;
    request.key_id = in.required_text("KeyId");
    request.message = in.required_blob("Message");
    request.algorithm = in.required_word("MacAlgorithm", kMacAlgorithms);
    in.texts("GrantTokens");
    in.flag("DryRun");
    return request;
}

Status generate_mac(Call& call) {
    const MacRequest request = read_mac_request(call.in);
    if (Status read = call.in.check(); !read) return read;
    const Result<MacResult> made = call.kms.generate_mac(request.key_id, request.message, request.parsed());
    if (!made) return fail(made);
    call.out.text("KeyId", made->key_arn).blob("Mac", made->mac).text("MacAlgorithm", request.algorithm);
    return {};
}

Status verify_mac(Call& call) {
    const MacRequest request = read_mac_request(call.in);
    const Bytes mac = call.in.required_blob("Mac");
    if (Status read = call.in.check(); !read) return read;
    const Result<std::string> arn = call.kms.verify_mac(request.key_id, request.message, mac, request.parsed());
    if (!arn) return fail(arn);
    call.out.text("KeyId", *arn).boolean("MacValid", true).text("MacAlgorithm", request.algorithm);
    return {};
}

constexpr std::array kOperations = {
    Operation{.name = "Sign", .run = sign, .takes_dry_run = true},
    Operation{.name = "Verify", .run = verify, .takes_dry_run = true},
    Operation{.name = "GetPublicKey", .run = get_public_key},
    Operation{.name = "GenerateMac", .run = generate_mac, .takes_dry_run = true},
    Operation{.name = "VerifyMac", .run = verify_mac, .takes_dry_run = true},
};

}  // namespace

std::span<const Operation> signing_operations() { return kOperations; }

}  // namespace keydeck::kms::server
