// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/pickle_globals.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace steploom {
namespace {

struct Module {
    std::string_view module;
    std::initializer_list<std::string_view> names;
};

/// Names under which Python 2 and 3 pickle their own plain types.
const std::initializer_list<std::string_view> kPlainTypes = {
    "bool", "bytearray", "bytes", "complex", "dict",  "float", "frozenset", "int",
    "list", "object",    "range", "set",     "slice", "str",   "tuple"};
const std::initializer_list<std::string_view> kNumpyArrays = {"_reconstruct", "scalar"};
const std::initializer_list<std::string_view> kPaths = {
    "Path", "PosixPath", "PurePath", "PureWindowsPath", "PurePosixPath", "WindowsPath"};

const Module kModules[] = {
    // Tensors, and what describes them.
    {"torch._utils",
     {"_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter",
      "_rebuild_parameter_with_state", "_rebuild_sparse_tensor", "_rebuild_qtensor",
      "_rebuild_device_tensor_from_numpy", "_rebuild_meta_tensor_no_storage"}},
    {"torch._tensor", {"_rebuild_from_type_v2"}},
    {"torch.serialization", {"_get_layout"}},
    {"torch.storage", {"TypedStorage", "UntypedStorage"}},
    {"torch.nn.parameter", {"Parameter", "Buffer"}},
    {"torch",
     {"Size",
      "device",
      "Tensor",
      "Generator",
      "FloatStorage",
      "HalfStorage",
      "BFloat16Storage",
      "DoubleStorage",
      "LongStorage",
      "IntStorage",
      "ShortStorage",
      "CharStorage",
      "ByteStorage",
      "BoolStorage",
      "ComplexFloatStorage",
      "ComplexDoubleStorage",
      "QInt8Storage",
      "QUInt8Storage",
      "QInt32Storage",
      "UntypedStorage",
      "TypedStorage",
      "float16",
      "bfloat16",
      "float32",
      "float64",
      "float8_e4m3fn",
      "float8_e5m2",
      "half",
      "float",
      "double",
      "uint8",
      "uint16",
      "uint32",
      "uint64",
      "int8",
      "int16",
      "int32",
      "int64",
      "short",
      "int",
      "long",
      "bool",
      "complex64",
      "complex128",
      "strided",
      "per_tensor_affine",
      "per_channel_affine",
      "contiguous_format",
      "preserve_format",
      "channels_last"}},
    {"torch.cuda",
     {"FloatStorage", "HalfStorage", "BFloat16Storage", "DoubleStorage", "LongStorage", "IntStorage",
      "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage"}},
    // Python's own containers and values.
    {"builtins", kPlainTypes},
    {"__builtin__", kPlainTypes},
    {"__builtin__", {"unicode", "long", "xrange"}},
    {"copyreg", {"_reconstructor", "__newobj__"}},
    {"copy_reg", {"_reconstructor", "__newobj__"}},
    {"_codecs", {"encode"}}, // how protocol 2 spells bytes
    {"collections", {"OrderedDict", "defaultdict", "Counter", "deque"}},
    {"argparse", {"Namespace"}},
    {"types", {"SimpleNamespace"}},
    {"functools", {"partial"}},
    {"datetime", {"datetime", "date", "time", "timedelta", "timezone"}},
    {"uuid", {"UUID"}},
    {"decimal", {"Decimal"}},
    {"fractions", {"Fraction"}},
    {"pathlib", kPaths},
    {"pathlib._local", kPaths},
    {"typing", {"Any", "Dict", "List", "Optional", "Sequence", "Tuple", "Union"}},
    {"operator", {"getitem"}}, // how typing spells Dict[str, int]
    {"_operator", {"getitem"}},
    // numpy numbers among metrics and counters.
    {"numpy",
     {"dtype", "ndarray", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8",
      "uint16", "uint32", "uint64", "bool_", "longlong"}},
    {"numpy.core.multiarray", kNumpyArrays},
    {"numpy._core.multiarray", kNumpyArrays},
    {"numpy.core.numeric", {"_frombuffer"}},
    {"numpy._core.numeric", {"_frombuffer"}},
    // Hydra's configurations.
    {"omegaconf.dictconfig", {"DictConfig"}},
    {"omegaconf.listconfig", {"ListConfig"}},
    {"omegaconf.base", {"Metadata", "ContainerMetadata", "UnionNode", "SCMode"}},
    {"omegaconf.nodes",
     {"AnyNode", "BooleanNode", "BytesNode", "EnumNode", "FloatNode", "IntegerNode",
      "InterpolationResultNode", "PathNode", "StringNode", "ValueNode"}},
    // Lightning's hyper-parameters.
    {"lightning.fabric.utilities.data", {"AttributeDict"}},
    {"lightning.pytorch.utilities.parsing", {"AttributeDict"}},
    {"lightning_fabric.utilities.data", {"AttributeDict"}},
    {"pytorch_lightning.utilities.parsing", {"AttributeDict"}},
    // The tokenizer that MDLM's training code stores among its hyper-parameters.
    {"tokenizers", {"AddedToken", "Tokenizer"}},
    {"tokenizers.models", {"BPE", "Model", "Unigram", "WordLevel", "WordPiece"}},
    {"transformers.tokenization_utils_base", {"AddedToken", "BatchEncoding", "SpecialTokensMixin"}},
    {"transformers.tokenization_utils", {"Trie", "ExtensionsTrie"}},
    {"transformers.tokenization_utils_fast", {"PreTrainedTokenizerFast"}},
};

/// GPT2TokenizerFast of transformers.models.gpt2.tokenization_gpt2_fast, and its likes.
bool isTransformersTokenizer(std::string_view module, std::string_view name) {
    return module.starts_with("transformers.models.") && module.find(".tokenization_") != module.npos &&
           (name.ends_with("Tokenizer") || name.ends_with("TokenizerFast"));
}

/// numpy.dtypes.Float64DType and its likes.
bool isNumpyType(std::string_view module, std::string_view name) {
    return module == "numpy.dtypes" && name.ends_with("DType");
}

} // namespace

bool isHarmlessGlobal(std::string_view module, std::string_view name) {
    if (name.find('.') != name.npos) // a way to reach what the module has imported
        return false;
    return isTransformersTokenizer(module, name) || isNumpyType(module, name) ||
           std::ranges::any_of(kModules, [&](const Module& known) {
               return known.module == module && std::ranges::find(known.names, name) != known.names.end();
           });
}

} // namespace steploom
