// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <nlohmann/json.hpp>

#include <QTest>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

Q_DECLARE_METATYPE(json)

namespace {

void writeTiny(const std::filesystem::path& folder, const QString& modelType) {
    if (modelType == "llada")
        writeTinyLlada(folder);
    else if (modelType == "Dream")
        writeTinyDream(folder);
    else
        writeTinyCausal(folder, {.modelType = modelType.toStdString()});
}

void load(const std::filesystem::path& folder) {
    ComputeContext context(1);
    const Checkpoint checkpoint = Checkpoint::open(folder);
    if (isMaskedDiffusion(checkpoint))
        loadMaskedDiffusionModel(checkpoint, Precision::F32, context);
    else
        loadCausalModel(checkpoint, Precision::F32, context);
}

/// A null value removes the key.
void editConfig(const std::filesystem::path& folder, const std::string& key, const json& value) {
    json config = json::parse(readText(folder / "config.json"));
    if (value.is_null())
        config.erase(key);
    else
        config[key] = value;
    writeText(folder / "config.json", config.dump());
}

} // namespace

class StackRefusalTest : public QObject {
    Q_OBJECT

private slots:
    void aSettingThatWouldChangeTheLogitsIsRefusedByName_data() {
        QTest::addColumn<QString>("modelType");
        QTest::addColumn<QString>("key");
        QTest::addColumn<json>("value");
        const auto add = [](const char* modelType, const char* key, const json& value) {
            QTest::addRow("%s, %s %s", modelType, key, value.is_null() ? "absent" : value.dump().c_str())
                << modelType << key << value;
        };
        add("llada", "block_type", "sequential");
        add("llada", "block_type", nullptr);
        add("llada", "activation_type", "gelu");
        add("llada", "activation_type", nullptr);
        add("llada", "layer_norm_type", "gemma_rms");
        add("llada", "layer_norm_with_affine", false);
        add("llada", "rope", false);
        add("llada", "rope", nullptr);
        add("llada", "alibi", true);
        add("llada", "attention_layer_norm", true);
        add("llada", "block_group_size", 2);
        add("llada", "clip_qkv", 8.0);
        add("llada", "rope_scaling", {{"type", "linear"}, {"factor", 2.0}});
        add("llada", "input_emb_norm", true);
        add("llada", "scale_logits", true);
        add("llada", "bias_for_layer_norm", true);
        add("llada", "num_experts", 64);
        add("llada", "mask_token_id", nullptr);
        add("llada", "mask_token_id", 64);
        add("llada", "n_kv_heads", 3);
        add("Dream", "use_mrope", true);
        add("Dream", "use_sliding_window", true);
        add("Dream", "rope_scaling", {{"rope_type", "yarn"}});
        add("Dream", "hidden_act", "gelu");
        add("Dream", "block_size", 32);
        add("Dream", "mask_token_id", nullptr);
        add("qwen2", "use_sliding_window", true);
        add("qwen2", "layer_types", {"full_attention", "sliding_attention"});
        add("qwen2", "quantization_config", {{"quant_method", "gptq"}});
        add("qwen2", "rope_parameters", {{"rope_type", "llama3"}, {"rope_theta", 10000.0}});
        add("qwen2", "rope_parameters", {{"rope_type", "default"}});
        add("llama", "embedding_multiplier", 12.0);
        add("llama", "head_dim", 64);
        add("gpt2", "scale_attn_by_inverse_layer_idx", true);
    }
    void aSettingThatWouldChangeTheLogitsIsRefusedByName() {
        QFETCH(QString, modelType);
        QFETCH(QString, key);
        QFETCH(json, value);
        const TemporaryFolder folder;
        writeTiny(folder.path(), modelType);
        load(folder.path());
        editConfig(folder.path(), key.toStdString(), value);
        expectError([&] { load(folder.path()); }, ErrorKind::Config,
                    {"config.json", key.toUtf8().constData()});
    }

    void aSettingAtItsNeutralValueLoads() {
        const TemporaryFolder folder;
        writeTiny(folder.path(), "qwen2");
        editConfig(folder.path(), "layer_types", {"full_attention", "full_attention"});
        editConfig(folder.path(), "rope_theta", nullptr);
        editConfig(folder.path(), "rope_parameters", {{"rope_type", "default"}, {"rope_theta", 10000.0}});
        editConfig(folder.path(), "embedding_multiplier", 1);
        load(folder.path());
    }

    void missingTensorsAreListedByTheirPublishedNames_data() {
        QTest::addColumn<QString>("modelType");
        QTest::addColumn<QString>("blocks");
        QTest::addColumn<QString>("tensor");
        QTest::newRow("LLaDA") << "llada"
                               << "n_layers"
                               << "model.transformer.blocks.2.up_proj.weight [48, 32]";
        QTest::newRow("Dream") << "Dream"
                               << "num_hidden_layers"
                               << "model.layers.2.self_attn.q_proj.bias [32]";
    }
    void missingTensorsAreListedByTheirPublishedNames() {
        QFETCH(QString, modelType);
        QFETCH(QString, blocks);
        QFETCH(QString, tensor);
        const TemporaryFolder folder;
        writeTiny(folder.path(), modelType);
        editConfig(folder.path(), blocks.toStdString(), 3);
        expectError([&] { load(folder.path()); }, ErrorKind::Tensors,
                    {"missing", tensor.toUtf8().constData()});
    }

    void biasesThatTheConfigDoesNotNameAreRefused() {
        const TemporaryFolder folder;
        writeTinyLlada(folder.path(), {.queryKeyValueBias = true});
        editConfig(folder.path(), "include_qkv_bias", false);
        expectError([&] { load(folder.path()); }, ErrorKind::Tensors,
                    {"unknown to this architecture", "blocks.0.q_proj.bias"});
    }
};

QTEST_GUILESS_MAIN(StackRefusalTest)
#include "stack_refusal_test.moc"
