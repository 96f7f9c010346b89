// Names of well-known chains, by their ids. https://github.com/ethereum-lists/chains
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "engine/ethereum/call.hpp"

namespace keydeck::ethereum {
namespace {

struct Chain {
    std::uint64_t id;
    std::string_view name;
};

constexpr auto kChains = std::to_array<Chain>({
    {1, "Ethereum mainnet"},
    {5, "Goerli (closed testnet)"},
    {10, "OP Mainnet"},
    {14, "Flare"},
    {25, "Cronos"},
    {30, "Rootstock"},
    {40, "Telos EVM"},
    {42, "LUKSO"},
    {50, "XDC Network"},
    {56, "BNB Smart Chain"},
    {57, "Syscoin"},
    {61, "Ethereum Classic"},
    {97, "BNB Smart Chain testnet"},
    {100, "Gnosis Chain"},
    {108, "ThunderCore"},
    {122, "Fuse"},
    {130, "Unichain"},
    {137, "Polygon"},
    {143, "Monad"},
    {146, "Sonic"},
    {169, "Manta Pacific"},
    {196, "X Layer"},
    {199, "BitTorrent Chain"},
    {204, "opBNB"},
    {250, "Fantom Opera"},
    {252, "Fraxtal"},
    {288, "Boba Network"},
    {314, "Filecoin EVM"},
    {324, "ZKsync Era"},
    {480, "World Chain"},
    {592, "Astar"},
    {999, "HyperEVM"},
    {1030, "Conflux eSpace"},
    {1088, "Metis Andromeda"},
    {1101, "Polygon zkEVM"},
    {1116, "Core"},
    {1135, "Lisk"},
    {1284, "Moonbeam"},
    {1285, "Moonriver"},
    {1329, "Sei"},
    {1337, "Local development network"},
    {1514, "Story"},
    {1868, "Soneium"},
    {2020, "Ronin"},
    {2222, "Kava EVM"},
    {2741, "Abstract"},
    {4200, "Merlin"},
    {4689, "IoTeX"},
    {5000, "Mantle"},
    {7000, "ZetaChain"},
    {7700, "Canto"},
    {8217, "Kaia"},
    {8453, "Base"},
    {9001, "Evmos"},
    {10200, "Gnosis Chiado testnet"},
    {13371, "Immutable zkEVM"},
    {17000, "Holesky testnet"},
    {31337, "Local development network"},
    {33139, "ApeChain"},
    {34443, "Mode"},
    {42161, "Arbitrum One"},
    {42170, "Arbitrum Nova"},
    {42220, "Celo"},
    {42793, "Etherlink"},
    {43113, "Avalanche Fuji testnet"},
    {43114, "Avalanche C-Chain"},
    {48900, "Zircuit"},
    {57073, "Ink"},
    {59144, "Linea"},
    {60808, "BOB"},
    {80002, "Polygon Amoy testnet"},
    {80094, "Berachain"},
    {81457, "Blast"},
    {84532, "Base Sepolia testnet"},
    {167000, "Taiko"},
    {421614, "Arbitrum Sepolia testnet"},
    {534352, "Scroll"},
    {560048, "Hoodi testnet"},
    {7777777, "Zora"},
    {11155111, "Sepolia testnet"},
    {11155420, "OP Sepolia testnet"},
    {1313161554, "Aurora"},
    {1666600000, "Harmony"},
});
static_assert(std::ranges::is_sorted(kChains, {}, &Chain::id));

}  // namespace

std::string_view chain_name(const Uint256& chain_id) {
    if (chain_id > std::numeric_limits<std::uint64_t>::max()) return {};
    const auto id = static_cast<std::uint64_t>(chain_id);
    const auto* found = std::ranges::lower_bound(kChains, id, {}, &Chain::id);
    return found != kChains.end() && found->id == id ? found->name : std::string_view();
}

}  // namespace keydeck::ethereum
