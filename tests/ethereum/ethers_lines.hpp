// Test material made by ethers: lines of JSON in the file that KEYDECK_LINES names.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"

namespace keydeck::test {

/// The objects whose `kind` is this one. A missing file fails the test: the lines are made by a test that runs before.
inline std::vector<json::Value> lines_of_kind(std::string_view kind) {
    const char* path = std::getenv("KEYDECK_LINES");
    std::ifstream file(path != nullptr ? path : "");
    EXPECT_TRUE(file.is_open()) << "KEYDECK_LINES must name the lines that the .generate test writes (run it through ctest)";
    std::vector<json::Value> found;
    const std::string mark = "\"kind\":\"" + std::string(kind) + "\"";
    for (std::string line; std::getline(file, line);) {
        if (line.find(mark) == std::string::npos) continue;
        auto value = json::parse(line, "the line");
        if (!value) {
            ADD_FAILURE() << value.error().message;
            continue;
        }
        const json::Value* name = value->find("kind");
        if (name != nullptr && name->text == kind) found.push_back(std::move(*value));
    }
    EXPECT_FALSE(found.empty()) << "no lines of kind " << kind;
    return found;
}

/// A member's text (a number as written); fails the test and answers "" when it is missing.
inline std::string text_of(const json::Value& line, std::string_view name) {
    const json::Value* value = line.find(name);
    EXPECT_NE(value, nullptr) << name;
    return value != nullptr ? value->text : std::string();
}

inline Bytes bytes_of(const json::Value& line, std::string_view name) {
    const auto bytes = from_hex(text_of(line, name), name);
    EXPECT_TRUE(bytes) << name;
    return bytes ? *bytes : Bytes();
}

}  // namespace keydeck::test
