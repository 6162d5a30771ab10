package org.whylm.features;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.OutputEmbeddings;
import org.whylm.lm.Reading;
import org.whylm.run.Progress;
import org.whylm.run.Sha256;

/**
 * Reads features of texts from a language model, each text once: what the store has is not computed again, and a run that was
 * interrupted goes on where it stopped.
 */
public final class FeatureExtractor {

    /** Raised whenever the same inputs would give other features than before. */
    static final int CODE_VERSION = 1;

    /** Tokens kept of a text (paper, section 3). */
    public static final int TRUNCATION = 512;

    private static final int TOKENS_A_BATCH = 1024;
    private static final int TEXTS_A_SEGMENT = 256;

    private final LanguageModel model;
    private final FeatureStore store;
    private final int truncation;

    /**
     * @param truncation tokens kept of a text, from its start
     */
    public FeatureExtractor(LanguageModel model, FeatureStore store, int truncation) {
        this.model = model;
        this.store = store;
        this.truncation = truncation;
    }

    /** An extractor with the {@link FeatureStore#current() workspace's store} and the paper's truncation at 512 tokens. */
    public FeatureExtractor(LanguageModel model) {
        this(model, FeatureStore.current(), TRUNCATION);
    }

    public LanguageModel model() {
        return model;
    }

    /**
     * Features read at the last token of each text.
     *
     * @throws IllegalArgumentException if a text has no tokens
     * @throws Progress.Interrupted if the thread is interrupted; what was computed is kept
     */
    public Features features(List<String> texts) {
        return features(texts, "");
    }

    /**
     * Features read at the last token of text and prompt. The pass that computes them also stores those of the text alone.
     *
     * @param prompt what follows each text; empty for the text alone
     * @throws IllegalArgumentException if a text has no tokens
     * @throws Progress.Interrupted if the thread is interrupted; what was computed is kept
     */
    public Features features(List<String> texts, String prompt) {
        var hashes = texts.stream().map(Sha256::of).toList();
        var wanted = new LinkedHashSet<>(hashes);
        var entries = store.read(key(prompt), wanted);
        if (entries.size() < wanted.size()) {
            var missing = new LinkedHashMap<String, String>();
            for (int index = 0; index < texts.size(); index++) {
                if (!entries.containsKey(hashes.get(index))) {
                    missing.put(hashes.get(index), texts.get(index));
                }
            }
            entries.putAll(extract(missing, prompt));
        }
        return assembled(hashes, entries);
    }

    /**
     * Features read at every token of each text: every beginning of a text is a context. One pass gives them all; they are not
     * kept in the store.
     *
     * @return the features, text after text, and which text each row is from
     * @throws IllegalArgumentException if a text has no tokens
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public TokenContexts everyToken(List<String> texts) {
        var sequences = texts.stream().map(text -> encode(text, 0)).toList();
        var rows = new float[texts.size()][][];
        var predictions = new OutputEmbeddings.Prediction[texts.size()];
        long tokens = sequences.stream().mapToLong(ids -> ids.length).sum();
        var indices = IntStream.range(0, texts.size()).boxed().toList();
        try (var progress = Progress.start("features at every token", tokens, "tokens")) {
            for (var batch : TokenBatches.of(indices, index -> sequences.get(index).length, TOKENS_A_BATCH)) {
                var states = model.hiddenStates(batch.stream()
                        .map(index -> Reading.everywhere(sequences.get(index)))
                        .toList());
                for (int i = 0; i < batch.size(); i++) {
                    rows[batch.get(i)] = states.get(i);
                    predictions[batch.get(i)] = model.outputEmbeddings().predict(states.get(i));
                }
                progress.advance(batch.stream()
                        .mapToLong(index -> sequences.get(index).length)
                        .sum());
            }
        }
        return TokenContexts.of(model.outputEmbeddings(), rows, predictions);
    }

    private FeatureStore.Key key(String prompt) {
        return new FeatureStore.Key(model.sha256(), prompt, truncation, CODE_VERSION);
    }

    private Map<String, FeatureStore.Entry> extract(Map<String, String> texts, String prompt) {
        var promptIds = model.tokenizer().encode(prompt);
        var textKnown = prompt.isEmpty()
                ? Set.<String>of()
                : store.read(key(""), texts.keySet()).keySet();
        var passes = new ArrayList<Pass>();
        texts.forEach((hash, text) -> passes.add(pass(hash, encode(text, promptIds.length), promptIds, textKnown)));

        var extracted = new HashMap<String, FeatureStore.Entry>();
        var pending = new Pending(prompt);
        long tokens = passes.stream().mapToLong(Pass::length).sum();
        var what = prompt.isEmpty() ? "features" : "features with the prompt \"" + prompt + "\"";
        try (var progress = Progress.start(what, tokens, "tokens")) {
            for (var batch : TokenBatches.of(passes, Pass::length, TOKENS_A_BATCH)) {
                for (var computed : compute(batch)) {
                    pending.add(computed);
                    extracted.put(computed.pass().hash(), computed.entry());
                }
                progress.advance(batch.stream().mapToLong(Pass::length).sum());
            }
        } finally {
            pending.flush();
        }
        return extracted;
    }

    /**
     * One text on its way through the model.
     *
     * @param reading text and prompt; read at its end and, where the text's own features are wanted too, at the text's
     */
    private record Pass(String hash, Reading reading) {
        int length() {
            return reading.ids().length;
        }
    }

    private static Pass pass(String hash, int[] text, int[] prompt, Set<String> textKnown) {
        if (prompt.length == 0) {
            return new Pass(hash, Reading.atLast(text));
        }
        var both = Reading.atTextAndPrompt(text, prompt);
        return new Pass(hash, textKnown.contains(hash) ? Reading.atLast(both.ids()) : both);
    }

    /**
     * @param textEntry the text's own features, if they were read beside those with the prompt
     */
    private record Computed(Pass pass, FeatureStore.Entry entry, Optional<FeatureStore.Entry> textEntry) {}

    private List<Computed> compute(List<Pass> batch) {
        var states = model.hiddenStates(batch.stream().map(Pass::reading).toList());
        var rows = states.stream().flatMap(Arrays::stream).toArray(float[][]::new);
        var prediction = model.outputEmbeddings().predict(rows);
        var computed = new ArrayList<Computed>();
        int row = 0;
        for (var pass : batch) {
            int count = pass.reading().positions().length;
            var textEntry =
                    count == 2 ? Optional.of(entry(rows, prediction, row)) : Optional.<FeatureStore.Entry>empty();
            row += count;
            computed.add(new Computed(pass, entry(rows, prediction, row - 1), textEntry));
        }
        return computed;
    }

    private static FeatureStore.Entry entry(float[][] states, OutputEmbeddings.Prediction prediction, int row) {
        return new FeatureStore.Entry(
                states[row], prediction.conditionalMean()[row], prediction.logPartition()[row]);
    }

    /** Entries that are computed but not yet on disk. */
    private final class Pending {
        private final String prompt;
        private final Map<String, FeatureStore.Entry> entries = new LinkedHashMap<>();
        private final Map<String, FeatureStore.Entry> textEntries = new LinkedHashMap<>();

        Pending(String prompt) {
            this.prompt = prompt;
        }

        void add(Computed computed) {
            entries.put(computed.pass().hash(), computed.entry());
            computed.textEntry()
                    .ifPresent(entry -> textEntries.put(computed.pass().hash(), entry));
            if (entries.size() >= TEXTS_A_SEGMENT) {
                flush();
            }
        }

        void flush() {
            store.write(key(""), textEntries);
            store.write(key(prompt), entries);
            textEntries.clear();
            entries.clear();
        }
    }

    private int[] encode(String text, int promptLength) {
        var ids = model.tokenizer().encode(text);
        if (ids.length == 0) {
            throw new IllegalArgumentException(
                    "A text has no tokens, so there is no last token to read f at: \"" + text + "\"");
        }
        int kept = Math.min(truncation, model.maximumLength() - promptLength);
        return ids.length > kept ? Arrays.copyOf(ids, kept) : ids;
    }

    private Features assembled(List<String> hashes, Map<String, FeatureStore.Entry> entries) {
        int n = hashes.size();
        var f = new float[n][];
        var conditionalMean = new float[n][];
        var logPartition = new float[n];
        for (int row = 0; row < n; row++) {
            var entry = entries.get(hashes.get(row));
            f[row] = entry.f();
            conditionalMean[row] = entry.conditionalMean();
            logPartition[row] = entry.logPartition();
        }
        return new Features(model.outputEmbeddings(), f, conditionalMean, logPartition);
    }
}
