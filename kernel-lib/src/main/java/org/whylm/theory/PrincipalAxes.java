package org.whylm.theory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.whylm.objective.AffineMap;
import org.whylm.probe.Standardization;
import org.whylm.run.Engine;

/**
 * Coordinates in which features are centred and uncorrelated: along the principal axes of the standardised features.
 *
 * @param scaling of the features
 * @param rotation {@code d×d}, row-major: column {@code k} is the {@code k}-th axis
 * @param variances {@code d}, along the axes, from the largest on
 */
record PrincipalAxes(Standardization scaling, double[] rotation, double[] variances) {

    private static final int BLOCK = 4096;

    static PrincipalAxes of(float[][] f) {
        int n = f.length, d = f[0].length;
        var scaling = Standardization.of(f);
        try (var manager = Engine.newManager()) {
            var moments = manager.zeros(new Shape(d, d), DataType.FLOAT64);
            for (int from = 0; from < n; from += BLOCK) {
                try (var scope = manager.newSubManager()) {
                    int rows = Math.min(BLOCK, n - from);
                    var z = Engine.array(scope, scaling.rows(f, from, rows), rows, d);
                    moments.addi(z.transpose().matMul(z));
                }
            }
            var eigen = SemidefiniteMatrices.eigen(moments.divi(n).toDoubleArray(), d);
            var order = IntStream.range(0, d)
                    .boxed()
                    .sorted(Comparator.comparingDouble(
                            k -> -eigen.getEigenvalue(k).getReal()))
                    .toList();
            var rotation = new double[d * d];
            var variances = new double[d];
            for (int k = 0; k < d; k++) {
                variances[k] = Math.max(0, eigen.getEigenvalue(order.get(k)).getReal());
                var axis = eigen.getEigenVector(order.get(k));
                for (int i = 0; i < d; i++) {
                    rotation[i * d + k] = axis.get(i);
                }
            }
            return new PrincipalAxes(scaling, rotation, variances);
        }
    }

    /** {@code d}. */
    int dimension() {
        return variances.length;
    }

    /** Features in these coordinates, {@code n×d} in float32. */
    NDArray coordinates(float[][] f, NDManager manager) {
        int n = f.length, d = dimension();
        var coordinates = manager.create(new Shape(n, d), DataType.FLOAT32);
        for (int from = 0; from < n; from += BLOCK) {
            int rows = Math.min(BLOCK, n - from);
            try (var scope = manager.newSubManager()) {
                var block = Engine.array(scope, scaling.rows(f, from, rows), rows, d)
                        .matMul(Engine.array(scope, rotation, d, d));
                coordinates.set(new NDIndex("{}:{}", from, from + rows), block.toType(DataType.FLOAT32, false));
            }
        }
        return coordinates;
    }

    /** The matrix on the axes that is {@code diag(a)} in standardised features: {@code d×d}, row-major. */
    double[] ofDiagonal(double[] a) {
        int d = dimension();
        try (var manager = Engine.newManager()) {
            var r = Engine.array(manager, rotation, d, d);
            return r.transpose().matMul(r.mul(manager.create(a).reshape(d, 1))).toDoubleArray();
        }
    }

    /**
     * The gradient of {@code scale·(½xᵀMx + g·x)} in the features' own coordinates.
     *
     * @param M {@code d×d}, row-major
     * @param g {@code d}
     */
    AffineMap inFeatures(double[] M, double[] g, double scale) {
        int d = dimension();
        try (var manager = Engine.newManager()) {
            var r = Engine.array(manager, rotation, d, d);
            var m = r.matMul(Engine.array(manager, M, d, d))
                    .matMul(r.transpose())
                    .toDoubleArray();
            var b = r.matMul(Engine.array(manager, g, d, 1)).toDoubleArray();
            var A = new double[d][d];
            for (int i = 0; i < d; i++) {
                b[i] *= scale / scaling.scale()[i];
                for (int j = 0; j < d; j++) {
                    A[i][j] = scale * (m[i * d + j] + m[j * d + i]) / (2 * scaling.scale()[i] * scaling.scale()[j]);
                    b[i] -= A[i][j] * scaling.mean()[j];
                }
            }
            return new AffineMap(A, b);
        }
    }
}
