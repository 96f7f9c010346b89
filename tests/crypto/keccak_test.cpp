// Keccak-256 against the published vectors, and at every length from 0 to 500 against a second implementation that follows
// the text of the specification bit by bit and shares nothing with the first.
#include <gtest/gtest.h>

#include <array>
#include <bitset>
#include <string>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"

namespace keydeck::crypto {
namespace {

/// FIPS 202, section 3, on single bits; A[x][y][z].
class BitwiseKeccak {
public:
    /// FIPS 202, algorithm 8, with Keccak's padding 10*1 instead of SHA-3's 0110*1.
    static Hash32 hash(ByteView message) {
        std::vector<bool> bits;
        for (const std::uint8_t byte : message) {
            for (int i = 0; i < 8; ++i) bits.push_back((byte >> i & 1) != 0);
        }
        bits.push_back(true);
        while (bits.size() % kRate != kRate - 1) bits.push_back(false);
        bits.push_back(true);

        BitwiseKeccak keccak;
        for (std::size_t block = 0; block < bits.size(); block += kRate) {
            for (std::size_t i = 0; i < kRate; ++i) keccak.bit(i) ^= static_cast<std::uint8_t>(bits[block + i]);
            for (int round = 0; round < 24; ++round) keccak.one_round(round);
        }
        Hash32 out{};
        for (std::size_t i = 0; i < 256; ++i) out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | keccak.bit(i) << (i % 8));
        return out;
    }

private:
    static constexpr std::size_t kRate = 1088;
    using Bits = std::array<std::array<std::array<std::uint8_t, 64>, 5>, 5>;

    std::uint8_t& bit(std::size_t i) { return a_[i / 64 % 5][i / 320][i % 64]; }  // S[64(5y + x) + z] = A[x][y][z]

    void one_round(int round) {
        theta();
        rho();
        pi();
        chi();
        iota(round);
    }
    void theta() {
        std::array<std::array<std::uint8_t, 64>, 5> c{};
        for (std::size_t x = 0; x < 5; ++x) {
            for (std::size_t z = 0; z < 64; ++z)
                c[x][z] = a_[x][0][z] ^ a_[x][1][z] ^ a_[x][2][z] ^ a_[x][3][z] ^ a_[x][4][z];
        }
        for (std::size_t x = 0; x < 5; ++x) {
            for (std::size_t z = 0; z < 64; ++z) {
                const std::uint8_t d = c[(x + 4) % 5][z] ^ c[(x + 1) % 5][(z + 63) % 64];
                for (std::size_t y = 0; y < 5; ++y) a_[x][y][z] ^= d;
            }
        }
    }
    void rho() {
        const Bits old = a_;
        std::size_t x = 1;
        std::size_t y = 0;
        for (std::size_t t = 0; t < 24; ++t) {
            const std::size_t offset = (t + 1) * (t + 2) / 2 % 64;
            for (std::size_t z = 0; z < 64; ++z) a_[x][y][z] = old[x][y][(z + 64 - offset) % 64];
            const std::size_t next = (2 * x + 3 * y) % 5;
            x = y;
            y = next;
        }
    }
    void pi() {
        const Bits old = a_;
        for (std::size_t x = 0; x < 5; ++x) {
            for (std::size_t y = 0; y < 5; ++y) a_[x][y] = old[(x + 3 * y) % 5][x];
        }
    }
    void chi() {
        const Bits old = a_;
        for (std::size_t x = 0; x < 5; ++x) {
            for (std::size_t y = 0; y < 5; ++y) {
                for (std::size_t z = 0; z < 64; ++z) {
                    a_[x][y][z] =
                        static_cast<std::uint8_t>(old[x][y][z] ^ ((old[(x + 1) % 5][y][z] ^ 1) & old[(x + 2) % 5][y][z]));
                }
            }
        }
    }
    void iota(int round) {
        for (int j = 0; j <= 6; ++j) a_[0][0][(std::size_t{1} << j) - 1] ^= static_cast<std::uint8_t>(rc(j + 7 * round));
    }
    /// Algorithm 5: the bit of a linear feedback shift register.
    static bool rc(int t) {
        std::bitset<9> r(0b1);  // r[0] is the first
        for (int i = 0; i < t % 255; ++i) {
            r <<= 1;
            const bool out = r[8];
            r[0] = r[0] ^ out;
            r[4] = r[4] ^ out;
            r[5] = r[5] ^ out;
            r[6] = r[6] ^ out;
            r[8] = false;
        }
        return r[0];
    }

    Bits a_{};
};

Bytes pattern(std::size_t length) {
    Bytes bytes(length);
    std::uint32_t state = static_cast<std::uint32_t>(length) * 2654435761U + 1;
    for (std::uint8_t& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<std::uint8_t>(state >> 24);
    }
    return bytes;
}

struct Vector {
    std::string message;  // hex
    const char* hash;
};

std::string repeated(std::string_view hex, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += hex;
    return out;
}

std::vector<Vector> published() {
    return {
        // KeccakKAT-3.zip, ShortMsgKAT_256.txt (keccak.team/obsolete)
        {"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
        {"cc", "eead6dbfc7340a56caedc044696a168870549a6a7f6f56961e84a54bd9970b8a"},
        {"41fb", "a8eaceda4d47b3281a795ad9e1ea2122b407baf9aabcb9e18b5717b7873537d2"},
        {"1f877c", "627d7bc1491b2ab127282827b8de2d276b13d7d70fb4c5957fdf20655bc7ac30"},
        {"c1ecfdfc", "b149e766d7612eaf7d55f74e1a4fdd63709a8115b14f61fcd22aa4abc8b8e122"},
        {"9f2fcc7c90de090d6b87cd7e9718c1ea6cb21118fc2d5de9f97e5db6ac1e9c10",
         "24dd2ee02482144f539f810d2caa8a7b75d0fa33657e47932122d273c3f6f6d1"},
        {"e926ae8b0af6e53176dbffcc2a6b88c6bd765f939d3d178a9bde9ef3aa131c61e31c1e42cdfaf4b4dcde579a37e150efbef5555b4c1cb40439"
         "d835a7"
         "24e2fae7",
         "574271cd13959e8ddeae5bfbdb02a3fdf54f2babfd0cbeb893082a974957d0c1"},
        {"b55c10eae0ec684c16d13463f29291bf26c82e2fa0422a99c71db4af14dd9c7f33eda52fd73d017cc0f2dbe734d831f0d820d06d5f89dacc48"
         "5739144f"
         "8cfd4799223b1aff9031a105cb6a029ba71e6e5867d85a554991c38df3c9ef8c1e1e9a7630be61caabca69280c399c1fb7a12d12aefc",
         "0347901965d3635005e75a1095695cca050bc9ed2d440c0372a31b348514a889"},
        {repeated("aa", 50), "04b992b0fda7cc35cb6c2ae5423b463e8f519efd70d8bab8394c1cd42839c2e2"},
        {repeated("fd", 640), "e1eb3e4b14a80a72d3decb952300b2efe0616341e0e55d98f60669873eb43d4d"},
        // Ethereum's well-known hashes: the empty string and the empty list in RLP, storage slot 0, and an event (ERC-20)
        {"80", "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"},
        {"c0", "1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"},
        {repeated("00", 32), "290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563"},
        {to_hex(as_bytes("Transfer(address,address,uint256)")),
         "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"},
    };
}

TEST(Keccak256, PublishedVectors) {
    for (const Vector& vector : published()) {
        const Bytes message = from_hex(vector.message, "message").value();
        EXPECT_EQ(to_hex(keccak256(message)), vector.hash) << vector.message;
        EXPECT_EQ(to_hex(BitwiseKeccak::hash(message)), vector.hash) << vector.message;
    }
}

TEST(Keccak256, IsNotSha3) {
    // SHA3-256 of nothing (FIPS 202): what one gets with the wrong padding.
    EXPECT_NE(to_hex(keccak256({})), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
}

TEST(Keccak256, EqualsTheSecondImplementationAtEveryLengthOfTwoBlocks) {
    for (std::size_t length = 0; length <= 280; ++length) {
        const Bytes message = pattern(length);
        ASSERT_EQ(to_hex(keccak256(message)), to_hex(BitwiseKeccak::hash(message))) << length;
    }
}

TEST(Keccak256, PiecesGiveTheSameAtEverySplit) {
    for (const std::size_t length : {0U, 1U, 135U, 136U, 137U, 271U, 272U, 273U, 300U}) {
        const Bytes message = pattern(length);
        const Hash32 whole = keccak256(message);
        for (std::size_t split = 0; split <= length; ++split) {
            Keccak256 hash;
            hash.update(ByteView(message).first(split));
            hash.update(ByteView(message).subspan(split));
            ASSERT_EQ(hash.finish(), whole) << length << " at " << split;
        }
    }
}

TEST(Keccak256, ManyPiecesOfAnySize) {
    const Bytes message = pattern(3000);
    const Hash32 whole = keccak256(message);
    for (std::size_t step = 1; step < 300; ++step) {
        Keccak256 hash;
        for (std::size_t at = 0; at < message.size(); at += step) {
            hash.update(ByteView(message).subspan(at, std::min(step, message.size() - at)));
            hash.update({});
        }
        ASSERT_EQ(hash.finish(), whole) << step;
    }
}

}  // namespace
}  // namespace keydeck::crypto
