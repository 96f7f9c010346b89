#include "engine/ethereum/multi_send.hpp"

#include <algorithm>
#include <string>

namespace keydeck::ethereum {
namespace {

constexpr std::size_t kOperation = 1;
constexpr std::size_t kAddress = 20;
constexpr std::size_t kWord = 32;
constexpr std::size_t kHead = kOperation + kAddress + 2 * kWord;

std::unexpected<Error> malformed(std::size_t number, const std::string& what) {
    return fail(ErrorCode::kInvalidInput, "Call " + std::to_string(number) + " of the list " + what + ".");
}

}  // namespace

Result<std::vector<PackedCall>> read_packed_calls(ByteView transactions) {
    std::vector<PackedCall> calls;
    while (!transactions.empty()) {
        const std::size_t number = calls.size() + 1;
        if (transactions.size() < kHead) return malformed(number, "is cut short");
        if (transactions[0] > 1) {
            return malformed(number, "has the operation " + std::to_string(transactions[0]) +
                                         ", which is neither a call (0) nor a DELEGATECALL (1)");
        }
        PackedCall& call = calls.emplace_back();
        call.delegates = transactions[0] == 1;
        std::ranges::copy(transactions.subspan(kOperation, kAddress), call.to.bytes.begin());
        call.value = from_be(transactions.subspan(kOperation + kAddress, kWord));
        const Uint256 length = from_be(transactions.subspan(kHead - kWord, kWord));
        transactions = transactions.subspan(kHead);
        if (length > transactions.size()) return malformed(number, "has data that ends beyond the list");
        call.data = transactions.first(static_cast<std::size_t>(length));
        transactions = transactions.subspan(call.data.size());
    }
    return calls;
}

}  // namespace keydeck::ethereum
