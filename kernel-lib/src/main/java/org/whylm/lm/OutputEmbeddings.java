package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.whylm.run.Engine;

/**
 * The output word embeddings {@code Φ} and what they make of a state {@code θ}: logits {@code Φᵀθ}, {@code log Z_θ},
 * {@code p_θ} and {@code Φp_θ} (paper, section 1). States are taken in blocks, so that no more than 256 MB of logits
 * and probabilities are held at a time, or {@value #BLOCK}{@code ×V} of each.
 */
public final class OutputEmbeddings {

    static final int BLOCK = 64;

    /** Products of so many states take a quarter less time than those of {@link #BLOCK}; of more not much less. */
    private static final int LARGEST_BLOCK = 4 * BLOCK;

    /** Logits and probabilities, 256 MB of them. */
    private static final long NUMBERS_HELD = 1 << 26;

    static final int WORDS_A_BLOCK = 512;

    private final String name;
    private final NDManager manager;
    private final NDArray embeddings;
    private final int dimension;
    private final int vocabularySize;

    /**
     * @param name of the model, for messages
     * @param embeddings {@code Φᵀ}, {@code V×d}
     */
    OutputEmbeddings(String name, NDManager manager, NDArray embeddings) {
        this.name = name;
        this.manager = manager;
        this.embeddings = embeddings;
        this.vocabularySize = Math.toIntExact(embeddings.getShape().get(0));
        this.dimension = Math.toIntExact(embeddings.getShape().get(1));
    }

    /** {@code d}. */
    public int dimension() {
        return dimension;
    }

    /** {@code V}. */
    public int vocabularySize() {
        return vocabularySize;
    }

    /**
     * What the softmax makes of {@code n} states.
     *
     * @param logPartition {@code log Z_θ}, {@code n}, in nats
     * @param conditionalMean {@code Φp_θ}, {@code n×d}
     */
    public record Prediction(float[] logPartition, float[][] conditionalMean) {}

    /**
     * {@code log Z_θ} and {@code Φp_θ} of each state.
     *
     * @param states {@code n×d}
     */
    public Prediction predict(float[][] states) {
        var logPartition = new float[states.length];
        var conditionalMean = new float[states.length][];
        forEachBlock(states, (from, block) -> {
            var logits = block.matMul(embeddings.transpose());
            var greatest = logits.max(new int[] {-1}, true);
            var exponentials = logits.subi(greatest).exp();
            var sums = exponentials.sum(new int[] {-1}, true);
            var means = exponentials.matMul(embeddings).divi(sums);
            var log = sums.log().addi(greatest).toFloatArray();
            System.arraycopy(log, 0, logPartition, from, log.length);
            Rows.copy(means, conditionalMean, from);
            for (int row = 0; row < log.length; row++) {
                requireFinite(log[row]);
                for (float component : conditionalMean[from + row]) {
                    requireFinite(component);
                }
            }
        });
        return new Prediction(logPartition, conditionalMean);
    }

    private void requireFinite(float value) {
        if (!Float.isFinite(value)) {
            throw new UnsupportedModelException("The model " + name + " computes " + value
                    + " for log Z or Φp: its weights overflow, or the file is damaged");
        }
    }

    /**
     * The whole next-word distribution {@code p_θ} of one state.
     *
     * @param state {@code d}
     * @return {@code V} probabilities
     */
    public float[] probabilities(float[] state) {
        try (var scope = scope()) {
            var theta = scope.create(state, new Shape(1, dimension));
            return theta.matMul(embeddings.transpose()).softmax(-1).toFloatArray();
        }
    }

    /**
     * A stretch of the vocabulary.
     *
     * @param from its first word
     * @param size how many words it has
     * @param probabilities {@code p_θ(w)} of its words, {@code n×size} row-major
     */
    public record Words(int from, int size, float[] probabilities) {}

    private NDManager scope() {
        if (!manager.isOpen()) {
            throw new IllegalStateException(
                    "The model of these output embeddings is closed: run the cell that loads it again, then this one");
        }
        return manager.newSubManager();
    }

    /**
     * The whole next-word distributions {@code p_θ} of {@code n} states, {@value #WORDS_A_BLOCK} words at a time and in order, so
     * that {@code n×V} are never held.
     *
     * @param states {@code n×d}
     * @param logPartition {@code log Z_θ} of each state, {@code n}
     * @param consumer what becomes of the words
     */
    public void forEachWords(float[][] states, float[] logPartition, Consumer<Words> consumer) {
        try (var scope = scope()) {
            var theta = Rows.array(scope, states, 0, states.length, dimension);
            var log = scope.create(logPartition, new Shape(states.length, 1));
            forEachWordBlock(scope, (from, phi) -> {
                theta.attach(phi.getManager());
                var p = theta.matMul(phi.transpose()).subi(log).exp();
                theta.attach(scope);
                consumer.accept(new Words(from, (int) phi.getShape().get(0), p.toFloatArray()));
            });
        }
    }

    /**
     * Logits {@code φ_w·θ} of a few words.
     *
     * @param states {@code n×d}
     * @param words token ids, {@code k}
     * @return {@code n×k}
     */
    public float[][] logits(float[][] states, int[] words) {
        var logits = new float[states.length][];
        try (var scope = scope()) {
            var chosen = rows(scope, words).transpose();
            for (int from = 0; from < states.length; from += BLOCK) {
                int size = Math.min(BLOCK, states.length - from);
                try (var blockScope = scope.newSubManager()) {
                    Rows.copy(
                            Rows.array(blockScope, states, from, size, dimension)
                                    .matMul(chosen),
                            logits,
                            from);
                }
            }
        }
        return logits;
    }

    /**
     * Log-probability of one word after each state.
     *
     * @param states {@code n×d}
     * @param words token ids, {@code n}: the word of each state
     * @return {@code n}, in nats
     */
    public float[] logProbabilities(float[][] states, int[] words) {
        var logProbabilities = new float[states.length];
        forEachBlock(states, (from, block) -> {
            var scope = block.getManager();
            int rows = (int) block.getShape().get(0);
            var next = scope.create(
                    Arrays.stream(words, from, from + rows).asLongStream().toArray(), new Shape(rows, 1));
            var log = block.matMul(embeddings.transpose())
                    .logSoftmax(-1)
                    .gather(next, 1)
                    .toFloatArray();
            System.arraycopy(log, 0, logProbabilities, from, rows);
        });
        return logProbabilities;
    }

    /**
     * Embeddings {@code φ_w} of a few words.
     *
     * @param words token ids, {@code k}
     * @return {@code k×d}
     */
    public float[][] embeddings(int... words) {
        var rows = new float[words.length][];
        try (var scope = scope()) {
            Rows.copy(rows(scope, words), rows, 0);
        }
        return rows;
    }

    /** Embeddings of all words, {@code Φᵀ}: {@code V×d}. */
    public float[][] all() {
        return embeddings(IntStream.range(0, vocabularySize).toArray());
    }

    /** {@code μ}, the mean of the {@code φ_w} over the vocabulary: {@code d}. */
    public double[] mean() {
        try (var scope = manager.newSubManager()) {
            var sum = scope.zeros(new Shape(dimension), DataType.FLOAT64);
            forEachWordBlock(
                    scope,
                    (from, phi) -> sum.addi(phi.toType(DataType.FLOAT64, true).sum(new int[] {0})));
            return sum.divi(vocabularySize).toDoubleArray();
        }
    }

    /** {@code Σ}, the covariance of the {@code φ_w} over the vocabulary, every word of the same weight: {@code d×d}. */
    public double[][] covariance() {
        var mean = mean();
        try (var scope = manager.newSubManager()) {
            var mu = scope.create(mean);
            var moments = scope.zeros(new Shape(dimension, dimension), DataType.FLOAT64);
            forEachWordBlock(scope, (from, phi) -> {
                var centred = phi.toType(DataType.FLOAT64, true).sub(mu);
                moments.addi(centred.transpose().matMul(centred));
            });
            return Engine.rows(moments.divi(vocabularySize));
        }
    }

    /** {@value #WORDS_A_BLOCK} rows of the embeddings at a time, in memory that is freed after them. */
    private void forEachWordBlock(NDManager scope, BlockConsumer consumer) {
        for (int from = 0; from < vocabularySize; from += WORDS_A_BLOCK) {
            try (var blockScope = scope.newSubManager()) {
                var words = embeddings.get(new NDIndex("{}:{}", from, Math.min(from + WORDS_A_BLOCK, vocabularySize)));
                words.attach(blockScope);
                consumer.accept(from, words);
            }
        }
    }

    private NDArray rows(NDManager scope, int[] words) {
        for (int word : words) {
            if (word < 0 || word >= vocabularySize) {
                throw new IllegalArgumentException("Word " + word + " of a vocabulary of " + vocabularySize);
            }
        }
        var chosen = embeddings.get(new NDIndex("{}", scope.create(words).toType(DataType.INT64, false)));
        chosen.attach(scope);
        return chosen;
    }

    private interface BlockConsumer {
        void accept(int from, NDArray block);
    }

    private void forEachBlock(float[][] states, BlockConsumer consumer) {
        int size;
        for (int from = 0; from < states.length; from += size) {
            size = blockSize(states.length - from);
            try (var scope = scope()) {
                consumer.accept(from, Rows.array(scope, states, from, size, dimension));
            }
        }
    }

    /** A multiple of {@link #BLOCK}, among which a state is rounded as among {@link #BLOCK} alone; what is left after those is by itself. */
    private int blockSize(int left) {
        long held = NUMBERS_HELD / (2L * BLOCK * vocabularySize);
        long blocks = Math.min(left / BLOCK, Math.min(held, LARGEST_BLOCK / BLOCK));
        return blocks == 0 ? Math.min(left, BLOCK) : (int) blocks * BLOCK;
    }
}
