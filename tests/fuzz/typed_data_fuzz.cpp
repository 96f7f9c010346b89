// The input is a whole file; and a type, a line end and a value that are put into one, so that the fuzzer gets past the JSON
// at once.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "engine/ethereum/typed_data.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void check(std::string_view text) {
    const auto data = keydeck::ethereum::parse_typed_data(text);
    if (!data) {
        require(data.error().code == keydeck::ErrorCode::kInvalidInput && !data.error().message.empty());
        return;
    }
    const auto again = keydeck::ethereum::parse_typed_data(text);
    require(again && again->digest == data->digest);
    require(data->encoded_type.starts_with(data->primary_type + "("));
    for (const auto& line : data->message) {
        require(line.depth < 64 && !line.name.empty() && !line.type.empty());
        require(line.value.find('\x1b') == std::string::npos && line.value.find('\n') == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text);
    const auto split = text.find('\n');
    if (split == std::string_view::npos) return 0;
    std::string file = R"({"types":{"B":[{"name":"y","type":"int16"}],"A":[{"name":"x","type":)";
    keydeck::json::append_quoted(file, text.substr(0, split));
    file += R"(}]},"primaryType":"A","domain":{"chainId":1},"message":{"x":)";
    file += text.substr(split + 1);
    check(file + "}}");
    return 0;
}
