package org.whylm.lm;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.whylm.run.RecordJson;

/**
 * A tokenizer's vocabulary restricted to the tokens that a corpus uses often enough. The tokens kept are numbered in the order of
 * their old ids; every other token becomes one further id, {@link #unknown()}, which is the last.
 *
 * @param originalSize number of ids before
 * @param kept old ids of the tokens kept, ascending
 */
public record VocabularyRestriction(int originalSize, int[] kept) {

    static final String FILE = "vocabulary.json";

    /** @throws IllegalArgumentException if the old ids are not ascending or not below {@code originalSize} */
    public VocabularyRestriction {
        for (int id = 0; id < kept.length; id++) {
            if (kept[id] < 0 || kept[id] >= originalSize || id > 0 && kept[id] <= kept[id - 1]) {
                throw new IllegalArgumentException("The ids kept of a vocabulary of " + originalSize
                        + " must ascend, but number " + id + " is " + kept[id]);
            }
        }
    }

    /**
     * Keeps the tokens that a corpus uses at least {@code minimumCount} times.
     *
     * @param corpus token ids of each document
     * @param originalSize number of ids of the tokenizer
     * @param always ids kept however rare, such as the separator of documents
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    public static VocabularyRestriction of(List<int[]> corpus, int originalSize, int minimumCount, int... always) {
        var counts = new long[originalSize];
        corpus.stream().flatMapToInt(Arrays::stream).forEach(id -> counts[requireId(id, originalSize)]++);
        for (int id : always) {
            counts[requireId(id, originalSize)] = Long.MAX_VALUE;
        }
        var kept = IntStream.range(0, originalSize).filter(id -> counts[id] >= minimumCount);
        return new VocabularyRestriction(originalSize, kept.toArray());
    }

    private static int requireId(int id, int originalSize) {
        if (id < 0 || id >= originalSize) {
            throw new IllegalArgumentException("Token id " + id + " of a vocabulary of " + originalSize);
        }
        return id;
    }

    /** Number of new ids: the tokens kept and the unknown one. */
    public int size() {
        return kept.length + 1;
    }

    /** The new id of every token that is not kept. */
    public int unknown() {
        return kept.length;
    }

    /**
     * New ids of old ones.
     *
     * @throws IllegalArgumentException if an id is outside the original vocabulary
     */
    public int[] restrict(int[] ids) {
        return Arrays.stream(ids)
                .map(id -> {
                    int at = Arrays.binarySearch(kept, requireId(id, originalSize));
                    return at >= 0 ? at : unknown();
                })
                .toArray();
    }

    /** Reads {@value #FILE}. */
    static VocabularyRestriction read(Path directory) {
        var file = directory.resolve(FILE);
        try {
            return RecordJson.read(file, VocabularyRestriction.class);
        } catch (IllegalArgumentException e) {
            throw new UnsupportedModelException(file, "a vocabulary that is not sound: " + e.getMessage());
        }
    }
}
