package org.whylm.theory;

import ai.djl.ndarray.types.DataType;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.whylm.lm.Products;
import org.whylm.run.Engine;

/** The cone of symmetric matrices without negative eigenvalues. */
final class SemidefiniteMatrices {

    /** Eigenvalues below this part of the largest may be left with the wrong sign. */
    private static final double RESOLUTION = 1e-6;

    private static final double CONVERGED = 1e-7;

    /** More would bring the largest eigenvalues down to the smallest, and the digits of float32 would be lost. */
    private static final double LARGEST_STRETCH = 1.69770248526;

    private SemidefiniteMatrices() {}

    /**
     * The nearest (Frobenius) semidefinite matrix, {@code (A + A·sign A)/2}, up to {@value #RESOLUTION} of the norm of {@code A}.
     *
     * <p>The sign of a matrix, by Newton and Schulz's iteration {@code X ← X(3I - X²)/2}, takes products alone and is far cheaper
     * than eigenvalues; float32 has the digits for it. {@code X} is first stretched as far as is stable when all its eigenvalues
     * are at least {@code least} in absolute value (Chen and Chow, 2014).
     *
     * @param matrix {@code d×d}, row-major; only its symmetric part counts
     */
    static double[] nearest(double[] matrix, int d) {
        try (var manager = Engine.newManager()) {
            var given = Engine.array(manager, matrix, d, d);
            var a = given.add(given.transpose()).divi(2);
            // ‖A²‖_F^½ is no less than the largest absolute eigenvalue
            double norm = Math.sqrt(Math.sqrt(a.matMul(a).square().sum().getDouble()));
            if (norm == 0) {
                return matrix.clone();
            }
            var sign = a.div(norm).toType(DataType.FLOAT32, false);
            for (double least = RESOLUTION; 1 - least > CONVERGED; ) {
                double stretch = Math.min(LARGEST_STRETCH, Math.sqrt(3 / (1 + least + least * least)));
                try (var step = manager.newSubManager()) {
                    sign.tempAttach(step);
                    var cube = Products.of(Products.of(sign, sign), sign).muli(-stretch * stretch * stretch / 2);
                    sign.muli(1.5 * stretch).addi(cube);
                }
                least *= stretch * (3 - stretch * stretch * least * least) / 2;
            }
            var half = a.matMul(sign.toType(DataType.FLOAT64, false)).addi(a).divi(2);
            return half.add(half.transpose()).divi(2).toDoubleArray();
        }
    }

    /** The nearest semidefinite matrix from the eigenvalues of a symmetric one, to rounding: dearer. */
    static double[] exactlyNearest(double[] symmetric, int d) {
        var eigen = eigen(symmetric, d);
        var nearest = new DMatrixRMaj(d, d, true, symmetric.clone());
        for (int k = 0; k < d; k++) {
            double value = eigen.getEigenvalue(k).getReal();
            if (value < 0) {
                CommonOps_DDRM.multAddTransB(-value, eigen.getEigenVector(k), eigen.getEigenVector(k), nearest);
            }
        }
        return nearest.data;
    }

    static EigenDecomposition_F64<DMatrixRMaj> eigen(double[] symmetric, int d) {
        var eigen = DecompositionFactory_DDRM.eig(d, true, true);
        if (!eigen.decompose(new DMatrixRMaj(d, d, true, symmetric.clone()))) {
            throw new ArithmeticException(
                    "The eigenvalues of a " + d + "×" + d + " matrix were not found: not finite?");
        }
        return eigen;
    }
}
