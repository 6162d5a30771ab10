package org.whylm.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureStore;
import org.whylm.lm.LanguageModels;
import org.whylm.run.Sha256;

/** What the tests compare: made-up texts, the store that one machine makes of them, and stores byte by byte. */
final class Stores {

    static final Path TINY = Path.of("..", "kernel-lib", "src", "test", "resources", "fixtures", "tiny-gpt2")
            .toAbsolutePath()
            .normalize();

    private static final List<String> WORDS =
            List.of("the movie is charming and funny from start to end a dull plot with great actors".split(" "));

    private Stores() {}

    static List<String> texts(int count) {
        var random = new Random(7);
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var words = new ArrayList<String>();
            for (int length = 1 + random.nextInt(30); length > 0; length--) {
                words.add(WORDS.get(random.nextInt(WORDS.size())));
            }
            texts.add(String.join(" ", words));
        }
        return texts;
    }

    static Path csv(Path file, List<String> texts) throws IOException {
        var lines = new StringBuilder("label,text\n");
        texts.forEach(
                text -> lines.append("0,\"").append(text.replace("\"", "\"\"")).append("\"\n"));
        return Files.writeString(file, lines);
    }

    /** The store of the local extractor. */
    static Map<String, String> local(Path folder, String model, List<String> texts, String prompt) {
        try (var loaded = LanguageModels.load(model)) {
            new FeatureExtractor(loaded, new FeatureStore(folder), FeatureExtractor.TRUNCATION).features(texts, prompt);
        }
        return content(folder);
    }

    /** SHA-256 of every segment, by its path in the store. */
    static Map<String, String> content(Path store) {
        try (var files = Files.walk(store)) {
            var content = new TreeMap<String, String>();
            for (var file :
                    files.filter(path -> path.toString().endsWith(".features")).toList()) {
                content.put(store.relativize(file).toString(), Sha256.of(file));
            }
            return content;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> all(Path store, String glob) throws IOException {
        var matcher = store.getFileSystem().getPathMatcher("glob:" + glob);
        try (var files = Files.walk(store)) {
            return files.filter(file -> matcher.matches(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
