package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.whylm.run.Engine;

/**
 * The output word embeddings {@code Φ} and what they make of a state {@code θ}: logits {@code Φᵀθ}, {@code log Z_θ},
 * {@code p_θ} and {@code Φp_θ} (paper, section 1). States and words are taken in blocks, so that what is held does not grow with
 * their number.
 */
public final class OutputEmbeddings {

    static final int WORDS_A_BLOCK = 512;

    private static final int STATES_A_BLOCK = 1024;

    /** Among fewer MKL would round a state otherwise. */
    private static final int STATES_A_PART = 64;

    /** Logits that are held at a time, 8 MB. Of 8,741 states, V = 49,152 and d = 576 those of all words of 256 states took 1.4 times as long. */
    private static final int LOGITS_A_BLOCK = 1 << 21;

    /** Exponentials with a larger sum are taken of smaller numbers. */
    private static final float LARGE = 1e25f;

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
        forEachBlock(states, (from, theta) -> {
            int words = LOGITS_A_BLOCK / (int) theta.size(0), row = from;
            var parts = Rows.parts(theta, STATES_A_PART);
            for (var part : Engine.sideBySide(parts.size(), at -> predict(parts.get(at), words))) {
                int rows = part.logPartition().length;
                System.arraycopy(part.logPartition(), 0, logPartition, row, rows);
                System.arraycopy(part.conditionalMean(), 0, conditionalMean, row, rows);
                row += rows;
            }
        });
        return new Prediction(logPartition, conditionalMean);
    }

    /** @param words how many are read at a time */
    private Prediction predict(NDArray theta, int words) {
        var sums = new ExponentialSums(theta);
        forEachWordBlock(theta.getManager(), words, (word, phi) -> sums.add(phi));
        var logPartition = sums.total.log().addi(sums.shift).toFloatArray();
        var conditionalMean = new float[logPartition.length][];
        Rows.copy(sums.weighted.divi(sums.total), conditionalMean, 0);
        requireFinite(logPartition);
        for (var row : conditionalMean) {
            requireFinite(row);
        }
        return new Prediction(logPartition, conditionalMean);
    }

    /** {@code Σ_w e^(φ_w·θ - shift)} and {@code Σ_w e^(φ_w·θ - shift) φ_w} over the words so far, of some states {@code θ}. */
    private final class ExponentialSums {

        private final NDArray theta;
        private final NDArray shift;
        private final NDArray total;
        private final NDArray weighted;

        /** The shift begins as the logit of some word, so that no total is below 1. */
        ExponentialSums(NDArray theta) {
            this.theta = theta;
            shift = theta.matMul(rows(theta.getManager(), new int[] {0}).transpose());
            total = shift.zerosLike();
            weighted = theta.zerosLike();
        }

        void add(NDArray phi) {
            phi.getManager().tempAttachAll(theta);
            var logits = Products.withTransposed(theta, phi).subi(shift);
            var exponentials = logits.exp();
            var sum = exponentials.sum(new int[] {-1}, true);
            if (sum.max().getFloat() > LARGE) {
                var rise = logits.max(new int[] {-1}, true).maximum(0);
                shift.addi(rise);
                total.divi(rise.exp());
                weighted.divi(rise.exp());
                exponentials = logits.subi(rise).exp();
                sum = exponentials.sum(new int[] {-1}, true);
            }
            total.addi(sum);
            weighted.addi(Products.of(exponentials, phi));
        }
    }

    private void requireFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new UnsupportedModelException("The model " + name + " computes " + value
                        + " for log Z or Φp: its weights overflow, or the file is damaged");
            }
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
            return Products.withTransposed(theta, embeddings).softmax(-1).toFloatArray();
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
            forEachWordBlock(scope, WORDS_A_BLOCK, (from, phi) -> {
                phi.getManager().tempAttachAll(theta);
                var p = Products.withTransposed(theta, phi).subi(log).exp();
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
        forEachBlock(states, (from, theta) -> {
            Rows.copy(Products.withTransposed(theta, rows(theta.getManager(), words)), logits, from);
        });
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
        var logPartition = predict(states).logPartition();
        var phi = embeddings(words);
        for (int i = 0; i < states.length; i++) {
            double logit = 0;
            for (int k = 0; k < dimension; k++) {
                logit += (double) phi[i][k] * states[i][k];
            }
            logProbabilities[i] = (float) (logit - logPartition[i]);
        }
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
                    WORDS_A_BLOCK,
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
            forEachWordBlock(scope, WORDS_A_BLOCK, (from, phi) -> {
                var centred = phi.toType(DataType.FLOAT64, true).sub(mu);
                moments.addi(centred.transpose().matMul(centred));
            });
            return Engine.rows(moments.divi(vocabularySize));
        }
    }

    /** {@code size} rows of the embeddings at a time, in memory that is freed after them. */
    private void forEachWordBlock(NDManager scope, int size, BlockConsumer consumer) {
        for (int from = 0; from < vocabularySize; from += size) {
            try (var blockScope = scope.newSubManager()) {
                var words = embeddings.get(new NDIndex("{}:{}", from, Math.min(from + size, vocabularySize)));
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

    /** {@value #STATES_A_BLOCK} states at a time. */
    private void forEachBlock(float[][] states, BlockConsumer consumer) {
        for (int from = 0; from < states.length; from += STATES_A_BLOCK) {
            try (var scope = scope()) {
                int size = Math.min(STATES_A_BLOCK, states.length - from);
                consumer.accept(from, Rows.array(scope, states, from, size, dimension));
            }
        }
    }
}
