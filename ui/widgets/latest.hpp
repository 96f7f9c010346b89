// Details of the selected row, read one at a time: while one is being read, only the newest wish is kept.
#pragma once

#include <optional>
#include <utility>

namespace keydeck::ui {

template <class Key, class Value>
class Latest {
public:
    /// Whether to read the value of `key` now. Says yes once; take() ends it.
    [[nodiscard]] bool wants(const Key& key) {
        if (pending_ || (have_ == key && !spoiled_)) return false;
        pending_ = true;
        spoiled_ = false;
        return true;
    }
    void take(const Key& key, std::optional<Value> value) {
        pending_ = false;
        have_ = key;
        value_ = std::move(value);
    }
    /// What is known may be out of date; it stays visible until it has been read again.
    void spoil() { spoiled_ = true; }
    [[nodiscard]] const Value* of(const Key& key) const { return have_ == key && value_ ? &*value_ : nullptr; }

private:
    std::optional<Key> have_;
    std::optional<Value> value_;
    bool pending_ = false;
    bool spoiled_ = false;
};

}  // namespace keydeck::ui
