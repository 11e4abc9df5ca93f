// SPDX-License-Identifier: GPL-3.0-or-later
// LibTorch comes first: it has members that are called as Qt's keywords.
#include <torch/types.h>
#include <torch/utils.h>

#include "engine/models/calm.h"
#include "experiments/training/calm_network.h"
#include "experiments/training/energy_loss.h"
#include "experiments/training/network_checkpoint.h"
#include "tests/testing/golden.h"
#include "tests/testing/paths.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;
using torch::Tensor;

namespace {

NetworkShape autoencoderShape(const Checkpoint& checkpoint) {
    const AutoencoderFacts facts = CalmAutoencoder::describe(checkpoint);
    NetworkShape shape;
    shape.width = facts.width;
    shape.hidden = facts.hidden;
    shape.chunk = facts.chunk;
    shape.latent = facts.latent;
    shape.encoderLayers = facts.encoderLayers;
    shape.decoderLayers = facts.decoderLayers;
    shape.rmsEpsilon = facts.epsilon;
    return shape;
}

NetworkShape energyShape(const Checkpoint& checkpoint) {
    const EnergyFacts facts = EnergyTransformer::describe(checkpoint);
    NetworkShape shape;
    shape.width = facts.stack.width;
    shape.blocks = checkpoint.size("num_hidden_layers");
    shape.heads = checkpoint.size("num_attention_heads");
    shape.keyValueHeads = checkpoint.size("num_key_value_heads");
    shape.hidden = checkpoint.size("intermediate_size");
    shape.rmsEpsilon = checkpoint.positiveOr("rms_norm_eps", 1e-6);
    shape.chunk = facts.chunk;
    shape.latent = facts.latent();
    shape.noise = facts.head.noise;
    shape.headBlocks = facts.head.blocks;
    return shape;
}

/// A network with the weights of a golden checkpoint.
template <typename Network>
struct Loaded {
    Network network;
    Parameters parameters;
    Loaded(const std::string& folder, NetworkShape (*shapeOf)(const Checkpoint&))
        : network(shapeOf(Checkpoint::open(goldenPath(folder))),
                  Checkpoint::open(goldenPath(folder)).size("vocab_size")),
          parameters(network.parameters(), 0, torch::kCPU) {
        readWeights(Checkpoint::open(goldenPath(folder)), parameters);
    }
};

struct Golden {
    explicit Golden(const QString& name)
        : file(name.toStdString() + "/golden.safetensors"),
          autoencoder(name.toStdString() + "/autoencoder", autoencoderShape),
          energy(name.toStdString() + "/calm", energyShape) {}
    Tensor tensor(const std::string& of) const { return torch::tensor(file.floats(of)).view(file.shape(of)); }
    /// [sequences, tokens]
    Tensor tokens() const {
        const auto ids = file.integers("input_ids");
        return torch::tensor(std::vector<std::int64_t>(ids.begin(), ids.end())).view(file.shape("input_ids"));
    }
    Tensor chunks() const { return tokens().view({-1, energy.network.shape().chunk}); }

    GoldenFile file;
    Loaded<AutoencoderNetwork> autoencoder;
    Loaded<EnergyNetwork> energy;
};

double distance(const Tensor& found, const Tensor& expected) {
    return ((found.reshape({-1}) - expected.reshape({-1})).abs().max() / expected.abs().max()).item<double>();
}

#define QCOMPARE_TENSORS(found, expected)                                                                    \
    do {                                                                                                     \
        const double apart = distance(found, expected);                                                      \
        QVERIFY2(apart <= kTolerance, qPrintable(QString::number(apart)));                                   \
    } while (false)

constexpr double kTolerance = 1e-4;

void addGoldens() {
    QTest::addColumn<QString>("name");
    QTest::newRow("K = 4, two key heads") << "calm_k4";
    QTest::newRow("K = 2") << "calm_k2";
}

} // namespace

class CalmNetworkTest : public QObject {
    Q_OBJECT
private slots:
    void theAutoencoderComputesWhatTheReferenceDoes_data() { addGoldens(); }
    void theAutoencoderComputesWhatTheReferenceDoes() {
        QFETCH(QString, name);
        const torch::NoGradGuard none;
        const Golden golden(name);
        const auto& [network, parameters] = golden.autoencoder;
        const auto [mean, logSigma] = network.encode(parameters, golden.chunks(), torch::kFloat32);
        QCOMPARE_TENSORS(mean, golden.tensor("ae_mean"));
        QCOMPARE_TENSORS(logSigma, golden.tensor("ae_log_std"));
        const Tensor latents = golden.tensor("ae_mean").view(mean.sizes());
        QCOMPARE_TENSORS(network.decode(parameters, latents, torch::kFloat32),
                         golden.tensor("ae_decoder_logits_from_mean"));
    }

    void theEnergyTransformerComputesWhatTheReferenceDoes_data() { addGoldens(); }
    void theEnergyTransformerComputesWhatTheReferenceDoes() {
        QFETCH(QString, name);
        const torch::NoGradGuard none;
        const Golden golden(name);
        const auto& [network, parameters] = golden.energy;
        QCOMPARE_TENSORS(network.embedPatches(parameters, golden.tokens(), torch::kFloat32),
                         golden.tensor("patch_embeddings"));
        const Tensor states = network.states(parameters, golden.tokens(), torch::kFloat32, {});
        QCOMPARE_TENSORS(states, golden.tensor("hidden_states"));
        const Tensor hidden = golden.tensor("hidden_states").view(states.sizes());
        const Tensor noise = golden.tensor("head_noise").view({hidden.size(0), 1, -1});
        QCOMPARE_TENSORS(network.draw(parameters, hidden, noise, torch::kFloat32),
                         golden.tensor("head_latents"));
    }

    /// eval_noise holds N draws for all patches but the first of each sequence, from the states before them.
    void severalDrawsOfAPatchAreThoseOfTheReference_data() { addGoldens(); }
    void severalDrawsOfAPatchAreThoseOfTheReference() {
        QFETCH(QString, name);
        const torch::NoGradGuard none;
        const Golden golden(name);
        const auto& [network, parameters] = golden.energy;
        const Tensor states = golden.tensor("hidden_states");
        const Tensor before = states.narrow(1, 0, states.size(1) - 1).reshape({-1, states.size(-1)});
        const Tensor noise = golden.tensor("eval_noise").transpose(0, 1).contiguous();
        const Tensor expected = golden.tensor("eval_latents").transpose(0, 1);
        QCOMPARE_TENSORS(network.draw(parameters, before, noise, torch::kFloat32), expected);
    }

    void theEnergyLossIsTheReferenceScoreNegated_data() { addGoldens(); }
    void theEnergyLossIsTheReferenceScoreNegated() {
        QFETCH(QString, name);
        const Golden golden(name);
        const auto behindFirst = [&](const char* of) {
            const Tensor all = golden.tensor(of);
            return all.narrow(1, 1, all.size(1) - 1).reshape({-1, all.size(-1)});
        };
        const PosteriorSamples samples{behindFirst("ae_mean"), behindFirst("ae_log_std").exp(),
                                       golden.tensor("energy_eps").transpose(0, 1).contiguous()};
        const Tensor draws = golden.tensor("eval_latents").transpose(0, 1).contiguous();
        const Tensor expected = -golden.tensor("energy_score");
        QCOMPARE_TENSORS(energyLoss(draws, samples, 1.0), expected);
        QCOMPARE_TENSORS(plain::energyLoss(draws, samples, 1.0), expected);
    }

    void theHalvedProductsOfAHeadAreNearTheWholeOnes() {
        const torch::NoGradGuard none;
        const Golden golden("calm_k4");
        const auto& [network, parameters] = golden.energy;
        const Tensor hidden = golden.tensor("hidden_states").view({-1, network.shape().width});
        const Tensor noise = golden.tensor("head_noise").view({hidden.size(0), 1, -1});
        const double apart = distance(network.draw(parameters, hidden, noise, torch::kBFloat16),
                                      golden.tensor("head_latents"));
        QVERIFY2(apart > 0 && apart < 0.03, qPrintable(QString::number(apart)));
    }
};

QTEST_APPLESS_MAIN(CalmNetworkTest)
#include "calm_network_test.moc"
