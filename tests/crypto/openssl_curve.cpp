#include "tests/crypto/openssl_curve.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <memory>

namespace keydeck::crypto {
namespace {

struct Free {
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
    void operator()(EC_POINT* point) const { EC_POINT_free(point); }
    void operator()(EC_KEY* key) const { EC_KEY_free(key); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<BIGNUM> to_number(const FixedBytes<32>& bytes) { return Owned<BIGNUM>(BN_bin2bn(bytes.data(), 32, nullptr)); }

FixedBytes<32> to_bytes32(const BIGNUM* number) {
    FixedBytes<32> out{};
    BN_bn2binpad(number, out.data(), 32);
    return out;
}

Owned<EC_KEY> private_key_of(const FixedBytes<32>& bytes) {
    Owned<EC_KEY> key(EC_KEY_new_by_curve_name(NID_secp256k1));
    const Owned<BIGNUM> number = to_number(bytes);
    const EC_GROUP* group = EC_KEY_get0_group(key.get());
    const Owned<EC_POINT> point(EC_POINT_new(group));
    EC_POINT_mul(group, point.get(), number.get(), nullptr, nullptr, nullptr);
    EC_KEY_set_private_key(key.get(), number.get());
    EC_KEY_set_public_key(key.get(), point.get());
    return key;
}

}  // namespace

FixedBytes<64> openssl_public_key(const FixedBytes<32>& private_key) {
    const Owned<EC_KEY> key = private_key_of(private_key);
    FixedBytes<65> encoded{};
    EC_POINT_point2oct(EC_KEY_get0_group(key.get()), EC_KEY_get0_public_key(key.get()), POINT_CONVERSION_UNCOMPRESSED,
                       encoded.data(), encoded.size(), nullptr);
    FixedBytes<64> xy{};
    std::copy(encoded.begin() + 1, encoded.end(), xy.begin());
    return xy;
}

std::pair<FixedBytes<32>, FixedBytes<32>> openssl_sign(const FixedBytes<32>& private_key, const FixedBytes<32>& digest) {
    const Owned<EC_KEY> key = private_key_of(private_key);
    const Owned<ECDSA_SIG> signature(ECDSA_do_sign(digest.data(), 32, key.get()));
    return {to_bytes32(ECDSA_SIG_get0_r(signature.get())), to_bytes32(ECDSA_SIG_get0_s(signature.get()))};
}

bool openssl_verifies(const FixedBytes<64>& public_key, const FixedBytes<32>& digest, const FixedBytes<32>& r,
                      const FixedBytes<32>& s) {
    const Owned<EC_KEY> key(EC_KEY_new_by_curve_name(NID_secp256k1));
    FixedBytes<65> encoded{};
    encoded[0] = POINT_CONVERSION_UNCOMPRESSED;
    std::copy(public_key.begin(), public_key.end(), encoded.begin() + 1);
    if (EC_KEY_oct2key(key.get(), encoded.data(), encoded.size(), nullptr) != 1) return false;
    const Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
    ECDSA_SIG_set0(signature.get(), to_number(r).release(), to_number(s).release());
    return ECDSA_do_verify(digest.data(), 32, signature.get(), key.get()) == 1;
}

FixedBytes<32> order_minus(const FixedBytes<32>& number) {
    const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_secp256k1));
    const Owned<BIGNUM> difference(BN_new());
    BN_sub(difference.get(), EC_GROUP_get0_order(group.get()), to_number(number).get());
    return to_bytes32(difference.get());
}

}  // namespace keydeck::crypto
