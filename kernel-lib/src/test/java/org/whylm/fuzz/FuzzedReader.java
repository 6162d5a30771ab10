package org.whylm.fuzz;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.whylm.data.DataException;
import org.whylm.data.DatasetCatalog;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureStore;
import org.whylm.lm.Bert;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.ModelCatalog;
import org.whylm.lm.Tokenizer;
import org.whylm.lm.TrainableModel;
import org.whylm.lm.UnsupportedModelException;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.Safetensors;
import org.whylm.lm.weights.Weights;
import org.whylm.lm.weights.WeightsFormatException;
import org.whylm.report.PublishedNumbers;
import org.whylm.report.Run;
import org.whylm.run.Profile;
import org.whylm.run.RecordJson;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;
import org.whylm.task.KeptProbe;
import org.whylm.train.FromScratchSettings;
import org.whylm.train.OutputLayer;
import org.whylm.train.PretrainingLoss;
import org.whylm.train.TokenStream;
import org.whylm.train.Trainer;
import org.whylm.train.TrainingConfig;

/**
 * A reader and a sound file for it. A damaged file must give a typed exception; or what the sound one gives; or, where the damage is to
 * something that means a number or a text and not its place, another value.
 */
enum FuzzedReader {
    SAFETENSORS("tiny-gpt2/model.safetensors", "model.safetensors", Grammar.SAFETENSORS, FuzzedReader::safetensors),
    GGUF("tiny-llama-gguf/q4_0.gguf", "model.gguf", Grammar.GGUF, FuzzedReader::gguf),
    GGUF_MODEL("tiny-llama-gguf/q4_0.gguf"),
    GPT2_GGUF("families/gpt2.gguf"),
    GPT_NEOX_GGUF("families/gptneox.gguf"),
    LLAMA_GGUF("families/llama-biases.gguf"),
    QWEN2_GGUF("families/qwen2.gguf"),
    QWEN3_GGUF("families/qwen3.gguf"),
    GEMMA3_GGUF("families/gemma3.gguf"),
    TOKENIZER("tiny-gpt2/tokenizer.json", "tokenizer.json", Grammar.JSON, FuzzedReader::tokenizer),
    CONFIG("tiny-gpt2", "config.json"),
    GPT_NEOX_CONFIG("tiny-gpt-neox", "config.json"),
    GPT_NEOX_PUBLISHED("tiny-gpt-neox", "config-published-form.json"),
    LLAMA_CONFIG("tiny-llama-tied", "config.json"),
    LLAMA3_PUBLISHED("tiny-llama3-rope", "config-published-form.json"),
    MISTRAL_CONFIG("families/mistral-published", "config.json"),
    QWEN2_CONFIG("families/qwen2-window", "config.json"),
    QWEN3_CONFIG("tiny-qwen3", "config.json"),
    GEMMA3_CONFIG("tiny-gemma3", "config.json"),
    GEMMA3_PUBLISHED("families/gemma3-published", "config.json"),
    BERT("tiny-bert-legacy/tokenizer.json", "tokenizer.json", Grammar.JSON, FuzzedReader::bert),
    BERT_CONFIG("tiny-bert-legacy/config.json", "config.json", Grammar.JSON, FuzzedReader::bertOfConfig),
    PIECES("sentencepiece/prefix-user-defined.gguf", "model.gguf", Grammar.WHOLE_GGUF, FuzzedReader::pieces),
    UNIGRAM("tiny-unigram/tokenizer.json", "tokenizer.json", Grammar.JSON, FuzzedReader::tokenizer),
    CHARSMAP(
            () -> Base64.getDecoder().decode(charsmap(unigram()).getAsString()),
            "charsmap",
            Grammar.NONE,
            FuzzedReader::tokenizerOfCharsmap),
    START(
            "tiny-llama-untied-bf16-sharded/tokenizer_config.json",
            "tokenizer_config.json",
            Grammar.JSON,
            FuzzedReader::tokenizerOfItsConfig),
    SHARDS(
            "tiny-llama-untied-bf16-sharded/model.safetensors.index.json",
            "model.safetensors.index.json",
            Grammar.JSON,
            FuzzedReader::shards),
    TRAINING_STATE(
            () -> Files.readAllBytes(trained().resolve("training.json")),
            "training.json",
            Grammar.JSON,
            file -> resumed(file, "training-000002.safetensors")),
    TRAINING_ARRAYS(
            () -> Files.readAllBytes(trained().resolve("training-000002.safetensors")),
            "training-000002.safetensors",
            Grammar.NONE,
            file -> resumed(file, "training.json")),
    KEPT_PROBE(FuzzedReader::probe, "probe.json", Grammar.JSON, FuzzedReader::predictions),
    PROFILES(() -> project("notebooks/profiles.json"), "profiles.json", Grammar.JSON, FuzzedReader::profiles),
    FINDINGS(
            () -> project("notebooks/findings.json"),
            "findings.json",
            Grammar.JSON,
            file -> inWorkspace(file, "notebooks/findings.json", FuzzedReader::claims)),
    MODELS(() -> project("datasets/models.json"), "models.json", Grammar.JSON, FuzzedReader::models),
    PUBLISHED(
            () -> utf8("table,row,column,value,source\n"
                    + "table-1,movies,f,86.8,\"Table 1, first row\"\ntable-1,movies*,f,87.5,\"\"\"p. 7\"\"\"\n"),
            "published.csv",
            Grammar.NONE,
            FuzzedReader::published),
    CSV(
            () -> utf8("label,text\npos,\"A gorgeous, \"\"witty\"\" film\"\nneg,dull\npos,fine\nneg,\"two\nlines\"\n"),
            "task.csv",
            Grammar.NONE,
            file -> otherUnlessNull(TextDataset.fromCsv(file, file))),
    CATALOG(() -> project("datasets/catalog.json"), "catalog.json", Grammar.JSON, FuzzedReader::catalog);

    /** How the bytes of a file make sense: how far from its start they are damaged, and the same grammar with senseless values. */
    private enum Grammar {
        SAFETENSORS(3_528, Senseless::safetensors),
        GGUF(15_616, Senseless::gguf),
        WHOLE_GGUF(Integer.MAX_VALUE, Senseless::gguf),
        JSON(Integer.MAX_VALUE, Senseless::json),
        /** A format that has no values to speak of. */
        NONE(Integer.MAX_VALUE, null);

        private final int reach;
        private final BiFunction<Senseless, byte[], byte[]> senseless;

        Grammar(int reach, BiFunction<Senseless, byte[], byte[]> senseless) {
            this.reach = reach;
            this.senseless = senseless;
        }
    }

    private interface Sound {
        byte[] bytes() throws IOException;
    }

    private interface Reading {
        Object of(Path file) throws IOException;
    }

    /** A value that need not be that of the sound file. */
    static final Object OTHER = "another value";

    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Set<Class<?>> TYPED = Set.of(
            IllegalArgumentException.class,
            UnsupportedModelException.class,
            WeightsFormatException.class,
            DataException.class);

    private static final TrainableModel TRAINED = TrainableModel.gpt2(new Gpt2Config(12, 4, 1, 1, 6));
    private static final TrainingConfig TRAINING =
            new TrainingConfig(PretrainingLoss.CROSS_ENTROPY, 3, 2, 1e-3, 1, 0.1, 1, 0, 7);
    private static final TokenStream STREAM =
            new TokenStream(IntStream.range(0, 60).map(i -> i * i % 12).toArray(), 6);

    private final Sound sound;
    private final String file;
    private final Grammar grammar;
    private final Reading reading;

    FuzzedReader(Sound sound, String file, Grammar grammar, Reading reading) {
        this.sound = sound;
        this.file = file;
        this.grammar = grammar;
        this.reading = reading;
    }

    FuzzedReader(String fixture, String file, Grammar grammar, Reading reading) {
        this(() -> Files.readAllBytes(fixture(fixture)), file, grammar, reading);
    }

    /** A model in one file. */
    FuzzedReader(String gguf) {
        this(gguf, "model.gguf", Grammar.GGUF, FuzzedReader::loaded);
    }

    /** The configuration of a model in a folder. */
    FuzzedReader(String folder, String config) {
        this(folder + "/" + config, "config.json", Grammar.JSON, file -> configured(folder, file));
    }

    private static Path fixture(String name) {
        return FIXTURES.resolve(name);
    }

    private static byte[] project(String file) throws IOException {
        return Files.readAllBytes(Workspace.current().root().resolve(file));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a file of it is read in several milliseconds: those of further families, and those for which a model or a run is loaded. */
    boolean takesLong() {
        return name().matches(
                                "(GPT2|GPT_NEOX|LLAMA|LLAMA3|MISTRAL|QWEN2|QWEN3|GEMMA3)_.*|KEPT_PROBE|TRAINING_.*|PROFILES|FINDINGS|MODELS")
                && this != LLAMA_CONFIG;
    }

    private static Object otherUnlessNull(Object read) {
        return read == null ? null : OTHER;
    }

    private static Object safetensors(Path file) {
        try (var weights = Safetensors.open(file)) {
            return tensors(weights);
        }
    }

    private static Object gguf(Path file) {
        try (var weights = Gguf.open(file)) {
            weights.metadata().keys().forEach(weights.metadata()::value);
            return tensors(weights);
        }
    }

    private static Object shards(Path index) throws IOException {
        for (int shard = 1; shard <= 5; shard++) {
            bring("tiny-llama-untied-bf16-sharded", index, "model-0000" + shard + "-of-00005.safetensors");
        }
        return safetensors(index.getParent());
    }

    private static Object tokenizer(Path file) {
        try (var tokenizer = Tokenizer.fromJson(file)) {
            return coded(tokenizer);
        }
    }

    private static Object pieces(Path file) {
        try (var weights = Gguf.open(file);
                var tokenizer = Tokenizer.fromGguf(weights)) {
            return coded(tokenizer);
        }
    }

    private static Object tokenizerOfItsConfig(Path file) throws IOException {
        bring("tiny-llama-untied-bf16-sharded", file, "tokenizer.json");
        return tokenizer(file.resolveSibling("tokenizer.json"));
    }

    private static Object tokenizerOfCharsmap(Path file) throws IOException {
        var json = unigram();
        var table = Base64.getEncoder().encodeToString(Files.readAllBytes(file));
        normalizer(json).addProperty("precompiled_charsmap", table);
        return tokenizer(Files.writeString(file.resolveSibling("tokenizer.json"), json.toString()));
    }

    private static Object bert(Path tokenizer) throws IOException {
        bring("tiny-bert-legacy", tokenizer, "model.safetensors", "config.json");
        try (var model = Bert.load(tokenizer.getParent())) {
            try {
                model.f(List.of("a film"));
            } catch (IllegalArgumentException | UnsupportedModelException e) {
                requireTyped(e);
            }
            return OTHER;
        }
    }

    private static Object bertOfConfig(Path config) throws IOException {
        bring("tiny-bert-legacy", config, "model.safetensors", "tokenizer.json");
        Bert.load(config.getParent()).close();
        return OTHER;
    }

    private static byte[] probe() throws IOException {
        try (var model = LanguageModels.load(fixture("tiny-gpt2").toString())) {
            var probe = new KeptProbe(
                    "films",
                    "0".repeat(64),
                    "tiny-gpt2",
                    model.sha256(),
                    " It is",
                    "p_f words",
                    List.of(5, 60, 300),
                    List.of("neg", "pos"),
                    new double[][] {{0.5, -1.25, 1e-3}},
                    new double[] {0.125});
            var file = Files.createTempFile("probe", ".json");
            RecordJson.write(file, probe);
            var bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        }
    }

    /** With the checksum of the damaged file, as whoever damages it on purpose would leave it. */
    private static Object predictions(Path file) throws IOException {
        Files.writeString(file.resolveSibling("probe.json.sha256"), Sha256.of(file) + "  probe.json\n");
        var probe = KeptProbe.read(file.getParent());
        try (var model = LanguageModels.load(fixture("tiny-gpt2").toString())) {
            var extractor = new FeatureExtractor(model, new FeatureStore(file.resolveSibling("store")), 64);
            for (var prediction : probe.predict(List.of("a film"), extractor)) {
                if (!(prediction.probability() >= 0 && prediction.probability() <= 1)) {
                    throw new AssertionError("a probability of " + prediction.probability());
                }
            }
            return OTHER;
        }
    }

    private static Object claims() {
        return Run.start("01-sentence-completion").claims();
    }

    private static Object profiles(Path file) throws IOException {
        return inWorkspace(file, "notebooks/profiles.json", () -> {
            for (var name : Profile.names()) {
                try {
                    Profile.load(name).settings(FromScratchSettings.class);
                } catch (IllegalArgumentException e) {
                    requireTyped(e);
                }
            }
            return claims();
        });
    }

    private static Object models(Path file) throws IOException {
        return inWorkspace(file, "datasets/models.json", () -> {
            var catalog = ModelCatalog.load();
            catalog.names().forEach(catalog::available);
            return catalog;
        });
    }

    private static Object published(Path file) {
        var numbers = PublishedNumbers.read(file, new Workspace(file.getParent()), Profile.load("quick"));
        return numbers.table().toCsv().isEmpty() ? null : OTHER;
    }

    private static Object catalog(Path file) throws IOException {
        var root = file.getParent().resolve("root");
        Files.createDirectories(root.resolve("datasets"));
        Files.copy(file, root.resolve("datasets/catalog.json"), StandardCopyOption.REPLACE_EXISTING);
        var catalog = DatasetCatalog.load(new Workspace(root), Optional.of(root));
        for (var task : catalog.tasks()) {
            catalog.task(task);
            catalog.available(task);
            try {
                catalog.dataset(task);
            } catch (DataException e) {
                requireTyped(e);
            }
        }
        return OTHER;
    }

    /** Texts there and back, whatever they become. */
    private static Object coded(Tokenizer tokenizer) {
        for (var text : List.of("A gorgeous, witty film.", "日本 ñandú\u0301 \uD83D\uDE00\n\u0000", "Ａ ﬁlm ½\u00A0①")) {
            try {
                tokenizer.decode(tokenizer.encode(text));
            } catch (IllegalArgumentException e) {
                requireTyped(e);
            }
        }
        return OTHER;
    }

    private static Object loaded(Path model) {
        try (var loaded = LanguageModels.load(model.toString())) {
            return loaded.tokenizer().size() > 0 ? OTHER : null;
        }
    }

    private static Object configured(String model, Path config) throws IOException {
        bring(model, config, "model.safetensors");
        bring("tiny-gpt2", config, "tokenizer.json");
        return loaded(config.getParent());
    }

    private static JsonObject unigram() throws IOException {
        return JsonParser.parseString(Files.readString(fixture("tiny-unigram/tokenizer.json")))
                .getAsJsonObject();
    }

    private static JsonObject normalizer(JsonObject tokenizer) {
        return tokenizer
                .getAsJsonObject("normalizer")
                .getAsJsonArray("normalizers")
                .get(0)
                .getAsJsonObject();
    }

    private static JsonElement charsmap(JsonObject tokenizer) {
        return normalizer(tokenizer).get("precompiled_charsmap");
    }

    /** A folder with a run after two of three updates. */
    private static Path trained() throws IOException {
        var folder = Files.createTempDirectory("training");
        try (var trainer = Trainer.start(TRAINED, new OutputLayer.Learned(), TRAINING, STREAM);
                var tokenizer = Tokenizer.fromJson(FIXTURES.resolve("tiny-unigram/tokenizer.json"))) {
            trainer.run(2);
            trainer.save(folder, tokenizer);
        }
        return folder;
    }

    /** The run's last update, from what was saved: parameters and losses as without damage, or none. */
    private static Object resumed(Path damaged, String other) throws IOException {
        if (!Files.exists(damaged.resolveSibling(other))) {
            Files.copy(trained().resolve(other), damaged.resolveSibling(other));
        }
        try (var trainer = Trainer.open(damaged.getParent(), TRAINED, new OutputLayer.Learned(), TRAINING, STREAM)) {
            trainer.run();
            var values = new TreeMap<String, Integer>();
            trainer.parameters().forEach((name, array) -> values.put(name, Arrays.hashCode(array)));
            values.put("losses", trainer.losses().hashCode());
            return values;
        }
    }

    /** Reads the project's files with one of them damaged. */
    private static Object inWorkspace(Path damaged, String place, Supplier<Object> reading) throws IOException {
        var root = damaged.resolveSibling("root");
        var sound = Workspace.current().root();
        for (var file : List.of(
                "datasets/catalog.json",
                "datasets/models.json",
                "notebooks/profiles.json",
                "notebooks/findings.json")) {
            if (!Files.exists(root.resolve(file))) {
                Files.createDirectories(root.resolve(file).getParent());
                Files.copy(sound.resolve(file), root.resolve(file));
            }
        }
        Files.copy(damaged, root.resolve(place), StandardCopyOption.REPLACE_EXISTING);
        var before = System.getProperty("whylm.home");
        System.setProperty("whylm.home", root.toString());
        try {
            return otherUnlessNull(reading.get());
        } finally {
            if (before == null) {
                System.clearProperty("whylm.home");
            } else {
                System.setProperty("whylm.home", before);
            }
        }
    }

    /** Puts the sound files of a model beside the damaged one. */
    private static void bring(String model, Path file, String... others) throws IOException {
        for (var other : others) {
            if (!Files.exists(file.resolveSibling(other))) {
                Files.copy(FIXTURES.resolve(model).resolve(other), file.resolveSibling(other));
            }
        }
    }

    /** Names of tensors and hashes of what they hold. */
    private static Map<String, Integer> tensors(Weights weights) {
        var values = new TreeMap<String, Integer>();
        for (var name : weights.names()) {
            try {
                values.put(name, Arrays.hashCode(weights.values(name)));
            } catch (WeightsFormatException e) {
                // a type that is not supported: the tensor has no values
            }
        }
        return values;
    }

    static void requireTyped(Exception e) {
        boolean ofCatalog =
                e.getClass() == IllegalStateException.class && e.getMessage().contains("models.json");
        boolean typed = TYPED.contains(e.getClass()) || e instanceof UncheckedIOException || ofCatalog;
        if (!typed || e.getMessage() == null) {
            throw new AssertionError("untyped: " + e, e);
        }
    }

    /**
     * Reads damaged files, every second one with a sound grammar and senseless values.
     *
     * @param count how many
     * @param folder for them
     * @return how many were refused
     * @throws AssertionError at an outcome that is not allowed; the file stays in the folder
     */
    int fuzz(int count, long seed, Path folder) throws IOException {
        var mutator = new Mutator(seed);
        var sense = new Senseless(seed);
        var sound = this.sound.bytes();
        var path = Files.createDirectories(folder.resolve(name())).resolve(file);
        Files.write(path, sound);
        var expected = reading.of(path);
        int refused = 0;
        for (int i = 0; i < count; i++) {
            boolean isSound = grammar.senseless != null && i % 2 == 1;
            Files.write(path, isSound ? grammar.senseless.apply(sense, sound) : mutator.damaged(sound, grammar.reach));
            try {
                var value = reading.of(path);
                if (expected instanceof Map<?, ?> tensors
                        && value instanceof Map<?, ?> others
                        && tensors.keySet().equals(others.keySet())) {
                    others.forEach((name, hash) -> {
                        if (!tensors.get(name).equals(hash)) {
                            throw new AssertionError("other values of the tensor " + name);
                        }
                    });
                }
            } catch (RuntimeException e) {
                requireTyped(e);
                refused++;
            }
        }
        return refused;
    }

    /** {@code COUNT SEED}: fuzzes every reader. */
    public static void main(String[] arguments) throws IOException {
        int count = Integer.parseInt(arguments[0]);
        long seed = Long.parseLong(arguments[1]);
        for (var reader : values()) {
            if (arguments.length > 2 && !Arrays.asList(arguments).contains(reader.name())) {
                continue;
            }
            var folder = Files.createTempDirectory("whylm-fuzz");
            try {
                int refused = reader.fuzz(count, seed, folder);
                System.out.printf(
                        Locale.ROOT,
                        "%-18s %,9d damaged files, %,9d refused, none fooled the reader%n",
                        reader,
                        count,
                        refused);
            } catch (AssertionError e) {
                System.out.println(reader + ": " + e.getMessage() + "; the file is in " + folder);
                throw e;
            }
        }
    }
}
