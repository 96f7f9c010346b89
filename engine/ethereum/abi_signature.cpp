#include <algorithm>
#include <cassert>
#include <charconv>

#include "engine/crypto/hash.hpp"
#include "engine/ethereum/abi.hpp"

namespace keydeck::ethereum::abi {
namespace {

unsigned number_after(std::string_view word, std::size_t prefix) {
    unsigned value = 0;
    std::from_chars(word.data() + prefix, word.data() + word.size(), value);
    return value;
}

Type atomic_type(std::string_view word) {
    if (word == "address") return {.kind = Kind::kAddress, .size = 160, .name = {}, .parts = {}};
    if (word == "bool") return {.kind = Kind::kBool, .size = 1, .name = {}, .parts = {}};
    if (word == "bytes") return {.kind = Kind::kBytes, .size = 0, .name = {}, .parts = {}};
    if (word == "string") return {.kind = Kind::kString, .size = 0, .name = {}, .parts = {}};
    if (word.starts_with("bytes"))
        return {.kind = Kind::kFixedBytes, .size = number_after(word, 5), .name = {}, .parts = {}};
    if (word.starts_with("uint")) return {.kind = Kind::kUint, .size = number_after(word, 4), .name = {}, .parts = {}};
    assert(word.starts_with("int"));
    return {.kind = Kind::kInt, .size = number_after(word, 3), .name = {}, .parts = {}};
}

class SignatureReader {
public:
    explicit SignatureReader(std::string_view rest) : rest_(rest) {}

    std::string_view word() {
        const std::size_t end = std::min(rest_.find_first_of("(),[] "), rest_.size());
        const std::string_view found = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return found;
    }

    // From the opening bracket past the closing one.
    std::vector<Type> parameters() {
        std::vector<Type> found;
        expect("(");
        while (!skip(")")) {
            found.push_back(parameter());
            skip(",");
            skip(" ");
        }
        return found;
    }

private:
    Type parameter() {
        Type type;
        if (rest_.starts_with("(")) {
            type.kind = Kind::kTuple;
            type.parts = parameters();
        } else {
            type = atomic_type(word());
        }
        while (skip("[]")) {
            Type element = std::move(type);
            type = {.kind = Kind::kArray, .size = 0, .name = {}, .parts = {}};
            type.parts.push_back(std::move(element));
        }
        skip(" ");
        type.name = word();
        return type;
    }

    bool skip(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }

    void expect(std::string_view text) {
        [[maybe_unused]] const bool found = skip(text);
        assert(found);
    }

    std::string_view rest_;
};

std::string canonical(const std::vector<Type>& types);

// The type without names, as selectors are made of.
std::string canonical(const Type& type) {
    switch (type.kind) {
        case Kind::kUint:
            return "uint" + std::to_string(type.size);
        case Kind::kInt:
            return "int" + std::to_string(type.size);
        case Kind::kAddress:
            return "address";
        case Kind::kBool:
            return "bool";
        case Kind::kFixedBytes:
            return "bytes" + std::to_string(type.size);
        case Kind::kBytes:
            return "bytes";
        case Kind::kString:
            return "string";
        case Kind::kArray:
            return canonical(type.parts.front()) + "[]";
        case Kind::kTuple:
            break;
    }
    return canonical(type.parts);
}

std::string canonical(const std::vector<Type>& types) {
    std::string out = "(";
    for (const Type& type : types) {
        if (out.size() > 1) out += ',';
        out += canonical(type);
    }
    return out + ")";
}

}  // namespace

Function parse_function(std::string_view signature) {
    SignatureReader reader(signature);
    Function function;
    function.name = reader.word();
    function.parameters = reader.parameters();
    const Hash32 hash = crypto::keccak256(as_bytes(function.name + canonical(function.parameters)));
    std::copy_n(hash.begin(), function.selector.size(), function.selector.begin());
    return function;
}

}  // namespace keydeck::ethereum::abi
