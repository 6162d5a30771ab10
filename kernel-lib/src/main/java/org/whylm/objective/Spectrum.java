package org.whylm.objective;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/**
 * Eigenvalues of a symmetric positive semi-definite matrix, and its powers, negative ones by the pseudo-inverse.
 *
 * @param vectors eigenvectors of length 1, {@code n×n}, one a column
 * @param values the eigenvalue of each, in no order
 */
record Spectrum(DMatrixRMaj vectors, double[] values) {

    /** Eigenvalues at or below {@code n·2⁻⁵²} times the greatest count as 0. */
    static Spectrum of(DMatrixRMaj symmetric) {
        int n = symmetric.numRows;
        var eigen = DecompositionFactory_DDRM.eig(n, true, true);
        if (!eigen.decompose(symmetric.copy())) {
            throw new IllegalArgumentException(
                    "No eigenvalues of a " + n + "×" + n + " matrix: it holds NaN or infinities");
        }
        var vectors = new DMatrixRMaj(n, n);
        var values = new double[n];
        for (int index = 0; index < n; index++) {
            values[index] = eigen.getEigenvalue(index).getReal();
            CommonOps_DDRM.insert(eigen.getEigenVector(index), vectors, 0, index);
        }
        double negligible = Arrays.stream(values).reduce(0, Math::max) * n * Math.ulp(1.0);
        return new Spectrum(vectors, each(values, value -> value <= negligible ? 0 : value));
    }

    DMatrixRMaj power(double exponent) {
        var scaled = vectors.copy();
        CommonOps_DDRM.multCols(scaled, each(values, value -> value == 0 ? 0 : Math.pow(value, exponent)));
        return CommonOps_DDRM.multTransB(scaled, vectors, null);
    }

    private static double[] each(double[] values, DoubleUnaryOperator function) {
        return Arrays.stream(values).map(function).toArray();
    }
}
