package org.whylm.features;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.whylm.features.ExtractionPlan.Pass;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;
import org.whylm.lm.TokenBatches;
import org.whylm.run.Engine;
import org.whylm.run.Progress;
import org.whylm.run.Sha256;

/**
 * Reads features of texts from a language model, each text once: what the store has is not computed again, and a run that was
 * interrupted goes on where it stopped.
 */
public final class FeatureExtractor {

    /** Raised whenever the same inputs would give other features than before, by more than what machines differ in rounding. */
    static final int CODE_VERSION = 1;

    /** Tokens kept of a text (paper, section 3). */
    public static final int TRUNCATION = 512;

    private final LanguageModel model;
    private final FeatureStore store;
    private final int truncation;

    /** @param truncation tokens kept of a text, from its start */
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
     * Features read at the last token of text and prompt. The pass that computes them also stores those of the text alone, unless
     * the model's maximum length cuts the text shorter for the prompt.
     *
     * @param prompt what follows each text; empty for the text alone
     * @throws IllegalArgumentException if a text has no tokens, or the prompt as many as the model reads
     * @throws Progress.Interrupted if the thread is interrupted; what was computed is kept
     */
    public Features features(List<String> texts, String prompt) {
        var entries = new Entries(texts);
        var what = prompt.isEmpty() ? "features" : "features with the prompt \"" + prompt + "\"";
        extract(what, plan(texts, prompt, entries::has), entries);
        return assembled(texts, entries.of(key(prompt)));
    }

    /**
     * What {@link #features(List, String)} computes of texts, each text once.
     *
     * @param stored whether the features of a text, given by its hash, are there
     * @throws IllegalArgumentException if a text has no tokens, or the prompt as many as the model reads
     */
    public ExtractionPlan plan(List<String> texts, String prompt, BiPredicate<FeatureStore.Key, String> stored) {
        var alone = key("");
        var prompted = key(prompt);
        var passes = new ArrayList<Pass>();
        for (var text : new LinkedHashSet<>(texts)) {
            var hash = Sha256.of(text);
            if (!stored.test(prompted, hash)) {
                var reading = model.reading(text, prompt, truncation);
                boolean whole = reading.positions()[0] + 1 == encode(text).length;
                boolean textToo = whole && !prompt.isEmpty() && !stored.test(alone, hash);
                passes.add(
                        textToo
                                ? new Pass(hash, reading.ids(), reading.positions(), List.of(alone, prompted))
                                : new Pass(
                                        hash, reading.ids(), new int[] {reading.ids().length - 1}, List.of(prompted)));
            }
        }
        return ExtractionPlan.of(passes);
    }

    /**
     * Features read after the first tokens of each text, those of all lengths from one pass over the model: the same, and
     * stored as the same, as what an extractor with that truncation reads.
     *
     * @param lengths how many tokens the model sees of a text; of a shorter text all
     * @return for each length, the features of all texts
     * @throws IllegalArgumentException if a text has no tokens, or a length is below 1
     * @throws Progress.Interrupted if the thread is interrupted; what was computed is kept
     */
    public List<Features> prefixes(List<String> texts, int... lengths) {
        var keys = IntStream.of(lengths).mapToObj(this::prefixKey).toList();
        var entries = new Entries(texts);
        extract("features after the first tokens", planPrefixes(texts, entries::has, lengths), entries);
        return keys.stream().map(key -> assembled(texts, entries.of(key))).toList();
    }

    /**
     * What {@link #prefixes} computes of texts, each text once.
     *
     * @param stored whether the features of a text, given by its hash, are there
     * @throws IllegalArgumentException if a text has no tokens, or a length is below 1
     */
    public ExtractionPlan planPrefixes(
            List<String> texts, BiPredicate<FeatureStore.Key, String> stored, int... lengths) {
        var keys = IntStream.of(lengths).mapToObj(this::prefixKey).distinct().toList();
        var passes = new ArrayList<Pass>();
        for (var text : new LinkedHashSet<>(texts)) {
            var hash = Sha256.of(text);
            var lacking = keys.stream().filter(key -> !stored.test(key, hash)).toList();
            if (!lacking.isEmpty()) {
                var ids = encode(text);
                var positions = lacking.stream()
                        .mapToInt(key -> Math.min(key.truncation(), ids.length) - 1)
                        .toArray();
                passes.add(new Pass(hash, ids, positions, lacking));
            }
        }
        return ExtractionPlan.of(passes);
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
        var readings =
                texts.stream().map(text -> Reading.everywhere(encode(text))).toList();
        var text = IntStream.range(0, readings.size())
                .flatMap(index -> Arrays.stream(readings.get(index).ids()).map(id -> index))
                .toArray();
        var first = new int[readings.size()];
        for (int row = text.length - 1; row >= 0; row--) {
            first[text[row]] = row;
        }
        var f = new float[text.length][];
        var conditionalMean = new float[text.length][];
        var logPartition = new float[text.length];
        inBatches("features at every token", readings, (batch, some) -> {
            var rows = model.hiddenStates(some).stream().flatMap(Arrays::stream).toArray(float[][]::new);
            var prediction = model.outputEmbeddings().predict(rows);
            int from = 0;
            for (int index : batch) {
                int tokens = readings.get(index).ids().length;
                System.arraycopy(rows, from, f, first[index], tokens);
                System.arraycopy(prediction.conditionalMean(), from, conditionalMean, first[index], tokens);
                System.arraycopy(prediction.logPartition(), from, logPartition, first[index], tokens);
                from += tokens;
            }
        });
        return new TokenContexts(new Features(model.outputEmbeddings(), f, conditionalMean, logPartition), text);
    }

    /**
     * States behind several blocks of the model, before any final norm (see {@link LanguageModel#statesAfter}): one pass gives them
     * all. They are not kept in the store, and texts are not truncated.
     *
     * @param blocks after how many blocks
     * @return for each of {@code blocks}, for each reading, in order, its states: {@code positions×d}
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public List<List<float[][]>> statesAfter(List<Integer> blocks, List<Reading> readings) {
        var after = new ArrayList<List<float[][]>>();
        blocks.forEach(block -> after.add(Arrays.asList(new float[readings.size()][][])));
        inBatches("states behind " + blocks.size() + " blocks", readings, (batch, some) -> {
            var states = model.statesAfter(blocks, some);
            for (int block = 0; block < blocks.size(); block++) {
                for (int i = 0; i < batch.size(); i++) {
                    after.get(block).set(batch.get(i), states.get(block).get(i));
                }
            }
        });
        return after;
    }

    /** Readings of like lengths together: what is to be done with some batches, given the places of their readings and these. */
    private static void inBatches(
            String what, List<Reading> readings, BiConsumer<List<Integer>, List<Reading>> computation) {
        IntUnaryOperator length = index -> readings.get(index).ids().length;
        long tokens =
                readings.stream().mapToLong(reading -> reading.ids().length).sum();
        try (var progress = Progress.start(what, tokens, "tokens")) {
            for (var batch : together(TokenBatches.of(readings.size(), length, TokenBatches.TOKENS))) {
                computation.accept(batch, batch.stream().map(readings::get).toList());
                progress.advance(batch.stream().mapToLong(length::applyAsInt).sum());
            }
        }
    }

    /** A prompt whose ids after a text are not those of the prompt alone was read by those, wrongly, before: its key is another. */
    private FeatureStore.Key key(String prompt) {
        var tokenizer = model.tokenizer();
        boolean continued =
                !prompt.isEmpty() && !Arrays.equals(tokenizer.encodeContinuation(prompt), tokenizer.encode(prompt));
        var read = continued ? prompt + "\n(after a text)" : prompt;
        return new FeatureStore.Key(model.sha256(), read, truncation, CODE_VERSION);
    }

    private FeatureStore.Key prefixKey(int length) {
        if (length < 1) {
            throw new IllegalArgumentException("Features after " + length + " tokens: at least one is needed");
        }
        return new FeatureStore.Key(model.sha256(), "", Math.min(length, truncation), CODE_VERSION);
    }

    private void extract(String what, ExtractionPlan plan, Entries entries) {
        if (plan.shards().isEmpty()) {
            return;
        }
        long lacking = plan.shards().stream()
                .flatMap(shard -> shard.batches().stream())
                .mapToLong(List::size)
                .sum();
        var there = entries.wanted.size() - lacking;
        var from = String.format(Locale.ROOT, " (%,d of %,d texts are in the store)", there, entries.wanted.size());
        try (var progress = Progress.start(there == 0 ? what : what + from, plan.tokens(), "tokens")) {
            for (var shard : plan.shards()) {
                var computed = new LinkedHashMap<FeatureStore.Key, Map<String, FeatureStore.Entry>>();
                try {
                    compute(model, shard, progress::advance, computed);
                } finally {
                    computed.forEach(entries::keep);
                }
            }
        }
    }

    /** The features of one shard of a plan, as files of the store, one a key; progress is told the tokens of batches that were computed. */
    public static List<FeatureSegment> compute(LanguageModel model, ExtractionPlan.Shard shard, LongConsumer progress) {
        var computed = new LinkedHashMap<FeatureStore.Key, Map<String, FeatureStore.Entry>>();
        compute(model, shard, progress, computed);
        return computed.entrySet().stream()
                .map(e -> FeatureSegment.of(e.getKey(), e.getValue()))
                .toList();
    }

    /** @param computed takes the entries, where the thread is interrupted those of the batches until then */
    private static void compute(
            LanguageModel model,
            ExtractionPlan.Shard shard,
            LongConsumer progress,
            Map<FeatureStore.Key, Map<String, FeatureStore.Entry>> computed) {
        var passes = new ArrayList<Pass>();
        var rows = new ArrayList<float[]>();
        try {
            for (var batch : together(shard.batches())) {
                var states =
                        model.hiddenStates(batch.stream().map(Pass::reading).toList());
                states.forEach(some -> rows.addAll(Arrays.asList(some)));
                passes.addAll(batch);
                progress.accept(ExtractionPlan.tokens(batch));
            }
        } catch (Progress.Interrupted e) {
            readOut(model, passes, rows, computed);
            throw e;
        }
        readOut(model, passes, rows, computed);
    }

    /** Of hundreds of states together, which takes less time than batch by batch. */
    private static void readOut(
            LanguageModel model,
            List<Pass> passes,
            List<float[]> rows,
            Map<FeatureStore.Key, Map<String, FeatureStore.Entry>> computed) {
        var prediction = model.outputEmbeddings().predict(rows.toArray(float[][]::new));
        int row = 0;
        for (var pass : passes) {
            for (var key : pass.keys()) {
                var entry = new FeatureStore.Entry(
                        rows.get(row),
                        prediction.conditionalMean()[row],
                        prediction.logPartition()[row]);
                computed.computeIfAbsent(key, any -> new LinkedHashMap<>()).put(pass.hash(), entry);
                row++;
            }
        }
    }

    /** As many batches at a time as the model takes side by side; on one thread, or a GPU, two. */
    private static <T> List<List<T>> together(List<List<T>> batches) {
        int count = Math.max(2, Engine.threads());
        return IntStream.iterate(0, from -> from < batches.size(), from -> from + count)
                .mapToObj(from -> batches.subList(from, Math.min(from + count, batches.size())).stream()
                        .flatMap(List::stream)
                        .toList())
                .toList();
    }

    /** The entries of some texts: those that the store has, and those computed since. */
    private final class Entries {
        private final Set<String> wanted;
        private final Map<FeatureStore.Key, Map<String, FeatureStore.Entry>> known = new HashMap<>();

        Entries(List<String> texts) {
            this.wanted = texts.stream().map(Sha256::of).collect(Collectors.toSet());
        }

        Map<String, FeatureStore.Entry> of(FeatureStore.Key key) {
            return known.computeIfAbsent(key, any -> store.read(key, model.dimension(), wanted));
        }

        boolean has(FeatureStore.Key key, String hash) {
            return of(key).containsKey(hash);
        }

        void keep(FeatureStore.Key key, Map<String, FeatureStore.Entry> computed) {
            of(key).putAll(computed);
            store.write(FeatureSegment.of(key, computed));
        }
    }

    private int[] encode(String text) {
        return model.reading(text, "", truncation).ids();
    }

    private Features assembled(List<String> texts, Map<String, FeatureStore.Entry> entries) {
        int n = texts.size();
        var f = new float[n][];
        var conditionalMean = new float[n][];
        var logPartition = new float[n];
        for (int row = 0; row < n; row++) {
            var entry = entries.get(Sha256.of(texts.get(row)));
            f[row] = entry.f();
            conditionalMean[row] = entry.conditionalMean();
            logPartition[row] = entry.logPartition();
        }
        return new Features(model.outputEmbeddings(), f, conditionalMean, logPartition);
    }
}
