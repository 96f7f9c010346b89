#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/ethereum/rlp.hpp"
#include "engine/ethereum/transaction.hpp"
#include "tests/ethereum/transaction_samples.hpp"

namespace keydeck::ethereum {
namespace {

using test::hex;
using test::sample;

// An RLP item that can be changed and written again.
struct Node {
    bool is_list = false;
    Bytes bytes;
    std::vector<Node> items;
};

Node to_node(const rlp::Item& item) {
    Node node{.is_list = item.is_list, .bytes = to_bytes(item.bytes), .items = {}};
    for (const auto& child : item.items) node.items.push_back(to_node(child));
    return node;
}

Bytes encode(const Node& node) {
    Bytes out;
    if (!node.is_list) {
        rlp::append_bytes(out, node.bytes);
        return out;
    }
    for (const auto& item : node.items) append(out, encode(item));
    return rlp::list(out);
}

Node fields_of(const Bytes& raw) { return to_node(*rlp::decode(ByteView(raw).subspan(raw[0] >= 0xC0 ? 0 : 1))); }

Bytes raw_of(TransactionType type, const Node& fields) {
    Bytes raw;
    if (type != TransactionType::kLegacy) raw.push_back(static_cast<std::uint8_t>(type));
    append(raw, encode(fields));
    return raw;
}

Node string_node(Bytes bytes) { return {.is_list = false, .bytes = std::move(bytes), .items = {}}; }
Node list_node(std::vector<Node> items = {}) { return {.is_list = true, .bytes = {}, .items = std::move(items)}; }

void expect_refused(const Bytes& raw, std::string_view names, std::string_view reason = "") {
    const auto decoded = decode_transaction(raw);
    ASSERT_FALSE(decoded) << names << " " << reason << " " << to_hex_0x(raw);
    EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidInput);
    EXPECT_NE(decoded.error().message.find(names), std::string::npos) << decoded.error().message;
    EXPECT_NE(decoded.error().message.find(reason), std::string::npos) << decoded.error().message;
}

// The names of a signed transaction's fields, in order.
std::vector<std::string> names_of(TransactionType type) {
    switch (type) {
        case TransactionType::kLegacy:
            return {"nonce", "gasPrice", "gasLimit", "to", "value", "data", "v", "r", "s"};
        case TransactionType::kAccessList:
            return {"chainId", "nonce", "gasPrice", "gasLimit", "to", "value", "data", "accessList", "yParity", "r", "s"};
        case TransactionType::kDynamicFee:
            return {"chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gasLimit", "to",
                    "value",   "data",  "accessList",           "yParity",      "r",        "s"};
        case TransactionType::kBlob:
            return {"chainId", "nonce",      "maxPriorityFeePerGas", "maxFeePerGas",        "gasLimit", "to", "value",
                    "data",    "accessList", "maxFeePerBlobGas",     "blobVersionedHashes", "yParity",  "r",  "s"};
        case TransactionType::kSetCode:
            break;
    }
    return {"chainId", "nonce",      "maxPriorityFeePerGas", "maxFeePerGas", "gasLimit", "to", "value",
            "data",    "accessList", "authorizationList",    "yParity",      "r",        "s"};
}

bool is_list_field(const std::string& name) {
    return name == "accessList" || name == "blobVersionedHashes" || name == "authorizationList";
}

TEST(TransactionDecode, ReadsBackWhatIsWritten) {
    for (const auto type : test::kAllTypes) {
        const Transaction t = sample(type);
        const Bytes raw = test::signed_raw(t);
        const auto decoded = decode_transaction(raw);
        ASSERT_TRUE(decoded) << decoded.error().message;
        EXPECT_EQ(decoded->transaction.type, type);
        EXPECT_EQ(signing_hash(decoded->transaction), signing_hash(t));
        EXPECT_EQ(serialize_signed(decoded->transaction, decoded->signature), raw);
        EXPECT_EQ(decoded->hash, crypto::keccak256(raw));
        EXPECT_EQ(to_checksum(decoded->sender), test::kSender);
        EXPECT_EQ(decoded->authorities.size(), t.authorization_list.size());
        for (const auto& authority : decoded->authorities) EXPECT_EQ(to_checksum(*authority), test::kSender);
    }
}

// github.com/ethereum/tests TransactionTests/EIP155/ttTransactionTestEip155VitaliksTests.json; the last three are from
// before EIP-155.
TEST(TransactionDecode, ReadsVitaliksTests) {
    struct Case {
        std::string_view rlp, hash, sender;
        int chain_id;
    };
    constexpr Case kCases[] = {
        {"f864808504a817c800825208943535353535353535353535353535353535353535808025a0044852b2a670ade5407e78fb2863c51de9fcb965"
         "42a071"
         "86fe3aeda6bb8a116da0044852b2a670ade5407e78fb2863c51de9fcb96542a07186fe3aeda6bb8a116d",
         "b1e2188bc490908a78184e4818dca53684167507417fdb4c09c2d64d32a9896a", "f0f6f18bca1b28cd68e4357452947e021241e9ce", 1},
        {"f867088504a817c8088302e2489435353535353535353535353535353535353535358202008025a064b1702d9298fee62dfeccc57d322a463a"
         "d55ca2"
         "01256d01f62b45b2e1c21c12a064b1702d9298fee62dfeccc57d322a463ad55ca201256d01f62b45b2e1c21c10",
         "588df025c4c2d757d3e314bd3dfbfe352687324e6b8557ad1731585e96928aed", "9bddad43f934d313c2b79ca28a432dd2b7281029", 1},
        {"f865048504a817c80483019a28943535353535353535353535353535353535353535408025a013600b294191fc92924bb3ce4b969c1e7e2bab"
         "8f4c93"
         "c3fc6d0a51733df3c063a013600b294191fc92924bb3ce4b969c1e7e2bab8f4c93c3fc6d0a51733df3c060",
         "0b2b499d5a3e729bcc197e1a00f922d80890472299dd1c648988eb08b5b1ff0a", "f9358f2538fd5ccfeb848b64a96b743fcc930554", 1},
        {"f8610e80830493e080809560f2ff61000080610011600039610011565b6000f31ca0a310f4d0b26207db76ba4e1e6e7cf1857ee3aa8559bcbc"
         "399a6b"
         "09bfea2d30b4a06dff38c645a1486651a717ddf3daccb4fd9a630871ecea0758ddfcf2774f9bc6",
         "db38325f4c7a9917a611fd09694492c23b0ec357a68ab5cbf905fc9757b9919a", "874b54a8bd152966d63f706bae1ffeb0411921e5", 0},
        {"f8660f80830493e09400000000000000000000000000000000000000c08086646f6e6b65791ba09f00c6da4f2e4b5f3316e70c7669f9df71fa"
         "21d533"
         "afa63450065731132ba7b6a03886c27a8b3515ab9e2e04492f8214718621421e92d3b6954d9e3fb409ead788",
         "278608eba8465230d0552c8df9fbcc6fc35d2350f4feb0e49a399b2adab37e39", "874b54a8bd152966d63f706bae1ffeb0411921e5", 0},
        {"f8610f80830493e080019560f3ff61000080610011600039610011565b6000f31ba0af2944b645e280a35789aacfce7e16a8d57b43a0076dfd"
         "564bdc"
         "0395e3576324a05272a0013f198713128bb0e3da43bb03ec7224c5509d4cabbe39fd31c36b5786",
         "d9a26fff8704b137b592b07b64a86eac555dc347c87ae7fe1d2fe824d12427e5", "874b54a8bd152966d63f706bae1ffeb0411921e5", 0},
    };
    for (const auto& [rlp, hash, sender, chain_id] : kCases) {
        const auto decoded = decode_transaction(hex(rlp));
        ASSERT_TRUE(decoded) << decoded.error().message;
        EXPECT_EQ(to_hex(decoded->hash), hash);
        EXPECT_EQ(to_hex(decoded->sender.bytes), sender);
        EXPECT_EQ(decoded->transaction.chain_id.value_or(0), chain_id);
        EXPECT_EQ(to_hex(serialize_signed(decoded->transaction, decoded->signature)), rlp);
    }
}

// github.com/ethereum/tests TransactionTests/ttEIP1559: maxFeePerGas00prefix, maxFeePerGasOverflow
TEST(TransactionDecode, RefusesThePublishedInvalidOnes) {
    expect_refused(
        hex("02f88701808477359400a100ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff82520894095e7baea6a6c7"
            "c4c2dfeb977efac326af552d878080c080a05cbd172231fc0735e0fb994dd5b1a4939170a260b36f0427a8a80866b063b948a07c230f"
            "7f578dd61785c93361b9871c0706ebfa6d06e3f4491dc9558c5202ed36"),
        "maxFeePerGas");
    expect_refused(
        hex("02f88701808477359400a101000000000000000000000000000000000000000000000000000000000000000082520894095e7baea6a6c7"
            "c4c2dfeb977efac326af552d878080c080a05cbd172231fc0735e0fb994dd5b1a4939170a260b36f0427a8a80866b063b948a07c230f"
            "7f578dd61785c93361b9871c0706ebfa6d06e3f4491dc9558c5202ed36"),
        "maxFeePerGas", "2^256");
}

TEST(TransactionDecode, RefusesWhatIsNoTransaction) {
    expect_refused({}, "raw transaction", "empty");
    expect_refused({0x00}, "0x00", "type");
    expect_refused({0x05, 0xC0}, "0x05", "type");
    expect_refused({0x7F, 0xC0}, "0x7f", "type");
    expect_refused({0x80}, "0x80", "type");
    expect_refused({0x02}, "RLP");
    expect_refused({0x02, 0x80}, "list");
    expect_refused({0x02, 0xC0}, "chainId", "missing");
    expect_refused({0x03, 0xC1, 0xC0}, "network form", "1 parts");
    expect_refused({0xC0}, "nonce", "missing");
    for (const auto type : test::kAllTypes) {
        const Bytes raw = test::signed_raw(sample(type));
        for (std::size_t length = 1; length < raw.size(); ++length)
            EXPECT_FALSE(decode_transaction(ByteView(raw).first(length))) << length;
        Bytes longer = raw;
        longer.push_back(0);
        expect_refused(longer, "1 bytes after");
    }
}

TEST(TransactionDecode, RefusesTooFewAndTooManyFields) {
    for (const auto type : test::kAllTypes) {
        Node fields = fields_of(test::signed_raw(sample(type)));
        ASSERT_EQ(fields.items.size(), names_of(type).size());
        fields.items.push_back(string_node({1}));
        expect_refused(raw_of(type, fields), "fields instead of", std::to_string(names_of(type).size()));
        fields.items.resize(names_of(type).size() - 1);
        expect_refused(raw_of(type, fields), "The s is missing");
        fields.items.resize(names_of(type).size() - 3);  // unsigned
        expect_refused(raw_of(type, fields), names_of(type)[names_of(type).size() - 3], "missing");
    }
}

// Every field of every type: of the other kind, too long, and numbers with a leading zero.
TEST(TransactionDecode, NamesTheFieldThatIsMalformed) {
    for (const auto type : test::kAllTypes) {
        const Node good = fields_of(test::signed_raw(sample(type)));
        const auto names = names_of(type);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string field = "The " + names[i];
            Node bad = good;
            bad.items[i] = is_list_field(names[i]) ? string_node({1, 2}) : list_node();
            expect_refused(raw_of(type, bad), field, "list");
            if (is_list_field(names[i]) || names[i] == "data") continue;
            bad.items[i] = string_node(Bytes(33, 0x11));
            expect_refused(raw_of(type, bad), field);
            if (names[i] == "to") continue;
            bad.items[i] = string_node({0x00});
            expect_refused(raw_of(type, bad), field, "leading zero");
            bad.items[i] = good.items[i];
            bad.items[i].bytes.insert(bad.items[i].bytes.begin(), 0x00);
            expect_refused(raw_of(type, bad), field, bad.items[i].bytes.size() == 33 ? "2^256" : "leading zero");
        }
    }
}

TEST(TransactionDecode, RefusesAddressesOfAnotherLength) {
    for (const auto type : test::kAllTypes) {
        const std::size_t to = type == TransactionType::kLegacy ? 3 : type == TransactionType::kAccessList ? 4 : 5;
        for (const std::size_t length : {1U, 19U, 21U, 32U}) {
            Node fields = fields_of(test::signed_raw(sample(type)));
            fields.items[to] = string_node(Bytes(length, 0x35));
            expect_refused(raw_of(type, fields), "The to has " + std::to_string(length) + " bytes");
        }
    }
}

TEST(TransactionDecode, RefusesSignaturesThatAreNone) {
    const Bytes order = hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    for (const auto type : test::kAllTypes) {
        const Node good = fields_of(test::signed_raw(sample(type)));
        const std::size_t v = good.items.size() - 3;
        const auto with = [&](std::size_t at, Bytes value) {
            Node bad = good;
            bad.items[at] = string_node(std::move(value));
            return raw_of(type, bad);
        };
        expect_refused(with(v + 1, {}), "r");
        expect_refused(with(v + 2, {}), "s");
        expect_refused(with(v + 1, order), "r");
        expect_refused(with(v + 2, order), "The s", "EIP-2");
        expect_refused(with(v + 2, hex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1")), "The s",
                       "EIP-2");
        if (type == TransactionType::kLegacy) {
            for (const std::uint8_t bad : Bytes{0, 1, 26, 29, 34, 35, 36})
                expect_refused(with(v, bad == 0 ? Bytes() : Bytes{bad}), "The v");
        } else {
            for (const std::uint8_t bad : Bytes{2, 27, 28, 37}) expect_refused(with(v, {bad}), "yParity", "0 or 1");
        }
    }
}

// The s of a signature flipped to n - s is another valid signature of the same hash; EIP-2 forbids it.
TEST(TransactionDecode, RefusesAHighS) {
    const Uint256 order("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    for (const auto type : test::kAllTypes) {
        const Transaction t = sample(type);
        auto signature = *crypto::sign(test::kKey, signing_hash(t));
        signature.s = to_be32(order - from_be(signature.s));
        signature.recovery_id ^= 1;
        expect_refused(serialize_signed(t, signature), "The s", "EIP-2");
    }
}

TEST(TransactionDecode, RefusesWhatBreaksTheRulesOfItsType) {
    Transaction t = sample(TransactionType::kDynamicFee);
    t.max_priority_fee_per_gas = t.max_fee_per_gas + 1;
    expect_refused(test::signed_raw(t), "maxPriorityFeePerGas");
    for (const auto type : test::kAllTypes) {
        t = sample(type);
        t.nonce = 0xFFFF'FFFF'FFFF'FFFF;
        expect_refused(test::signed_raw(t), "nonce", "EIP-2681");
    }
    t = sample(TransactionType::kBlob);
    t.to.reset();
    expect_refused(test::signed_raw(t), "to", "type 3");
    t = sample(TransactionType::kBlob);
    t.blob_versioned_hashes.clear();
    expect_refused(test::signed_raw(t), "blobVersionedHashes", "empty");
    t = sample(TransactionType::kBlob);
    t.blob_versioned_hashes[1][0] = 2;
    expect_refused(test::signed_raw(t), "blobVersionedHashes[1]", "0x01");
    t = sample(TransactionType::kSetCode);
    t.to.reset();
    expect_refused(test::signed_raw(t), "to", "type 4");
    t = sample(TransactionType::kSetCode);
    t.authorization_list.clear();
    expect_refused(test::signed_raw(t), "authorizationList", "empty");
    t = sample(TransactionType::kDynamicFee);
    t.chain_id = Uint256(1) << 255;
    expect_refused(test::signed_raw(t), "chainId");
}

TEST(TransactionDecode, NamesTheItemThatIsMalformed) {
    Node fields = fields_of(test::signed_raw(sample(TransactionType::kAccessList)));
    Node bad = fields;
    bad.items[7].items[1] = string_node({1, 2});
    expect_refused(raw_of(TransactionType::kAccessList, bad), "accessList[1]", "list");
    bad = fields;
    bad.items[7].items[0].items[1].items[1].bytes.pop_back();
    expect_refused(raw_of(TransactionType::kAccessList, bad), "accessList[0].storageKeys[1]", "31 bytes");
    bad = fields;
    bad.items[7].items[0].items[0].bytes.pop_back();
    expect_refused(raw_of(TransactionType::kAccessList, bad), "accessList[0].address", "19 bytes");
    bad = fields;
    bad.items[7].items[0].items.push_back(list_node());
    expect_refused(raw_of(TransactionType::kAccessList, bad), "accessList[0]", "3 fields");

    fields = fields_of(test::signed_raw(sample(TransactionType::kSetCode)));
    bad = fields;
    bad.items[9].items[1].items.pop_back();
    expect_refused(raw_of(TransactionType::kSetCode, bad), "authorizationList[1].s", "missing");
    bad = fields;
    bad.items[9].items[0].items[3].bytes = {1, 0};
    expect_refused(raw_of(TransactionType::kSetCode, bad), "authorizationList[0].yParity", "byte");
    bad = fields;
    bad.items[9].items[0].items[1].bytes = {};
    expect_refused(raw_of(TransactionType::kSetCode, bad), "authorizationList[0].address", "0 bytes");
}

// EIP-7702 lets a transaction carry authorizations that nobody signed; the chain skips them.
TEST(TransactionDecode, KeepsAuthorizationsThatNobodySigned) {
    Transaction t = sample(TransactionType::kSetCode);
    t.authorization_list[0].signature.recovery_id = 0xFF;
    t.authorization_list[1].signature.r.fill(0);
    const Bytes raw = test::signed_raw(t);
    const auto decoded = decode_transaction(raw);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(serialize_signed(decoded->transaction, decoded->signature), raw);
    ASSERT_EQ(decoded->authorities.size(), 2U);
    EXPECT_FALSE(decoded->authorities[0]);
    EXPECT_FALSE(decoded->authorities[1]);
}

TEST(TransactionDecode, ReadsTheNetworkFormOfBlobs) {
    const Bytes raw = test::signed_raw(sample(TransactionType::kBlob));
    const Node inner = fields_of(raw);
    const Node blobs = list_node({string_node(Bytes(100, 7))});
    const auto wrapped = [&](std::vector<Node> rest) {
        rest.insert(rest.begin(), inner);
        return raw_of(TransactionType::kBlob, list_node(std::move(rest)));
    };
    for (const Bytes& network : {wrapped({blobs, blobs, blobs}), wrapped({string_node({1}), blobs, blobs, blobs})}) {
        const auto decoded = decode_transaction(network);
        ASSERT_TRUE(decoded) << decoded.error().message;
        EXPECT_EQ(decoded->hash, crypto::keccak256(raw));
        EXPECT_EQ(to_checksum(decoded->sender), test::kSender);
    }
    expect_refused(wrapped({}), "network form", "1 parts");
    expect_refused(wrapped({blobs, blobs}), "network form", "3 parts");
    expect_refused(wrapped({string_node({2}), blobs, blobs, blobs}), "wrapper version");
    expect_refused(wrapped({blobs, blobs, blobs, blobs}), "wrapper version");
    expect_refused(wrapped({blobs, string_node({1, 2}), blobs}), "commitments");
    expect_refused(wrapped({blobs, blobs, blobs, blobs, blobs}), "network form", "6 parts");
    // Only type 3 has one.
    Bytes other = wrapped({blobs, blobs, blobs});
    other[0] = 0x02;
    expect_refused(other, "chainId");
}

}  // namespace
}  // namespace keydeck::ethereum
