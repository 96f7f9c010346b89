// The input is a file, and is put into a well-formed one in the place of a field. Files whose key derivation would take long
// are only read.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "engine/ethereum/keystore.hpp"
#include "engine/ethereum/keystore_file.hpp"

namespace {

using namespace keydeck;
using namespace keydeck::ethereum;

constexpr std::string_view kFile =
    R"({"address":"45dea0fb0bba44f4fcf290bba71fd57d7117cbb8","crypto":{"cipher":"aes-128-ctr",)"
    R"("ciphertext":"b87781948a1befd247bff51ef4063f716cf6c2d3481163e9a8f42e1f9bb74145",)"
    R"("cipherparams":{"iv":"dc4926b48a105133d2f16b96833abf1e"},"kdf":"scrypt",)"
    R"("kdfparams":{"dklen":32,"n":2,"p":1,"r":8,"salt":"004244bbdc51cadda545b1cfa43cff9ed2ae88e08c61f1479dbb45410722f8f0"},)"
    R"("mac":"39990c1684557447940d4c69e06b1b82b2aceacb43f284df65c956daf3046b85"},"version":3})";

constexpr std::array<std::string_view, 10> kFields = {
    R"("45dea0fb0bba44f4fcf290bba71fd57d7117cbb8")",
    R"("aes-128-ctr")",
    R"("b87781948a1befd247bff51ef4063f716cf6c2d3481163e9a8f42e1f9bb74145")",
    R"({"iv":"dc4926b48a105133d2f16b96833abf1e"})",
    R"("scrypt")",
    R"({"dklen":32,"n":2,"p":1,"r":8,"salt":"004244bbdc51cadda545b1cfa43cff9ed2ae88e08c61f1479dbb45410722f8f0"})",
    R"(2,"p":1,"r":8)",
    R"("39990c1684557447940d4c69e06b1b82b2aceacb43f284df65c956daf3046b85")",
    R"(3})",
    R"("crypto")",
};

bool is_cheap(const KeystoreFile& file) {
    if (const auto* scrypt = std::get_if<ScryptParameters>(&file.kdf)) return scrypt->n * scrypt->r * scrypt->p <= 1024;
    return std::get<Pbkdf2Parameters>(file.kdf).iterations <= 64;
}

void check(std::string_view json) {
    const auto file = parse_keystore(json);
    if (!file) {
        if (file.error().code != ErrorCode::kInvalidInput) std::abort();
        return;
    }
    if (file->ciphertext.empty() || file->ciphertext.size() > 32) std::abort();
    if (!is_cheap(*file)) return;
    const auto key = open_keystore(json, {});
    if (key && key->size() != 32) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text);
    if (text.empty()) return 0;
    const auto field = kFields[static_cast<std::uint8_t>(text[0]) % kFields.size()];
    std::string file(kFile);
    file.replace(file.find(field), field.size(), text.substr(1));
    check(file);
    return 0;
}
