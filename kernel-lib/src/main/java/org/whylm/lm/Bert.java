package org.whylm.lm;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.whylm.lm.weights.Safetensors;
import org.whylm.run.Engine;
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

    private static final String[] UNUSED = {
        "embeddings.position_ids",
        "pooler.dense.weight",
        "pooler.dense.bias",
        "cls.predictions.bias",
        "cls.predictions.decoder.weight",
        "cls.predictions.decoder.bias",
        "cls.seq_relationship.weight",
        "cls.seq_relationship.bias"
    };

    private final String name;
    private final String sha256;
    private final HuggingFaceTokenizer tokenizer;
    private final NDManager manager;
    private final BertEncoder encoder;

    private Bert(String name, String sha256, HuggingFaceTokenizer tokenizer, NDManager manager, BertEncoder encoder) {
        this.name = name;
        this.sha256 = sha256;
        this.tokenizer = tokenizer;
        this.manager = manager;
        this.encoder = encoder;
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
        var manager = Engine.newNetworkManager();
        HuggingFaceTokenizer tokenizer = null;
        try (var weights = Safetensors.open(directory)) {
            var configFile = directory.resolve("config.json");
            var tokenizerFile = directory.resolve("tokenizer.json");
            var config = config(Settings.ofConfig(configFile));
            tokenizer = tokenizer(tokenizerFile, config.maximumLength());
            var sha256 = Sha256.of(weights.sha256() + Sha256.of(configFile) + Sha256.of(tokenizerFile));
            var name = directory.toAbsolutePath().normalize().getFileName().toString();
            return new Bert(name, sha256, tokenizer, manager, encoder(config, weights, manager));
        } catch (RuntimeException | Error e) {
            release(manager, tokenizer);
            throw e;
        }
    }

    private static BertEncoder.Config config(Settings json) {
        json.require("model_type", "bert");
        json.require("hidden_act", "gelu");
        json.require("position_embedding_type", "absolute");
        json.require("is_decoder", false);
        json.require("add_cross_attention", false);
        int dimension = json.size("hidden_size");
        var config = new BertEncoder.Config(
                dimension,
                json.size("num_hidden_layers"),
                json.heads("num_attention_heads", dimension),
                json.size("intermediate_size"),
                json.size("vocab_size"),
                json.size("type_vocab_size"),
                json.size("max_position_embeddings"),
                json.epsilon("layer_norm_eps", 1e-12));
        json.passOver("tie_word_embeddings");
        json.refuseOthers();
        return config;
    }

    /** Old checkpoints name the two parts of a norm gamma and beta. */
    private static BertEncoder encoder(BertEncoder.Config config, Safetensors weights, NDManager manager) {
        boolean gammaAndBeta = weights.names().stream().anyMatch(name -> name.endsWith("LayerNorm.gamma"));
        UnaryOperator<String> names = name -> gammaAndBeta
                ? name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
                : name;
        var checkpoint = new Checkpoint(weights, "bert.", names, manager);
        var tensors = checkpoint.tensors(config.parameters(), checkpoint::array);
        checkpoint.requireAllRead(UNUSED);
        return new BertEncoder(config, tensors);
    }

    private static HuggingFaceTokenizer tokenizer(Path file, int maximumLength) {
        var options = new HashMap<>(Map.of("addSpecialTokens", "true", "truncation", "true", "padding", "false"));
        options.put("maxLength", Integer.toString(maximumLength));
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
        return encoder.config().dimension();
    }

    /** The most tokens of a text that are read, the special ones included; what lies behind them is left out. */
    public int maximumLength() {
        return encoder.config().maximumLength();
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
        // Every position sees every other, so that padding would need a mask; sequences of one length need none.
        var byLength = IntStream.range(0, ids.size())
                .boxed()
                .collect(Collectors.groupingBy(row -> ids.get(row).length, TreeMap::new, Collectors.toList()));
        try (var progress = Progress.start("f of " + name, texts.size(), "texts")) {
            byLength.forEach((length, rows) -> {
                int size = Math.max(1, BATCH_TOKENS / length);
                for (int from = 0; from < rows.size(); from += size) {
                    var batch = rows.subList(from, Math.min(from + size, rows.size()));
                    read(batch, ids, f);
                    progress.advance(batch.size());
                }
            });
        }
        return f;
    }

    /** Puts the states of some texts of one length into their rows. */
    private void read(List<Integer> rows, List<long[]> ids, float[][] f) {
        var sequences =
                rows.stream().map(ids::get).flatMapToLong(Arrays::stream).toArray();
        var shape = new Shape(rows.size(), sequences.length / rows.size());
        try (var pass = manager.newSubManager()) {
            var states = encoder.first(pass.create(sequences, shape)).toFloatArray();
            for (int i = 0; i < rows.size(); i++) {
                f[rows.get(i)] = Arrays.copyOfRange(states, i * dimension(), (i + 1) * dimension());
            }
        }
    }

    /** Token ids with the special tokens, at most {@link #maximumLength()} of them. */
    long[] encode(String text) {
        long[] ids = Tokenizer.encoded(tokenizer, text);
        if (ids.length == 0) {
            throw new IllegalArgumentException("No tokens: the text is empty, and the tokenizer adds no [CLS]");
        }
        for (long id : ids) {
            if (id >= encoder.config().vocabulary()) {
                throw new IllegalArgumentException("The tokenizer gives id " + id + " for \"" + text
                        + "\", outside the " + encoder.config().vocabulary() + " words of the model " + name);
            }
        }
        return ids;
    }

    @Override
    public void close() {
        release(manager, tokenizer);
    }
}
