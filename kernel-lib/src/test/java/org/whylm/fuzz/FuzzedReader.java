package org.whylm.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.whylm.data.DataException;
import org.whylm.data.DatasetCatalog;
import org.whylm.data.TextDataset;
import org.whylm.lm.Bert;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Tokenizer;
import org.whylm.lm.UnsupportedModelException;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.Safetensors;
import org.whylm.lm.weights.Weights;
import org.whylm.lm.weights.WeightsFormatException;
import org.whylm.run.Workspace;

/**
 * A reader and a sound file for it. A damaged file must give a typed exception; or what the sound one gives; or, where the damage is to
 * something that means a number or a text and not its place, another value.
 */
enum FuzzedReader {
    SAFETENSORS("tiny-gpt2/model.safetensors", "model.safetensors", 3_528, Senseless::safetensors) {
        @Override
        Object read(Path file) {
            try (var weights = Safetensors.open(file)) {
                return tensors(weights);
            }
        }
    },
    GGUF("tiny-llama-gguf/q4_0.gguf", "model.gguf", 15_616, Senseless::gguf) {
        @Override
        Object read(Path file) {
            try (var weights = Gguf.open(file)) {
                weights.metadata().keys().forEach(weights.metadata()::value);
                return tensors(weights);
            }
        }
    },
    GGUF_MODEL("tiny-llama-gguf/q4_0.gguf", "model.gguf", 15_616, Senseless::gguf) {
        @Override
        Object read(Path file) {
            try (var model = LanguageModels.load(file.toString())) {
                return model.tokenizer().size() > 0 ? OTHER : null;
            }
        }
    },
    TOKENIZER("tiny-gpt2/tokenizer.json", "tokenizer.json", Integer.MAX_VALUE, Senseless::json) {
        @Override
        Object read(Path file) {
            try (var tokenizer = Tokenizer.fromJson(file)) {
                return coded(tokenizer);
            }
        }
    },
    CONFIG("tiny-gpt2/config.json", "config.json", Integer.MAX_VALUE, Senseless::json) {
        @Override
        Object read(Path file) throws IOException {
            bring("tiny-gpt2", file, "model.safetensors", "tokenizer.json");
            LanguageModels.load(file.getParent().toString()).close();
            return OTHER;
        }
    },
    LLAMA_CONFIG("tiny-llama-tied/config.json", "config.json", Integer.MAX_VALUE, Senseless::json) {
        @Override
        Object read(Path file) throws IOException {
            bring("tiny-llama-tied", file, "model.safetensors", "tokenizer.json");
            LanguageModels.load(file.getParent().toString()).close();
            return OTHER;
        }
    },
    BERT("tiny-bert-legacy/tokenizer.json", "tokenizer.json", Integer.MAX_VALUE, Senseless::json) {
        @Override
        Object read(Path file) throws IOException {
            bring("tiny-bert-legacy", file, "model.safetensors", "config.json");
            try (var model = Bert.load(file.getParent())) {
                try {
                    model.f(List.of("a film"));
                } catch (IllegalArgumentException | UnsupportedModelException e) {
                    requireTyped(e);
                }
                return OTHER;
            }
        }
    },
    BERT_CONFIG("tiny-bert-legacy/config.json", "config.json", Integer.MAX_VALUE, Senseless::json) {
        @Override
        Object read(Path file) throws IOException {
            bring("tiny-bert-legacy", file, "model.safetensors", "tokenizer.json");
            Bert.load(file.getParent()).close();
            return OTHER;
        }
    },
    PIECES("sentencepiece/prefix-user-defined.gguf", "model.gguf", Integer.MAX_VALUE, Senseless::gguf) {
        @Override
        Object read(Path file) {
            try (var weights = Gguf.open(file);
                    var tokenizer = Tokenizer.fromGguf(weights)) {
                return coded(tokenizer);
            }
        }
    },
    CSV(null, "task.csv", Integer.MAX_VALUE, null) {
        @Override
        byte[] sound() {
            return "label,text\npos,\"A gorgeous, \"\"witty\"\" film\"\nneg,dull\npos,fine\nneg,\"two\nlines\"\n"
                    .getBytes(StandardCharsets.UTF_8);
        }

        @Override
        Object read(Path file) {
            return TextDataset.fromCsv(file, file) == null ? null : OTHER;
        }
    },
    CATALOG(null, "catalog.json", Integer.MAX_VALUE, Senseless::json) {
        @Override
        byte[] sound() throws IOException {
            return Files.readAllBytes(Workspace.current().datasets().resolve("catalog.json"));
        }

        @Override
        Object read(Path file) throws IOException {
            var root = file.getParent().resolve("root");
            Files.createDirectories(root.resolve("datasets"));
            Files.copy(file, root.resolve("datasets/catalog.json"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
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
    };

    /** A value that need not be that of the sound file. */
    static final Object OTHER = "another value";

    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Set<Class<?>> TYPED = Set.of(
            IllegalArgumentException.class,
            UnsupportedModelException.class,
            WeightsFormatException.class,
            DataException.class);

    private final String fixture;
    final String file;
    final int reach;

    /** A file of this kind in its own grammar; null for a format that has no values to speak of. */
    private final BiFunction<Senseless, byte[], byte[]> senseless;

    FuzzedReader(String fixture, String file, int reach, BiFunction<Senseless, byte[], byte[]> senseless) {
        this.fixture = fixture;
        this.file = file;
        this.reach = reach;
        this.senseless = senseless;
    }

    byte[] sound() throws IOException {
        return Files.readAllBytes(FIXTURES.resolve(fixture));
    }

    abstract Object read(Path file) throws IOException;

    /** Texts there and back, whatever they become. */
    private static Object coded(Tokenizer tokenizer) {
        for (var text : List.of("A gorgeous, witty film.", "日本 ñandú\u0301 \uD83D\uDE00\n\u0000")) {
            try {
                tokenizer.decode(tokenizer.encode(text));
            } catch (IllegalArgumentException e) {
                requireTyped(e);
            }
        }
        return OTHER;
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
        boolean typed = TYPED.contains(e.getClass()) || e instanceof UncheckedIOException;
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
        var sound = sound();
        var path = Files.createDirectories(folder.resolve(name())).resolve(file);
        Files.write(path, sound);
        var expected = read(path);
        int refused = 0;
        for (int i = 0; i < count; i++) {
            boolean isSound = senseless != null && i % 2 == 1;
            Files.write(path, isSound ? senseless.apply(sense, sound) : mutator.damaged(sound, reach));
            try {
                var value = read(path);
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
                        java.util.Locale.ROOT,
                        "%-12s %,9d damaged files, %,9d refused, none fooled the reader%n",
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
