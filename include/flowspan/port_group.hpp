// Groups of equal ports, as many as a parameter says.
#pragma once

#include <flowspan/input.hpp>
#include <flowspan/output.hpp>
#include <flowspan/parameter.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace flowspan {

class Block;

/// What the runtime sees of a port group: it is sized once the parameters are set.
class PortGroup {
public:
    PortGroup(Block& owner, std::string name, const Parameter<int>& size)
        : name_(std::move(name)), owner_(owner), size_(size) {}
    PortGroup(const PortGroup&) = delete;
    PortGroup& operator=(const PortGroup&) = delete;
    virtual ~PortGroup() = default;
    const std::string& name() const { return name_; }
    int wanted() const { return size_.get(); }
    /// The parameter that says how many ports there are.
    const Parameter<int>& size_parameter() const { return size_; }
    virtual bool is_input() const = 0;
    virtual void resize() = 0;

protected:
    std::string name_;
    Block& owner_;
    const Parameter<int>& size_;
};

/// A group of equal outputs, `out[0] … out[size-1]`, as many as a parameter says.
template <class T>
class Outputs final : public PortGroup {
public:
    Outputs(Block& owner, std::string name, const Parameter<int>& size);
    Output<T>& operator[](int k) { return *ports_[std::size_t(k)]; }
    int size() const { return int(ports_.size()); }
    /// Where each port's out[0] lies; nullptr: nobody reads that port.
    T* const* pointers() {
        pointers_.resize(ports_.size());
        for (std::size_t k = 0; k < ports_.size(); ++k) pointers_[k] = *ports_[k] ? ports_[k]->data() : nullptr;
        return pointers_.data();
    }
    bool is_input() const override { return false; }
    void resize() override;

private:
    std::vector<std::unique_ptr<Output<T>>> ports_;
    std::vector<T*> pointers_;
};

/// A group of equal inputs: the runtime refuses streams whose items are not alike.
template <class T>
class Inputs final : public PortGroup {
public:
    Inputs(Block& owner, std::string name, const Parameter<int>& size, InputOptions options = Input<T>::usual_items());
    Input<T>& operator[](int k) { return *ports_[std::size_t(k)]; }
    int size() const { return int(ports_.size()); }
    bool is_input() const override { return true; }
    void resize() override;

private:
    InputOptions options_;
    std::vector<std::unique_ptr<Input<T>>> ports_;
};

}  // namespace flowspan
