package org.whylm.lm;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.LayerNorm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.whylm.lm.weights.Safetensors;
import org.whylm.run.Engine;
import org.whylm.run.IoFailure;
import org.whylm.run.Progress;
import org.whylm.run.Sha256;
import org.whylm.run.StrictJson;

/**
 * BERT (Devlin et al., 2019) with its masked-LM head: a text to one state {@code f}. Its positions see the whole text, so it
 * predicts no next word and has no {@code p_f}. Holds native memory until {@link #close() closed}. Not for use from several
 * threads at once; one pass uses all cores.
 */
public final class Bert implements AutoCloseable {

    private static final int BATCH_TOKENS = 4096;

    private record Config(
            int dimension,
            int blocks,
            int heads,
            int hidden,
            int vocabulary,
            int types,
            int maximumLength,
            double epsilon) {

        static Config of(ConfigJson json) {
            json.require("model_type", "bert");
            json.require("hidden_act", "gelu");
            json.require("position_embedding_type", "absolute");
            json.require("is_decoder", false);
            json.require("add_cross_attention", false);
            json.refuseOthers(
                    "hidden_act",
                    "position_embedding_type",
                    "add_cross_attention",
                    "num_attention_heads",
                    "max_position_embeddings",
                    "layer_norm_eps",
                    "tie_word_embeddings");
            int dimension = json.size("hidden_size"), heads = json.size("num_attention_heads");
            if (dimension % heads != 0) {
                throw json.unsupported(
                        "'hidden_size' " + dimension + " is no multiple of 'num_attention_heads' " + heads);
            }
            return new Config(
                    dimension,
                    json.size("num_hidden_layers"),
                    heads,
                    json.size("intermediate_size"),
                    json.size("vocab_size"),
                    json.size("type_vocab_size"),
                    json.size("max_position_embeddings"),
                    json.epsilon("layer_norm_eps", 1e-12));
        }
    }

    private record Norm(NDArray weight, NDArray bias) {}

    /** A projection by a matrix {@code in×out}. */
    private record Projection(NDArray weight, NDArray bias) {

        NDArray apply(NDArray x) {
            return x.matMul(weight).addi(bias);
        }
    }

    private record Block(
            Projection query,
            Projection key,
            Projection value,
            Projection output,
            Norm attentionNorm,
            Projection up,
            Projection down,
            Norm mlpNorm) {}

    /** The tensors of a checkpoint; old ones name the two parts of a norm gamma and beta. */
    private record Checkpoint(TensorSource tensors, boolean gammaAndBeta) {

        static final Set<String> UNUSED = Set.of(
                "embeddings.position_ids",
                "pooler.dense.weight",
                "pooler.dense.bias",
                "cls.predictions.bias",
                "cls.predictions.decoder.weight",
                "cls.predictions.decoder.bias",
                "cls.seq_relationship.weight",
                "cls.seq_relationship.bias");

        static Checkpoint of(Safetensors weights, NDManager manager) {
            boolean gammaAndBeta = weights.names().stream().anyMatch(name -> name.endsWith("LayerNorm.gamma"));
            return new Checkpoint(new TensorSource(weights, "bert.", UNUSED, manager), gammaAndBeta);
        }

        NDArray array(String name, long... shape) {
            return tensors.array(name, shape);
        }

        Projection projection(String name, int in, int out) {
            return new Projection(array(name + ".weight", out, in).transpose(), array(name + ".bias", out));
        }

        Norm norm(String name, int d) {
            return new Norm(
                    array(name + (gammaAndBeta ? ".LayerNorm.gamma" : ".LayerNorm.weight"), d),
                    array(name + (gammaAndBeta ? ".LayerNorm.beta" : ".LayerNorm.bias"), d));
        }
    }

    private final String name;
    private final String sha256;
    private final HuggingFaceTokenizer tokenizer;
    private final NDManager manager;
    private final Config config;
    private final NDArray words;
    private final NDArray positions;
    private final NDArray types;
    private final Norm embeddingNorm;
    private final List<Block> blocks;
    private final Projection transform;
    private final Norm transformNorm;

    private Bert(
            String name,
            String sha256,
            HuggingFaceTokenizer tokenizer,
            NDManager manager,
            Config config,
            Checkpoint checkpoint) {
        this.name = name;
        this.sha256 = sha256;
        this.tokenizer = tokenizer;
        this.manager = manager;
        this.config = config;
        int d = config.dimension();
        words = checkpoint.array("embeddings.word_embeddings.weight", config.vocabulary(), d);
        positions = checkpoint.array("embeddings.position_embeddings.weight", config.maximumLength(), d);
        types = checkpoint.array("embeddings.token_type_embeddings.weight", config.types(), d);
        embeddingNorm = checkpoint.norm("embeddings", d);
        blocks = new ArrayList<>();
        for (int index = 0; index < config.blocks(); index++) {
            var at = "encoder.layer." + index + ".";
            blocks.add(new Block(
                    checkpoint.projection(at + "attention.self.query", d, d),
                    checkpoint.projection(at + "attention.self.key", d, d),
                    checkpoint.projection(at + "attention.self.value", d, d),
                    checkpoint.projection(at + "attention.output.dense", d, d),
                    checkpoint.norm(at + "attention.output", d),
                    checkpoint.projection(at + "intermediate.dense", d, config.hidden()),
                    checkpoint.projection(at + "output.dense", config.hidden(), d),
                    checkpoint.norm(at + "output", d)));
        }
        transform = checkpoint.projection("cls.predictions.transform.dense", d, d);
        transformNorm = checkpoint.norm("cls.predictions.transform", d);
        checkpoint.tensors().requireAllRead();
    }

    /**
     * Loads a BERT with a masked-LM head, such as {@code bert-base-cased}.
     *
     * @param directory Hugging Face directory: {@code config.json}, {@code tokenizer.json}, {@code model.safetensors} whole or
     *     sharded with its index
     * @throws UnsupportedModelException if the architecture, a setting or a tensor is not supported, or a part is missing
     * @throws org.whylm.lm.weights.WeightsFormatException if a file is damaged
     * @throws UncheckedIOException if a file cannot be read
     */
    public static Bert load(Path directory) {
        for (var required : List.of("config.json", "tokenizer.json")) {
            if (!Files.isRegularFile(directory.resolve(required))) {
                throw new UnsupportedModelException(directory, "no " + required);
            }
        }
        var manager = Engine.newManager();
        HuggingFaceTokenizer tokenizer = null;
        try (var weights = Safetensors.open(directory)) {
            var configFile = directory.resolve("config.json");
            var tokenizerFile = directory.resolve("tokenizer.json");
            var config = Config.of(ConfigJson.read(configFile));
            tokenizer = tokenizer(tokenizerFile, config.maximumLength());
            var sha256 = Sha256.of(weights.sha256() + Sha256.of(configFile) + Sha256.of(tokenizerFile));
            var name = directory.toAbsolutePath().normalize().getFileName().toString();
            return new Bert(name, sha256, tokenizer, manager, config, Checkpoint.of(weights, manager));
        } catch (IOException e) {
            release(manager, tokenizer);
            throw new IoFailure("Cannot read the model " + directory, e);
        } catch (RuntimeException | Error e) {
            release(manager, tokenizer);
            throw e;
        }
    }

    private static HuggingFaceTokenizer tokenizer(Path file, int maximumLength) {
        var options = Map.of(
                "addSpecialTokens",
                "true",
                "truncation",
                "true",
                "maxLength",
                Integer.toString(maximumLength),
                "padding",
                "false");
        var checked = TokenizerJson.of(StrictJson.readObject(file), file);
        return Tokenizer.loaded(checked.withTemplate(), options, file);
    }

    private static void release(NDManager manager, HuggingFaceTokenizer tokenizer) {
        manager.close();
        if (tokenizer != null) {
            tokenizer.close();
        }
    }

    /** Last folder of the path that it was loaded from. */
    public String name() {
        return name;
    }

    /** SHA-256 of the weights, configuration and tokenizer, in hex. */
    public String sha256() {
        return sha256;
    }

    /** {@code d}. */
    public int dimension() {
        return config.dimension();
    }

    /** The most tokens of a text that are read, the special ones included; what lies behind them is left out. */
    public int maximumLength() {
        return config.maximumLength();
    }

    /**
     * BERT's {@code f} of the paper's experiments: the state at the first token, {@code [CLS]}, after the transformation that
     * the masked-LM decoder reads. The special tokens are those that the tokenizer's own template puts around a text.
     *
     * @return {@code n×d}, in the order of the texts
     * @throws IllegalArgumentException if a text has no tokens or is not valid Unicode
     */
    public float[][] f(List<String> texts) {
        var ids = texts.stream().map(this::encode).toList();
        var f = new float[texts.size()][];
        try (var progress = Progress.start("f of " + name, texts.size(), "texts")) {
            for (int[] rows : batchesOfOneLength(ids)) {
                try (var pass = manager.newSubManager()) {
                    var states = encodedFirst(pass, rows, ids);
                    for (int row = 0; row < rows.length; row++) {
                        f[rows[row]] = Arrays.copyOfRange(states, row * dimension(), (row + 1) * dimension());
                    }
                }
                progress.advance(rows.length);
            }
        }
        return f;
    }

    /** Token ids with the special tokens, at most {@link #maximumLength()} of them. */
    long[] encode(String text) {
        long[] ids = Tokenizer.encoded(tokenizer, text);
        if (ids.length == 0) {
            throw new IllegalArgumentException("No tokens: the text is empty, and the tokenizer adds no [CLS]");
        }
        for (long id : ids) {
            if (id >= config.vocabulary()) {
                throw new IllegalArgumentException("The tokenizer gives id " + id + " for \"" + text
                        + "\", outside the " + config.vocabulary() + " words of the model " + name);
            }
        }
        return ids;
    }

    /** Every position sees every other, so that padding would need a mask; sequences of one length need none. */
    private static List<int[]> batchesOfOneLength(List<long[]> ids) {
        var byLength = new TreeMap<Integer, List<Integer>>();
        IntStream.range(0, ids.size())
                .forEach(row -> byLength.computeIfAbsent(ids.get(row).length, length -> new ArrayList<>())
                        .add(row));
        var batches = new ArrayList<int[]>();
        byLength.forEach((length, rows) -> {
            int size = Math.max(1, BATCH_TOKENS / length);
            for (int from = 0; from < rows.size(); from += size) {
                batches.add(rows.subList(from, Math.min(from + size, rows.size())).stream()
                        .mapToInt(Integer::intValue)
                        .toArray());
            }
        });
        return batches;
    }

    private float[] encodedFirst(NDManager pass, int[] rows, List<long[]> ids) {
        int length = ids.get(rows[0]).length;
        var sequences = IntStream.of(rows)
                .mapToObj(ids::get)
                .flatMapToLong(Arrays::stream)
                .toArray();
        var x = embed(pass.create(sequences, new Shape(rows.length, length)));
        for (var block : blocks) {
            try (var scope = pass.newSubManager()) {
                x.attach(scope);
                x = block(block, x);
                x.attach(pass);
            }
        }
        var first = x.get(":, 0");
        return layerNorm(Activation.gelu(transform.apply(first)), transformNorm).toFloatArray();
    }

    private NDArray embed(NDArray ids) {
        var pass = ids.getManager();
        var position = positions.get(":" + ids.getShape().get(1));
        var firstSegment = types.get("0");
        position.attach(pass);
        firstSegment.attach(pass);
        var sum = Embedding.embedding(ids, words, SparseFormat.DENSE)
                .singletonOrThrow()
                .addi(position)
                .addi(firstSegment);
        return layerNorm(sum, embeddingNorm);
    }

    private NDArray block(Block block, NDArray x) {
        var attended = layerNorm(x.add(block.output.apply(attention(block, x))), block.attentionNorm);
        var mlp = block.down.apply(Activation.gelu(block.up.apply(attended)));
        return layerNorm(attended.add(mlp), block.mlpNorm);
    }

    /** Scaled dot-product attention to all positions. */
    private NDArray attention(Block block, NDArray x) {
        long batch = x.getShape().get(0), length = x.getShape().get(1);
        int width = config.dimension() / config.heads();
        var q = heads(block.query.apply(x));
        var k = heads(block.key.apply(x));
        var v = heads(block.value.apply(x));
        var weights =
                q.matMul(k.transpose(0, 1, 3, 2)).muli(1 / Math.sqrt(width)).softmax(-1);
        return weights.matMul(v).transpose(0, 2, 1, 3).reshape(batch, length, config.dimension());
    }

    /** {@code B×L×d} to {@code B×H×L×h}. */
    private NDArray heads(NDArray x) {
        var shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), config.heads(), config.dimension() / config.heads())
                .transpose(0, 2, 1, 3);
    }

    private NDArray layerNorm(NDArray x, Norm norm) {
        return LayerNorm.layerNorm(x, new Shape(config.dimension()), norm.weight, norm.bias, (float) config.epsilon())
                .singletonOrThrow();
    }

    @Override
    public void close() {
        release(manager, tokenizer);
    }
}
