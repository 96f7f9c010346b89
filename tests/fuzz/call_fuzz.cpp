// Calldata of known calls: the first byte chooses the call, the rest are its arguments.
#include <cstdint>
#include <cstdlib>

#include "engine/ethereum/abi.hpp"
#include "engine/ethereum/call_table.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    if (size == 0) return 0;
    static const auto kSelectors = [] {
        std::vector<FixedBytes<4>> selectors;
        for (const auto& call : ethereum::known_calls())
            selectors.push_back(ethereum::abi::parse_function(call.signature).selector);
        return selectors;
    }();
    Bytes calldata;
    append(calldata, kSelectors[data[0] % kSelectors.size()]);
    append(calldata, ByteView(data + 1, size - 1));
    const auto call = ethereum::decode_call({}, calldata);
    if (call.sentence.empty() || call.known == call.signature.empty()) std::abort();
    if (!call.known && call.risk != ethereum::CallRisk::kUnknown) std::abort();
    return 0;
}
