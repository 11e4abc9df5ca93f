// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing is allocated between a sample's first call and its last.
#include "engine/models/registry.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QTest>

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

namespace {

std::atomic<bool> g_counting{false};
std::atomic<int> g_allocations{0};

/// oneDNN puts the arguments of every execution into a map of its own; that is not ours to change.
bool isOneDnn(const void* caller) {
    Dl_info info{};
    return dladdr(caller, &info) && info.dli_fname && std::strstr(info.dli_fname, "libdnnl");
}

void* allocate(std::size_t bytes, std::size_t alignment, const void* caller) {
    if (g_counting.load(std::memory_order_relaxed) && !isOneDnn(caller))
        ++g_allocations;
    void* memory = alignment > alignof(std::max_align_t)
                       ? std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)
                       : std::malloc(bytes);
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

} // namespace

void* operator new(std::size_t bytes) { return allocate(bytes, 0, __builtin_return_address(0)); }
void* operator new[](std::size_t bytes) { return allocate(bytes, 0, __builtin_return_address(0)); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return allocate(bytes, 0, __builtin_return_address(0));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return allocate(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return allocate(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Counts from the first network call's end to the last one's.
class CountingObserver : public GenerationObserver {
public:
    void stepped(const StepEvent&) override {
        ++steps;
        allocations = g_allocations;
        g_counting = true;
    }
    void finished(const SampleTrace&) override { g_counting = false; }

    int steps = 0;
    int allocations = 0;
};

} // namespace

class TestStepAllocations : public QObject {
    Q_OBJECT

private slots:
    void theCounterCounts() {
        g_allocations = 0;
        g_counting = true;
        auto* number = new std::vector<int>(7);
        g_counting = false;
        delete number;
        QVERIFY(g_allocations >= 2);
    }

    void noStepAllocates_data() {
        QTest::addColumn<Sampler>("sampler");
        QTest::addColumn<Precision>("precision");
        QTest::addColumn<bool>("timeConditioning");
        QTest::addColumn<int>("blockLength");
        QTest::addColumn<Remask>("remasking");
        for (const Precision precision : {Precision::F32, Precision::BF16, Precision::Int8})
            for (const bool time : {false, true})
                QTest::addRow("ancestral, %s%s", precisionName(precision).data(), time ? ", time" : "")
                    << Sampler::Ancestral << precision << time << 0 << Remask::None;
        for (const Sampler sampler : {Sampler::FirstHitting, Sampler::Confidence, Sampler::Margin,
                                      Sampler::Entropy, Sampler::Threshold})
            QTest::addRow("%s", samplerName(sampler).data())
                << sampler << Precision::F32 << false << 0 << Remask::None;
        QTest::addRow("blocks") << Sampler::Confidence << Precision::F32 << false << 8 << Remask::None;
        for (const Remask kind : {Remask::Cap, Remask::Rescale, Remask::Confidence, Remask::Loop})
            QTest::addRow("remasking %d", static_cast<int>(kind))
                << Sampler::Ancestral << Precision::F32 << false << 0 << kind;
    }
    void noStepAllocates() {
        QFETCH(Sampler, sampler);
        QFETCH(Precision, precision);
        QFETCH(bool, timeConditioning);
        QFETCH(int, blockLength);
        QFETCH(Remask, remasking);
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path(), {.length = 32, .timeConditioning = timeConditioning});
        writeByteTokenizer(folder.path());
        ComputeContext context(2);
        const std::shared_ptr<MaskedDiffusionModel> model =
            loadMaskedDiffusionModel(Checkpoint::open(folder.path()), precision, context);
        ModelPool pool({{{.letter = 'H', .name = "tiny", .precision = precision}, model}},
                       makeLetterTokenizer(model->facts().vocabulary - 1));
        GenerationRequest request;
        request.schedule = StepSchedule::all('H', 40);
        request.length = 32;
        request.samples = 1;
        request.batch = 1;
        request.sampler = sampler;
        request.blockLength = blockLength;
        request.remasking.kind = remasking;
        CountingObserver observer;
        g_allocations = 0;
        MaskedDiffusionGenerator(pool).run(request, observer, {});
        g_counting = false;
        QVERIFY(observer.steps > 4);
        QCOMPARE(observer.allocations, 0);
    }
};

QTEST_GUILESS_MAIN(TestStepAllocations)
#include "test_step_allocations.moc"
