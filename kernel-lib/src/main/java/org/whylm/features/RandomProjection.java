package org.whylm.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.ejml.dense.row.decomposition.TriangularSolver_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/**
 * A random {@code d×V} matrix {@code A} with orthonormal rows, uniform among all such matrices: {@code A = L⁻¹G} for a matrix
 * {@code G} of independent normal numbers and the Cholesky factor {@code GGᵀ = LLᵀ}, which is the {@code Q} of {@code Gᵀ = QR}. Only
 * {@code L} is held; {@code G} is drawn again, word by word, whenever it is needed.
 */
public final class RandomProjection {

    private static final int WORDS_A_BLOCK = 512;

    private final int dimension;
    private final int vocabularySize;
    private final long seed;
    private final double[] factor;

    private RandomProjection(int dimension, int vocabularySize, long seed, double[] factor) {
        this.dimension = dimension;
        this.vocabularySize = vocabularySize;
        this.seed = seed;
        this.factor = factor;
    }

    /** @throws IllegalArgumentException unless {@code d} is at least 1 and at most {@code V} */
    public static RandomProjection orthonormal(int dimension, int vocabularySize, long seed) {
        if (dimension < 1 || dimension > vocabularySize) {
            throw new IllegalArgumentException("No " + dimension + " orthonormal rows of length V = " + vocabularySize);
        }
        try (var manager = Engine.newManager()) {
            var gram = manager.zeros(new Shape(dimension, dimension), DataType.FLOAT64);
            var random = new Random(seed);
            for (int from = 0; from < vocabularySize; from += WORDS_A_BLOCK) {
                int words = Math.min(WORDS_A_BLOCK, vocabularySize - from);
                try (var scope = manager.newSubManager()) {
                    var g = scope.create(normals(random, words * dimension), new Shape(words, dimension))
                            .toType(DataType.FLOAT64, false);
                    gram.addi(g.transpose().matMul(g));
                }
            }
            return new RandomProjection(dimension, vocabularySize, seed, choleskyFactor(gram, dimension));
        }
    }

    /** {@code d}. */
    public int dimension() {
        return dimension;
    }

    /**
     * {@code A p_f} of each text.
     *
     * @return {@code n×d}
     * @throws IllegalArgumentException if the features are of another vocabulary
     */
    public float[][] of(Features features) {
        if (features.outputEmbeddings().vocabularySize() != vocabularySize) {
            throw new IllegalArgumentException("A projection of V = " + vocabularySize + " words for a model of "
                    + features.outputEmbeddings().vocabularySize());
        }
        int n = features.size();
        try (var manager = Engine.newManager()) {
            var sum = manager.zeros(new Shape(n, dimension));
            var random = new Random(seed);
            features.forEachWords(words -> {
                try (var scope = manager.newSubManager()) {
                    var p = scope.create(words.probabilities(), new Shape(n, words.size()));
                    var g = scope.create(normals(random, words.size() * dimension), new Shape(words.size(), dimension));
                    sum.addi(p.matMul(g));
                }
            });
            return orthonormalized(sum);
        }
    }

    /** {@code L⁻¹x} for each row {@code x}. */
    private float[][] orthonormalized(NDArray rows) {
        var values = Matrices.doubles(Matrices.rows(rows.toFloatArray(), dimension));
        for (var row : values) {
            TriangularSolver_DDRM.solveL(factor, row, dimension);
        }
        return Matrices.rows(Matrices.floats(values), dimension);
    }

    static float[] normals(Random random, int count) {
        var normals = new float[count];
        for (int i = 0; i < count; i++) {
            normals[i] = (float) random.nextGaussian();
        }
        return normals;
    }

    private static double[] choleskyFactor(NDArray gram, int dimension) {
        var matrix = Engine.matrix(gram);
        var cholesky = DecompositionFactory_DDRM.chol(dimension, true);
        if (!cholesky.decompose(matrix)) {
            throw new IllegalStateException(
                    dimension + " random rows are not linearly independent to rounding: use another seed");
        }
        return cholesky.getT(null).data;
    }
}
