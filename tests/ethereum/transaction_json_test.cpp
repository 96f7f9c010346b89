#include <gtest/gtest.h>

#include <string>

#include "engine/base/hex.hpp"
#include "engine/ethereum/transaction.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::string_view kTo = "0x3535353535353535353535353535353535353535";

TransactionRequest parsed(const std::string& json) {
    auto request = parse_transaction_json(json);
    EXPECT_TRUE(request) << json << ": " << request.error().message;
    return request ? *request : TransactionRequest();
}

// A valid transaction of each type; `extra` comes last and begins with a comma.
std::string of_type(int type, const std::string& extra = "") {
    std::string json = R"({"chainId":1,"nonce":9,"gas":21000,"to":")" + std::string(kTo) + '"';
    if (type < 2) json += R"(,"gasPrice":20)";
    if (type >= 2) json += R"(,"maxFeePerGas":30,"maxPriorityFeePerGas":2)";
    if (type == 1) json += R"(,"accessList":[])";
    if (type == 3) json += R"(,"maxFeePerBlobGas":5,"blobVersionedHashes":["0x01)" + std::string(62, 'a') + R"("])";
    if (type == 4)
        json += R"(,"authorizationList":[{"chainId":1,"address":")" + std::string(kTo) +
                R"(","nonce":0,"yParity":1,"r":"0x11","s":"0x22"}])";
    return json + extra + "}";
}

TEST(TransactionJson, InfersTheType) {
    for (int type = 0; type <= 4; ++type) {
        EXPECT_EQ(static_cast<int>(parsed(of_type(type)).transaction.type), type);
        for (const char* form : {"%", "\"%\"", "\"0x%\"", "\"0x0%\""}) {
            std::string text = form;
            text.replace(text.find('%'), 1, std::to_string(type));
            EXPECT_EQ(static_cast<int>(parsed(of_type(type, ",\"type\":" + text)).transaction.type), type) << text;
        }
    }
    // What is written wins over what would be inferred.
    EXPECT_EQ(parsed(of_type(0, R"(,"type":1)")).transaction.type, TransactionType::kAccessList);
    EXPECT_EQ(parsed(of_type(0, R"(,"type":"0x1","accessList":[])")).transaction.type, TransactionType::kAccessList);
}

TEST(TransactionJson, ReadsEveryField) {
    const std::string key(64, '7');
    const auto request =
        parsed(R"({"type":2,"chainId":"0x0a","nonce":"007","from":")" + std::string(kTo) + R"(","to":")" + std::string(kTo) +
               R"(","value":115792089237316195423570985008687907853269984665640564039457584007913129639935,
        "gas":"0x5208","gasLimit":21000,"maxFeePerGas":"30","maxPriorityFeePerGas":"0x1e","data":"0xDEad","input":"0xdead",
        "accessList":[{"storageKeys":["0x)" +
               key + R"("],"address":")" + std::string(kTo) + R"("}]})");
    const Transaction& t = request.transaction;
    EXPECT_EQ(*t.chain_id, 10);
    EXPECT_EQ(t.nonce, 7U);
    EXPECT_EQ(to_hex_0x(request.from->bytes), kTo);
    EXPECT_EQ(to_hex_0x(t.to->bytes), kTo);
    EXPECT_EQ(t.value, std::numeric_limits<Uint256>::max());
    EXPECT_EQ(t.gas_limit, 21000U);
    EXPECT_EQ(t.max_fee_per_gas, 30);
    EXPECT_EQ(t.max_priority_fee_per_gas, 30);
    EXPECT_EQ(to_hex(t.data), "dead");
    ASSERT_EQ(t.access_list.size(), 1U);
    EXPECT_EQ(to_hex_0x(t.access_list[0].address.bytes), kTo);
    EXPECT_EQ(to_hex(t.access_list[0].storage_keys.at(0)), key);
}

TEST(TransactionJson, HasDefaults) {
    const Transaction t = parsed(of_type(2)).transaction;
    EXPECT_EQ(t.value, 0);
    EXPECT_TRUE(t.data.empty());
    EXPECT_TRUE(t.access_list.empty());
    EXPECT_FALSE(parsed(of_type(2)).from);
}

TEST(TransactionJson, CreatesAContractWithoutTo) {
    const std::string rest = R"("chainId":1,"nonce":0,"gas":1,"gasPrice":1,"data":"0x60")";
    EXPECT_FALSE(parsed("{" + rest + "}").transaction.to);
    EXPECT_FALSE(parsed("{\"to\":null," + rest + "}").transaction.to);
    EXPECT_TRUE(parsed(of_type(0)).transaction.to);
}

TEST(TransactionJson, ReadsTheLimits) {
    EXPECT_EQ(parsed(of_type(0, R"(,"value":"0")")).transaction.value, 0);
    EXPECT_EQ(parsed(R"({"chainId":"57896044618658097711785492504343953926634992332820282019728792003956564819949",
        "nonce":18446744073709551614,"gas":18446744073709551615,"gasPrice":0,"to":")" +
                     std::string(kTo) + "\"}")
                  .transaction.nonce,
              18446744073709551614U);
}

struct Bad {
    std::string json, names, reason;
};

void expect_refused(const Bad& bad) {
    const auto request = parse_transaction_json(bad.json);
    ASSERT_FALSE(request) << bad.json;
    const Error& error = request.error();
    EXPECT_EQ(error.code, ErrorCode::kInvalidInput);
    EXPECT_NE(error.message.find(bad.names), std::string::npos) << bad.json << "\n" << error.message;
    EXPECT_NE(error.message.find(bad.reason), std::string::npos) << bad.json << "\n" << error.message;
    // One sentence.
    EXPECT_TRUE(error.message.ends_with('.')) << error.message;
    EXPECT_EQ(error.message.find(". "), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
}

TEST(TransactionJson, RefusesWhatIsNoObject) {
    expect_refused({"", "transaction", "JSON"});
    expect_refused({"{", "transaction", "JSON"});
    expect_refused({"[]", "transaction", "an array"});
    expect_refused({"null", "transaction", "null"});
    expect_refused({"\"0x02\"", "transaction", "a string"});
    expect_refused({of_type(2) + of_type(2), "transaction", "JSON"});
    expect_refused({of_type(2, R"(,"nonce":1)"), "nonce", "twice"});
}

TEST(TransactionJson, RefusesUnknownFields) {
    expect_refused({of_type(2, R"(,"gass":1)"), "\"gass\"", "unknown"});
    expect_refused({of_type(2, R"(,"Nonce":1)"), "\"Nonce\"", "unknown"});
    expect_refused({of_type(2, R"(,"r":"0x1")"), "\"r\"", "unknown"});
    expect_refused({of_type(2, R"(,"":1)"), "\"\"", "unknown"});
    expect_refused({of_type(2, ",\"a\\n\\u001b[31mb\":1"), "\\u001b", "unknown"});
    expect_refused({of_type(2, ",\"" + std::string(1000, 'x') + "\":1"), std::string(40, 'x') + "...", "unknown"});
}

TEST(TransactionJson, RefusesMissingFields) {
    expect_refused({R"({"chainId":1,"nonce":0,"gas":1,"to":null,"data":"0x00"})", "fee", "gasPrice"});
    expect_refused({R"({"nonce":0,"gas":1,"gasPrice":1,"to":null,"data":"0x00"})", "chainId", "missing"});
    expect_refused({R"({"chainId":1,"gas":1,"gasPrice":1,"to":null,"data":"0x00"})", "nonce", "missing"});
    expect_refused({R"({"chainId":1,"nonce":0,"gasPrice":1,"to":null,"data":"0x00"})", "gas", "missing"});
    expect_refused({R"({"chainId":1,"nonce":0,"gas":1,"gasPrice":1})", "to", "data"});
    expect_refused({R"({"chainId":1,"nonce":0,"gas":1,"gasPrice":1,"to":null,"data":"0x"})", "to", "data"});
    expect_refused({R"({"type":0,"chainId":1,"nonce":0,"gas":1,"to":null,"data":"0x00"})", "gasPrice", "missing"});
    expect_refused({R"({"type":1,"chainId":1,"nonce":0,"gas":1,"to":null,"data":"0x00"})", "gasPrice", "missing"});
    expect_refused({R"({"chainId":1,"nonce":0,"gas":1,"maxFeePerGas":1,"data":"0x00"})", "maxPriorityFeePerGas", "missing"});
    expect_refused({R"({"chainId":1,"nonce":0,"gas":1,"maxPriorityFeePerGas":1,"data":"0x00"})", "maxFeePerGas", "missing"});
    expect_refused({of_type(2, R"(,"type":3)"), "maxFeePerBlobGas", "missing"});
    expect_refused({of_type(2, R"(,"type":3,"maxFeePerBlobGas":1)"), "blobVersionedHashes", "missing"});
    expect_refused({of_type(2, R"(,"type":4)"), "authorizationList", "missing"});
    for (const int type : {3, 4}) {
        std::string json = of_type(type);
        json.replace(json.find(kTo) - 1, kTo.size() + 2, "null");
        expect_refused({json, "to", "missing"});
    }
}

TEST(TransactionJson, RefusesFieldsOfAnotherType) {
    expect_refused({of_type(2, R"(,"gasPrice":1)"), "gasPrice", "type 2"});
    expect_refused({of_type(0, R"(,"type":0,"accessList":[])"), "accessList", "type 0"});
    expect_refused({of_type(2, R"(,"type":0)"), "gasPrice", "missing"});
    expect_refused({of_type(0, R"(,"type":0,"maxFeePerGas":1)"), "maxFeePerGas", "type 0"});
    expect_refused({of_type(1, R"(,"type":1,"maxPriorityFeePerGas":1)"), "maxPriorityFeePerGas", "type 1"});
    expect_refused({of_type(2, R"(,"type":2,"maxFeePerBlobGas":1)"), "maxFeePerBlobGas", "type 2"});
    expect_refused({of_type(3, R"(,"type":2)"), "maxFeePerBlobGas", "type 2"});
    expect_refused({of_type(4, R"(,"type":3,"maxFeePerBlobGas":1)"), "blobVersionedHashes", "missing"});
    expect_refused({of_type(4, R"(,"blobVersionedHashes":[])"), "blobVersionedHashes", "type 4"});
}

TEST(TransactionJson, RefusesTypesThatDoNotExist) {
    for (const char* type : {"5", "\"0x5\"", "126", "\"0x100000000000000000\""})
        expect_refused({of_type(2, std::string(",\"type\":") + type), "type", ""});
    expect_refused({of_type(2, R"(,"type":"eip1559")"), "type", "number"});
    expect_refused({of_type(2, R"(,"type":null)"), "type", "null"});
    expect_refused({of_type(2, R"(,"type":-1)"), "type", "number"});
}

// Every number field refuses the same forms.
TEST(TransactionJson, RefusesMalformedNumbers) {
    struct Field {
        int type;
        std::string name, given;
    };
    const Field fields[] = {{2, "chainId", "1"},         {2, "nonce", "9"},         {2, "gas", "21000"},
                            {0, "gasPrice", "20"},       {2, "maxFeePerGas", "30"}, {2, "maxPriorityFeePerGas", "2"},
                            {3, "maxFeePerBlobGas", "5"}};
    for (const auto& [type, name, given] : fields) {
        for (const char* form : {"-1",
                                 "1.5",
                                 "1e3",
                                 "\"\"",
                                 "\"0x\"",
                                 "\" 1\"",
                                 "\"1 \"",
                                 "\"+1\"",
                                 "\"-1\"",
                                 "\"0xg\"",
                                 "\"1,000\"",
                                 "\"1.0\"",
                                 "\"abc\"",
                                 "\"\\u0661\"",
                                 "null",
                                 "true",
                                 "[1]",
                                 "{}",
                                 "115792089237316195423570985008687907853269984665640564039457584007913129639936",
                                 "\"0x10000000000000000000000000000000000000000000000000000000000000000\""}) {
            std::string json = of_type(type);
            const std::string before = "\"" + name + "\":" + given;
            ASSERT_NE(json.find(before), std::string::npos) << before;
            json.replace(json.find(before), before.size(), "\"" + name + "\":" + form);
            expect_refused({json, name, ""});
        }
    }
}

TEST(TransactionJson, RefusesNumbersOutOfRange) {
    const auto with = [](int type, const std::string& before, const std::string& after) {
        std::string json = of_type(type);
        json.replace(json.find(before), before.size(), after);
        return json;
    };
    expect_refused({with(2, R"("chainId":1)", R"("chainId":0)"), "chainId", "at least 1"});
    expect_refused({with(2, R"("chainId":1)",
                         R"("chainId":"57896044618658097711785492504343953926634992332820282019728792003956564819950")"),
                    "chainId", "EIP-155"});
    expect_refused({with(2, R"("nonce":9)", R"("nonce":18446744073709551615)"), "nonce", "EIP-2681"});
    expect_refused({with(2, R"("nonce":9)", R"("nonce":18446744073709551616)"), "nonce", "2^64"});
    expect_refused({with(2, R"("gas":21000)", R"("gas":"0x10000000000000000")"), "gas", "2^64"});
    expect_refused(
        {with(2, R"("maxFeePerGas":30)", R"("maxFeePerGas":1)"), "maxPriorityFeePerGas", "larger than the maxFeePerGas"});
}

TEST(TransactionJson, RefusesTwoNamesThatDisagree) {
    expect_refused({of_type(2, R"(,"gasLimit":21001)"), "gasLimit", "differs"});
    expect_refused({of_type(2, R"(,"data":"0x00","input":"0x01")"), "input", "differs"});
    expect_refused({of_type(2, R"(,"data":"0x","input":"0x01")"), "input", "differs"});
    EXPECT_EQ(parsed(of_type(2, R"(,"gasLimit":"0x5208")")).transaction.gas_limit, 21000U);
}

TEST(TransactionJson, RefusesMalformedBytesAndAddresses) {
    for (const char* data : {"\"\"", "\"00\"", "\"0x0\"", "\"0xzz\"", "\"0X00\"", "7", "null", "[]", "\"hello\""}) {
        expect_refused({of_type(2, std::string(",\"data\":") + data), "data", ""});
        expect_refused({of_type(2, std::string(",\"input\":") + data), "input", ""});
    }
    for (const char* to :
         {"\"\"", "\"0x\"", "\"0x35\"", "7", "false", "\"alice.eth\"", "\"3535353535353535353535353535353535353535\"",
          "\"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\""}) {
        std::string json = of_type(2);
        json.replace(json.find(kTo) - 1, kTo.size() + 2, to);
        expect_refused({json, "to", ""});
        expect_refused({of_type(2, std::string(",\"from\":") + to), "from", ""});
    }
    expect_refused({of_type(2, R"(,"from":null)"), "from", "null"});
}

TEST(TransactionJson, RefusesMalformedAccessLists) {
    const std::string address = R"("address":")" + std::string(kTo) + "\"";
    const auto list = [](const std::string& text) { return of_type(2, ",\"accessList\":" + text); };
    expect_refused({list("null"), "accessList", "null"});
    expect_refused({list("{}"), "accessList", "an object"});
    expect_refused({list("[7]"), "accessList[0]", "a number"});
    expect_refused({list("[[\"" + std::string(kTo) + "\",[]]]"), "accessList[0]", "an array"});
    expect_refused({list("[{" + address + "}]"), "accessList[0].storageKeys", "missing"});
    expect_refused({list(R"([{"storageKeys":[]}])"), "accessList[0].address", "missing"});
    expect_refused({list("[{" + address + R"(,"storageKeys":[],"keys":[]}])"), "accessList[0]", "\"keys\""});
    expect_refused({list("[{" + address + R"(,"storageKeys":["0x01"]}])"), "accessList[0].storageKeys[0]", "32 bytes"});
    expect_refused({list("[{" + address + R"(,"storageKeys":[]},{"address":"0x","storageKeys":[]}])"),
                    "accessList[1].address", "address"});
    expect_refused({list("[{" + address + R"(,"storageKeys":null}])"), "accessList[0].storageKeys", "null"});
}

TEST(TransactionJson, RefusesMalformedBlobs) {
    const auto hashes = [](const std::string& text) {
        std::string json = of_type(3);
        const std::size_t at = json.find("[\"0x01");
        return json.replace(at, json.find(']', at) + 1 - at, text);
    };
    expect_refused({hashes("[]"), "blobVersionedHashes", "empty"});
    expect_refused({hashes("[\"0x02" + std::string(62, 'a') + "\"]"), "blobVersionedHashes[0]", "0x01"});
    expect_refused({hashes("[\"0x01" + std::string(60, 'a') + "\"]"), "blobVersionedHashes[0]", "32 bytes"});
    expect_refused({hashes("[\"01" + std::string(62, 'a') + "\"]"), "blobVersionedHashes[0]", "0x"});
    expect_refused({hashes("\"0x01\""), "blobVersionedHashes", "a string"});
}

TEST(TransactionJson, RefusesMalformedAuthorizations) {
    const auto changed = [](const std::string& before, const std::string& after) {
        std::string json = of_type(4);
        const std::size_t list = json.find("authorizationList");
        return json.replace(json.find(before, list), before.size(), after);
    };
    const std::string order = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    const std::string high = "0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1";
    expect_refused({changed("[{", "[],\"x\":[{"), "\"x\"", "unknown"});
    expect_refused({changed(R"("yParity":1)", R"("yParity":2)"), "authorizationList[0].yParity", "0 or 1"});
    expect_refused({changed(R"("yParity":1)", R"("v":28)"), "authorizationList[0]", "\"v\""});
    expect_refused({changed(R"("r":"0x11")", R"("r":0)"), "authorizationList[0].r", "out of range"});
    expect_refused({changed(R"("r":"0x11")", R"("r":")" + order + "\""), "authorizationList[0].r", "out of range"});
    expect_refused({changed(R"("s":"0x22")", R"("s":0)"), "authorizationList[0].s", "out of range"});
    expect_refused({changed(R"("s":"0x22")", R"("s":")" + high + "\""), "authorizationList[0].s", "EIP-2"});
    expect_refused({changed(R"(,"s":"0x22")", ""), "authorizationList[0].s", "missing"});
    expect_refused({changed(R"("nonce":0)", R"("nonce":18446744073709551615)"), "authorizationList[0].nonce", "EIP-2681"});
    expect_refused({changed(R"("chainId":1)", R"("chainId":")" + std::string("0x8") + std::string(63, '0') + "\""),
                    "authorizationList[0].chainId", "range"});
    expect_refused({changed(std::string(kTo), "0x"), "authorizationList[0].address", "address"});
    std::string empty = of_type(4);
    const std::size_t at = empty.find("[{");
    expect_refused({empty.replace(at, empty.find(']', at) + 1 - at, "[]"), "authorizationList", "empty"});
    // Chain id 0 means every chain; that it is meant is asked elsewhere.
    EXPECT_EQ(parsed(changed(R"("chainId":1)", R"("chainId":0)")).transaction.authorization_list.at(0).chain_id, 0);
}

}  // namespace
}  // namespace keydeck::ethereum
