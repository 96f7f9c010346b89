#include "engine/custody/iam_policy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/custody/key_tags.hpp"

namespace keydeck::custody {
namespace {

using Texts = std::vector<std::string>;
using Equalities = std::vector<std::pair<std::string, std::string>>;

struct Statement {
    std::string_view sid;
    Texts actions;
    Texts resources;
    Equalities equals;  ///< of the condition's StringEquals
};

std::string in_quotes(std::string_view text) {
    std::string out;
    json::append_quoted(out, text);
    return out;
}

std::string list(const Texts& texts) {
    Texts lines;
    for (const std::string& text : texts) lines.push_back("        " + in_quotes(text));
    return fmt::format("[\n{}\n      ]", fmt::join(lines, ",\n"));
}

std::string to_json(const Statement& statement) {
    std::string out = fmt::format("    {{\n      \"Sid\": {},\n      \"Effect\": \"Allow\",\n", in_quotes(statement.sid));
    out += fmt::format("      \"Action\": {},\n      \"Resource\": {}", list(statement.actions), list(statement.resources));
    if (!statement.equals.empty()) {
        Texts lines;
        for (const auto& [name, value] : statement.equals) {
            lines.push_back(fmt::format("          {}: {}", in_quotes(name), in_quotes(value)));
        }
        out += fmt::format(",\n      \"Condition\": {{\n        \"StringEquals\": {{\n{}\n        }}\n      }}",
                           fmt::join(lines, ",\n"));
    }
    return out + "\n    }";
}

/// `aws` but in China and the government's regions.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
std::string_view partition_of(std::string_view region) {
    if (region.starts_with("cn-")) return "aws-cn";
    if (region.starts_with("us-gov-")) return "aws-us-gov";
    return "aws";
}

}  // namespace

std::string iam_policy(const IamScope& scope) {
    const std::string base = fmt::format("arn:{}:kms:{}:{}", partition_of(scope.region), scope.region,
                                         scope.account.empty() ? std::string_view("*") : scope.account);
    const Texts keys{base + ":key/*"};
    const std::string vault(scope.vault_id);
    const std::pair<std::string, std::string> ours{fmt::format("aws:ResourceTag/{}", kVaultTag), vault};

    std::vector<Statement> statements{
        {"MakeKeysWithTheVaultsTag",
         {"kms:CreateKey", "kms:TagResource"},
         {"*"},
         {{fmt::format("aws:RequestTag/{}", kVaultTag), vault}}},
        {"FindKeys", {"kms:ListKeys", "kms:ListAliases"}, {"*"}, {}},
        {"NameTheVaultsKeys", {"kms:CreateAlias"}, keys, {ours}},
        {"UseAliases",
         {"kms:CreateAlias"},
         {fmt::format("{}:alias/{}-*", base, scope.pool_alias_prefix), base + ":alias/keydeck-*"},
         {}},
        {"TendTheVaultsKeys",
         {"kms:DescribeKey", "kms:ListResourceTags", "kms:GetKeyRotationStatus", "kms:ListKeyRotations",
          "kms:EnableKeyRotation", "kms:DisableKeyRotation", "kms:RotateKeyOnDemand", "kms:EnableKey", "kms:DisableKey",
          "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"},
         keys,
         {ours}}};
    const std::pair<std::string, std::string> our_context{fmt::format("kms:EncryptionContext:{}", kVaultTag), vault};
    if (scope.envelope) {
        statements.push_back({"SealAndOpenEnvelopes", {"kms:GenerateDataKey", "kms:Decrypt"}, keys, {ours, our_context}});
    }
    if (scope.key_pair) {
        statements.push_back({"MakeKeyPairs",
                              {"kms:GenerateDataKeyPairWithoutPlaintext"},
                              keys,
                              {ours, our_context, {"kms:DataKeyPairSpec", "ECC_SECG_P256K1"}}});
        if (!scope.envelope) statements.push_back({"OpenKeyPairs", {"kms:Decrypt"}, keys, {ours, our_context}});
    }
    if (scope.envelope || scope.key_pair) {
        statements.push_back({"MoveToOtherKeys", {"kms:ReEncryptFrom", "kms:ReEncryptTo"}, keys, {ours, our_context}});
    }
    if (scope.kms_key) {
        statements.push_back({"ReadPublicKeys", {"kms:GetPublicKey"}, keys, {ours}});
        statements.push_back({"SignDigests",
                              {"kms:Sign"},
                              keys,
                              {ours, {"kms:MessageType", "DIGEST"}, {"kms:SigningAlgorithm", "ECDSA_SHA_256"}}});
    }
    Texts parts;
    for (const Statement& statement : statements) parts.push_back(to_json(statement));
    return fmt::format("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}\n", fmt::join(parts, ",\n"));
}

}  // namespace keydeck::custody
