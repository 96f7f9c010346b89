// Our mnemonics, keys and keystores against those of ethers (differential_typed_data.mjs), and ours opened by ethers
// (open_keystores.mjs).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/base/random.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/ethereum/hd_key.hpp"
#include "engine/ethereum/keystore.hpp"
#include "engine/ethereum/mnemonic.hpp"
#include "tests/ethereum/ethers_lines.hpp"
#include "tests/support/temporary_directory.hpp"

namespace keydeck::ethereum {
namespace {

using test::bytes_of;
using test::lines_of_kind;
using test::text_of;

void expect_node(const HdKey& master, const json::Value& line) {
    const auto path = parse_path(text_of(line, "path"));
    ASSERT_TRUE(path) << text_of(line, "path");
    EXPECT_EQ(to_path(*path), text_of(line, "path"));
    const auto node = master.derive(*path);
    ASSERT_TRUE(node);
    EXPECT_EQ(to_hex_0x(node->private_key().view()), text_of(line, "key"));
    EXPECT_EQ(to_checksum(address_of(node->public_key())), text_of(line, "address"));
    if (line.find("xprv") == nullptr) return;
    EXPECT_EQ(node->extended_private_key().text(), text_of(line, "xprv"));
    EXPECT_EQ(node->extended_public_key(), text_of(line, "xpub"));
}

TEST(EthersMnemonic, DerivesTheSameKeys) {
    for (const auto& line : lines_of_kind("mnemonic")) {
        const auto entropy = bytes_of(line, "entropy");
        const auto mnemonic = mnemonic_from_entropy(entropy);
        ASSERT_TRUE(mnemonic);
        ASSERT_EQ(mnemonic->text(), text_of(line, "mnemonic"));
        const auto typed = text_of(line, "typed");
        const auto back = entropy_from_mnemonic(typed);
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_TRUE(std::ranges::equal(back->view(), entropy));
        const auto seed = seed_from_mnemonic(typed, text_of(line, "passphrase"));
        ASSERT_EQ(to_hex_0x(seed.view()), text_of(line, "seed"));
        expect_node(*HdKey::from_seed(seed.view()), line);
    }
}

TEST(EthersMnemonic, RefusesWhatEthersRefuses) {
    for (const auto& line : lines_of_kind("mnemonic_refused"))
        EXPECT_FALSE(entropy_from_mnemonic(text_of(line, "mnemonic"))) << text_of(line, "mnemonic");
}

TEST(EthersMnemonic, PassesItsPublishedCases) {
    std::size_t nodes = 0;
    for (const auto& line : lines_of_kind("published_mnemonic")) {
        const auto mnemonic = text_of(line, "mnemonic");
        const auto entropy = entropy_from_mnemonic(mnemonic);
        ASSERT_TRUE(entropy) << text_of(line, "name");
        EXPECT_EQ(to_hex_0x(entropy->view()), text_of(line, "entropy"));
        EXPECT_EQ(mnemonic_from_entropy(entropy->view())->text(), mnemonic);
        const auto seed = seed_from_mnemonic(mnemonic, text_of(line, "passphrase"));
        ASSERT_EQ(to_hex_0x(seed.view()), text_of(line, "seed")) << text_of(line, "name");
        const auto master = HdKey::from_seed(seed.view());
        ASSERT_TRUE(master);
        for (const auto& node : line.find("nodes")->items) {
            expect_node(*master, node);
            ++nodes;
        }
    }
    EXPECT_GT(nodes, 1000U);
}

void expect_opens(const json::Value& line) {
    const auto json = text_of(line, "json");
    const auto key = open_keystore(json, as_bytes(text_of(line, "passphrase")));
    ASSERT_TRUE(key) << key.error().message << '\n' << json;
    EXPECT_EQ(to_hex_0x(key->view()), text_of(line, "key"));
}

TEST(EthersKeystore, OpensItsFiles) {
    for (const auto& line : lines_of_kind("keystore")) expect_opens(line);
}

TEST(EthersKeystore, PassesItsPublishedCases) {
    for (const auto& line : lines_of_kind("published_keystore")) expect_opens(line);
}

// What `node open_keystores.mjs FILE` prints, as JSON objects.
std::vector<json::Value> opened_by_ethers(const std::string& file) {
    const std::string source = KEYDECK_SOURCE_DIR;
    const char* modules = std::getenv("KEYDECK_NODE_MODULES");
    const std::string variable = modules != nullptr ? "" : "KEYDECK_NODE_MODULES='" + source + "/build/node/node_modules' ";
    const std::string command = variable + "node '" + source + "/tests/ethereum/open_keystores.mjs' '" + file + "'";
    std::string output;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return {};
    char buffer[4096];
    for (std::size_t size = fread(buffer, 1, sizeof buffer, pipe); size > 0; size = fread(buffer, 1, sizeof buffer, pipe))
        output.append(buffer, size);
    EXPECT_EQ(pclose(pipe), 0)
        << "node failed; it needs ethers in KEYDECK_NODE_MODULES or build/node (./dev deps puts it there)";
    std::vector<json::Value> lines;
    for (const auto piece : json::split(output)) {
        auto value = json::parse(piece, "the line");
        EXPECT_TRUE(value);
        if (value) lines.push_back(std::move(*value));
    }
    return lines;
}

TEST(EthersKeystore, OpensOurs) {
    SystemRandom random;
    const testing_support::TemporaryDirectory directory;
    const std::string file = directory.path() / "keystores.jsonl";
    std::vector<Bytes> keys;
    {
        std::ofstream out(file);
        for (const std::string_view passphrase :
             {"", "secret", "p\xC3\xA4ss w\xC3\xB6rd", "cafe\xCC\x81", "\xF0\x9F\x94\x91", "\"quoted\" \\ \n"}) {
            for (const std::uint64_t n : {2U, 1024U, 262'144U}) {
                if (n == 262'144U && passphrase != "secret") continue;  // what is written by default: once is enough
                Bytes key = to_bytes(random.bytes<32>());
                if (!crypto::is_private_key(key)) key.assign(32, 1);
                const auto keystore = make_keystore(key, as_bytes(passphrase), random, n);
                ASSERT_TRUE(keystore);
                std::string line = "{\"json\":";
                json::append_quoted(line, *keystore);
                line += ",\"passphrase\":";
                json::append_quoted(line, passphrase);
                out << line << "}\n";
                keys.push_back(std::move(key));
            }
        }
    }
    const auto opened = opened_by_ethers(file);
    ASSERT_EQ(opened.size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        EXPECT_EQ(text_of(opened[i], "key"), to_hex_0x(keys[i]));
        EXPECT_EQ(text_of(opened[i], "address"), to_checksum(address_of(*crypto::public_key_of(keys[i]))));
    }
}

}  // namespace
}  // namespace keydeck::ethereum
