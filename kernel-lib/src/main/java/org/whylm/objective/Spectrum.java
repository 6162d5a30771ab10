package org.whylm.objective;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/** Eigenvalues of a symmetric positive semi-definite matrix, and its powers, negative ones by the pseudo-inverse. */
final class Spectrum {

    private final DMatrixRMaj vectors;
    private final double[] values;

    private Spectrum(DMatrixRMaj vectors, double[] values) {
        this.vectors = vectors;
        this.values = values;
    }

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
        double greatest = 0;
        for (int index = 0; index < n; index++) {
            values[index] = eigen.getEigenvalue(index).getReal();
            greatest = Math.max(greatest, values[index]);
            CommonOps_DDRM.insert(eigen.getEigenVector(index), vectors, 0, index);
        }
        double negligible = greatest * n * Math.ulp(1.0);
        for (int index = 0; index < n; index++) {
            if (values[index] <= negligible) {
                values[index] = 0;
            }
        }
        return new Spectrum(vectors, values);
    }

    /** Eigenvalue {@code i}, in no order. */
    double value(int i) {
        return values[i];
    }

    /** The eigenvector of length 1 to {@link #value}. */
    double[] vector(int i) {
        return CommonOps_DDRM.extractColumn(vectors, i, null).data;
    }

    DMatrixRMaj power(double exponent) {
        int n = values.length;
        var scaled = vectors.copy();
        for (int column = 0; column < n; column++) {
            double factor = values[column] == 0 ? 0 : Math.pow(values[column], exponent);
            for (int row = 0; row < n; row++) {
                scaled.unsafe_set(row, column, factor * scaled.unsafe_get(row, column));
            }
        }
        return CommonOps_DDRM.multTransB(scaled, vectors, null);
    }
}
